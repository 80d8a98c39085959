#include "services/files.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "domain/reasons.hpp"
#include "support/api_fixture.hpp"

namespace izpo::services {
namespace {

using ::testing::SizeIs;

// A file in small pieces.
class Pieces final : public FileSource {
 public:
  explicit Pieces(std::string bytes, std::size_t piece = 10) : bytes_(std::move(bytes)), piece_(piece) {}

  Task<Result<std::string_view>> next() override { co_return next_ready(); }

  std::string_view next_ready() override {
    const auto piece = std::string_view(bytes_).substr(at_, piece_);
    at_ += piece.size();
    return piece;
  }

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

class FilesTest : public testing::ApiFixture {
 protected:
  Result<File> upload(const std::string& name, std::string bytes) {
    Pieces source(std::move(bytes));
    auto received = testing::run_task(files_.receive(ana_, name, source));
    if (!received) return fail(std::move(received).error());
    return testing::run_task(files_.keep(*std::move(received)));
  }

  std::size_t collect() { return testing::run_task(files_.collect()).value(); }

  bool has_bytes(const File& file) { return testing::run_task(files_.open(file)).has_value(); }

  const Principal ana_ = (add_user("ana.m"), caller("ana.m"));
};

TEST_F(FilesTest, AReceivedFileIsNotThereBeforeItIsKept) {
  Pieces source("hola");
  {
    const auto received = testing::run_task(files_.receive(ana_, "a.txt", source));
    ASSERT_TRUE(received);
    EXPECT_TRUE(testing::run_task(files_.list(ana_, {})).value().empty());
  }
  EXPECT_EQ(collect(), 0U);
  EXPECT_TRUE(upload("a.txt", "hola"));
  EXPECT_THAT(testing::run_task(files_.list(ana_, {})).value(), SizeIs(1));
}

TEST_F(FilesTest, TheLimitIsOfTheFileOrOfTheQuotaThatIsLeft) {
  EXPECT_TRUE(upload("a.txt", std::string(1000, 'a')));
  EXPECT_EQ(upload("b.txt", std::string(1001, 'b')).error().reason, reason::kFileTooLarge);
  for (const char name : {'b', 'c', 'd'}) EXPECT_TRUE(upload("x.txt", std::string(1000, name)));
  EXPECT_TRUE(upload("e.txt", std::string(500, 'e')));
  const auto over = upload("f.txt", std::string(501, 'f'));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().reason, reason::kQuotaExceeded);
  EXPECT_EQ(std::get<std::int64_t>(over.error().details.at(1).value), 4500);
}

TEST_F(FilesTest, WhatIsWrittenWithoutWaitingCountsToo) {
  constexpr std::size_t kMost = 5'000'000;  // more than is written in one go
  Files large = files_by({.max_file_size = kMost, .max_files = 3, .user_quota = {}});
  const auto receive = [&](std::size_t size) {
    Pieces source(std::string(size, 'a'), 60'000);
    return testing::run_task(large.receive(ana_, "a.txt", source));
  };
  EXPECT_EQ(receive(kMost + 1).error().reason, reason::kFileTooLarge);
  auto received = receive(kMost);
  ASSERT_TRUE(received);
  EXPECT_EQ(testing::run_task(large.keep(*std::move(received))).value().size, std::int64_t{kMost});
}

TEST_F(FilesTest, BytesGoWhenNobodyHasHadThemForTheGrace) {
  const File kept = upload("a.txt", "queda").value();
  const File gone = upload("b.txt", "se va").value();
  clock_.advance(std::chrono::hours(5));
  EXPECT_EQ(collect(), 0U);
  ASSERT_TRUE(testing::run_task(files_.remove(ana_, gone.id)));
  EXPECT_EQ(collect(), 0U);
  EXPECT_TRUE(has_bytes(gone));
  clock_.advance(std::chrono::minutes(61));
  EXPECT_EQ(collect(), 1U);
  EXPECT_FALSE(has_bytes(gone));
  EXPECT_TRUE(has_bytes(kept));
}

TEST_F(FilesTest, ALinkEndsWithItsFileAlsoWhenItWasFollowedJustNow) {
  const File file = upload("a.txt", "hola").value();
  const std::string link = links_.link(file, "");
  const auto begin = link.find('/', 7) + 1;
  const std::string token = link.substr(begin, link.find('/', begin) - begin);
  EXPECT_TRUE(testing::run_task(files_.get_by_link(file.id, token)));
  EXPECT_TRUE(testing::run_task(files_.get_by_link(file.id, token)));
  ASSERT_TRUE(testing::run_task(files_.remove(ana_, file.id)));
  EXPECT_EQ(testing::run_task(files_.get_by_link(file.id, token)).error().reason, reason::kFileNotFound);
}

TEST_F(FilesTest, OnlySoManyUploadsRunAtOnce) {
  std::vector<UploadPlace> places;
  for (std::size_t i = 0; i < files_.rules().most_uploads; ++i)
    places.push_back(files_.begin_upload().value());
  EXPECT_EQ(files_.begin_upload().error().reason, reason::kOverloaded);
  places.pop_back();
  EXPECT_TRUE(files_.begin_upload());
}

}  // namespace
}  // namespace izpo::services
