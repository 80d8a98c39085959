#include "api/multipart_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "domain/reasons.hpp"
#include "support/api_fixture.hpp"
#include "support/run_task.hpp"

namespace izpo::api {
namespace {

std::string head(std::string_view name) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) +
         "\"; filename=\"a.txt\"\r\n\r\n";
}

class MultipartReaderTest : public ::testing::Test {
 protected:
  void open(std::string form) {
    body_.emplace(std::move(form));
    reader_.emplace(*body_, "b");
  }
  Result<std::optional<wire::PartHead>> next_part() { return testing::run_task(reader_->next_part()); }
  Result<std::string_view> read() { return testing::run_task(reader_->read()); }
  std::string read_all_ready() {
    std::string all;
    for (auto piece = reader_->read_ready(); !piece.empty(); piece = reader_->read_ready()) all += piece;
    return all;
  }

  std::optional<testing::TextBody> body_;
  std::optional<MultipartReader> reader_;
};

TEST_F(MultipartReaderTest, WhatIsReadyEndsWithThePartAndTheNextOneIsStillThere) {
  const std::string large(300'000, 'x');
  open(head("one") + large + "\r\n" + head("two") + "y\r\n--b--\r\n");
  EXPECT_EQ(read_all_ready(), "") << "no part has begun";
  ASSERT_TRUE(next_part().value());
  std::string all(read().value());
  all += read_all_ready();
  EXPECT_EQ(all, large);
  EXPECT_EQ(read_all_ready(), "") << "its end is found once";
  EXPECT_EQ(read().value(), "");
  EXPECT_EQ(read().value(), "");
  EXPECT_EQ(next_part().value()->name, "two");
  EXPECT_EQ(read_all_ready(), "y");
  EXPECT_FALSE(next_part().value());
}

TEST_F(MultipartReaderTest, APartWhoseEndWasFoundReadyCanBePassedOver) {
  open(head("one") + "x\r\n" + head("two") + "y\r\n--b--\r\n");
  ASSERT_TRUE(next_part().value());
  EXPECT_EQ(read_all_ready(), "x");
  EXPECT_EQ(next_part().value()->name, "two");
}

TEST_F(MultipartReaderTest, WhatIsMalformedInWhatIsReadyIsSaidByRead) {
  open(head("one") + "x\r\n--b?\r\n");
  ASSERT_TRUE(next_part().value());
  EXPECT_EQ(read_all_ready(), "x");
  EXPECT_EQ(read().value(), "") << "the part has its end";
  EXPECT_EQ(next_part().error().reason, reason::kMalformedForm);
}

TEST_F(MultipartReaderTest, AFormThatIsCutOffHasNothingReadyAndIsMalformed) {
  open(head("one") + "x\r\n--");
  ASSERT_TRUE(next_part().value());
  EXPECT_EQ(read_all_ready(), "x");
  EXPECT_EQ(read().error().reason, reason::kMalformedForm);
}

}  // namespace
}  // namespace izpo::api
