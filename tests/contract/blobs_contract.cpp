#include "contract/blobs_contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "adapters/system/random.hpp"
#include "base/text.hpp"
#include "support/run_task.hpp"

namespace izpo::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// BLAKE3 of "abc"
constexpr std::string_view kAbc = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";

class BlobsContract : public ::testing::TestWithParam<BlobBackendKind> {
 protected:
  template <class T>
  static T ok(Task<Result<T>> task) {
    Result<T> result = run_task(std::move(task));
    if (!result)
      throw std::runtime_error(std::string(result.error().reason.name) + result.error().log_detail);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
  template <class T>
  static std::string_view failure(Task<Result<T>> task) {
    const Result<T> result = run_task(std::move(task));
    return result ? "ok" : result.error().reason.name;
  }

  Blobs& blobs() { return backend_->blobs(); }

  // Names as services/files makes them: no two are the same, in any test.
  static BlobLabel label() {
    std::array<unsigned char, 16> bytes{};
    system::SystemRandom().fill(bytes);
    return {.stored_filename = "2025/01/02/" + to_hex(bytes) + ".txt", .content_type = "text/plain"};
  }

  StoredBlob put(std::string_view bytes, std::size_t piece = 1000) {
    auto writer = ok(blobs().create(label()));
    for (std::size_t at = 0; at < bytes.size(); at += piece) ok(writer->write(bytes.substr(at, piece)));
    return ok(writer->finish());
  }

  std::string read(const std::string& name, std::int64_t offset = 0, std::size_t most = 1'000'000) {
    const auto reader = ok(blobs().open(name));
    std::string bytes(most, '\0');
    std::size_t filled = 0;
    while (filled < most) {
      const auto count =
          ok(reader->read(offset + static_cast<std::int64_t>(filled), std::span(bytes).subspan(filled)));
      if (count == 0) break;
      filled += count;
    }
    bytes.resize(filled);
    return bytes;
  }

  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& blob : ok(blobs().list("", 1000))) all.push_back(blob.name);
    return all;
  }

  std::unique_ptr<BlobBackend> backend_ = GetParam().make();
};

TEST_P(BlobsContract, WhatWasWrittenIsReadWithItsSizeAndDigest) {
  const StoredBlob stored = put("abc", 1);
  EXPECT_EQ(stored.size, 3);
  EXPECT_EQ(stored.digest, kAbc);
  backend_->reopen();
  EXPECT_EQ(read(stored.name), "abc");
  EXPECT_EQ(ok(blobs().open(stored.name))->size(), 3);
}

TEST_P(BlobsContract, AnyRangeOfALargeOneIsRead) {
  std::string bytes;
  for (int i = 0; bytes.size() < 300'000; ++i) bytes += std::to_string(i);
  const StoredBlob stored = put(bytes, 64'000);
  EXPECT_EQ(stored.size, std::ssize(bytes));
  EXPECT_EQ(read(stored.name), bytes);
  EXPECT_EQ(read(stored.name, 123'456, 7'000), bytes.substr(123'456, 7'000));
  EXPECT_EQ(read(stored.name, stored.size - 2), bytes.substr(bytes.size() - 2));
  EXPECT_EQ(read(stored.name, stored.size), "");
  EXPECT_EQ(read(stored.name, 0, 65'536), bytes.substr(0, 65'536));
  EXPECT_TRUE(run_task(ok(blobs().open(stored.name))->prepare(0, stored.size)));
}

TEST_P(BlobsContract, ASmallOneIsThereAtOnceOrNot) {
  const StoredBlob stored = put("abc");
  const auto reader = ok(blobs().open(stored.name));
  if (!reader->whole().empty()) {
    EXPECT_EQ(reader->whole(), "abc");
  }
}

TEST_P(BlobsContract, OneThatIsGivenUpLeavesNothing) {
  {
    auto writer = ok(blobs().create(label()));
    ok(writer->write(std::string_view("half")));
    auto larger = ok(blobs().create(label()));
    const std::string piece(600'000, 'x');
    for (int i = 0; i < 4; ++i) ok(larger->write(piece));
  }
  EXPECT_THAT(names(), IsEmpty());
  backend_->reopen();
  EXPECT_THAT(names(), IsEmpty());
}

TEST_P(BlobsContract, EqualBytesAreReadAlikeAndGoTogetherOrApart) {
  const StoredBlob first = put("igual");
  const StoredBlob second = put("igual");
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(read(first.name), "igual");
  EXPECT_EQ(read(second.name), "igual");
}

TEST_P(BlobsContract, OneStoredAgainIsNotRemovedByWhoSawItUnused) {
  const StoredBlob stored = put("abc");
  const Timestamp seen = backend_->clock().now();
  backend_->clock().advance(std::chrono::seconds(10));
  const StoredBlob again = put("abc");
  ok(blobs().remove(again.name, seen));
  EXPECT_EQ(read(again.name), "abc");
  ok(blobs().remove(again.name, seen + std::chrono::seconds(10)));
  EXPECT_EQ(failure(blobs().open(again.name)), "file_not_found");
}

TEST_P(BlobsContract, OneThatIsRemovedStaysForWhoReadsIt) {
  const StoredBlob stored = put("abc");
  const auto reader = ok(blobs().open(stored.name));
  ok(blobs().remove(stored.name, backend_->clock().now()));
  ok(blobs().remove(stored.name, backend_->clock().now()));
  std::string bytes(3, '\0');
  EXPECT_EQ(ok(reader->read(0, bytes)), 3U);
  EXPECT_EQ(bytes, "abc");
}

TEST_P(BlobsContract, NoNameFromOutsideIsFound) {
  for (const char* name : {"", "..", "../../etc/passwd", "tmp", "/etc/passwd"}) {
    EXPECT_EQ(failure(blobs().open(name)), "file_not_found") << name;
    ok(blobs().remove(name, backend_->clock().now()));
  }
}

TEST_P(BlobsContract, AllAreListedInOrderAPageAtATime) {
  std::vector<std::string> stored;
  for (int i = 0; i < 25; ++i) stored.push_back(put(std::to_string(i)).name);
  std::ranges::sort(stored);
  EXPECT_THAT(names(), ElementsAreArray(stored));

  std::vector<std::string> paged;
  for (std::string after;;) {
    const auto page = ok(blobs().list(after, 4));
    if (page.empty()) break;
    EXPECT_LE(page.size(), 4U);
    for (const auto& blob : page) {
      paged.push_back(blob.name);
      // A storage elsewhere has a clock of its own.
      EXPECT_GE(blob.stored_at, backend_->clock().now() - std::chrono::minutes(1));
      EXPECT_LE(blob.stored_at, backend_->clock().now() + std::chrono::minutes(1));
    }
    after = page.back().name;
  }
  EXPECT_THAT(paged, ElementsAreArray(stored));
}

INSTANTIATE_TEST_SUITE_P(Every, BlobsContract,
                         ::testing::Values(BlobBackendKind{.name = "Disk", .make = make_disk_blobs},
                                           BlobBackendKind{.name = "Gcs", .make = make_gcs_blobs}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace izpo::testing
