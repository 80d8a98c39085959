#include "services/thumbnails.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "adapters/memory/store.hpp"
#include "domain/reasons.hpp"
#include "support/fixed_clock.hpp"
#include "support/run_task.hpp"

namespace izpo::services {
namespace {

namespace asio = boost::asio;
using Texts = std::vector<std::string>;

std::string webp(char content) {
  return std::string("RIFF\x05\0\0\0WEBP", 12) + content;
}

class NoBytes final : public BlobReader {
 public:
  std::int64_t size() const override { return 0; }
  Task<Result<std::size_t>> read(std::int64_t, std::span<char>) override { co_return std::size_t{0}; }
};

class AnyBlob final : public Blobs {
 public:
  Task<Result<std::unique_ptr<BlobWriter>>> create(BlobLabel) override { co_return fail(reason::kInternal); }
  Task<Result<std::unique_ptr<BlobReader>>> open(std::string) override {
    co_return std::make_unique<NoBytes>();
  }
  Task<Result<std::optional<std::string>>> direct_link(std::string, DirectLink) override {
    co_return std::nullopt;
  }
  Task<Result<void>> remove(std::string, Timestamp) override { co_return Result<void>{}; }
  Task<Result<std::vector<Listed>>> list(std::string, std::size_t) override {
    co_return std::vector<Listed>{};
  }
};

// Scales when the test says so, the first that asked first.
class GatedScaler final : public ImageScaler {
 public:
  Task<Result<std::string>> scale(BlobReader&, int side) override {
    ++runs;
    co_await suspend([this](Resume resume) { waiting.push_back(std::move(resume)); });
    if (failure) co_return fail(Error(*failure, "as told"));
    co_return webp(side == kThumbnailSide ? 's' : 'l');
  }

  void finish_one() {
    Resume resume = std::move(waiting.front());
    waiting.erase(waiting.begin());
    resume();
  }

  int runs = 0;
  std::vector<Resume> waiting;
  std::optional<Reason> failure;
};

class MapCache final : public ThumbnailCache {
 public:
  Task<Result<std::optional<std::string>>> find(std::string blob, int side) override {
    const auto found = kept.find({blob, side});
    co_return found == kept.end() ? std::nullopt : std::optional(found->second);
  }
  Task<Result<void>> keep(std::string blob, int side, std::string bytes) override {
    kept[{blob, side}] = bytes;
    co_return Result<void>{};
  }
  Task<Result<std::vector<std::string>>> blobs(unsigned shard) override {
    std::vector<std::string> found;
    for (const auto& [key, bytes] : kept) {
      if (shard == 7) found.push_back(key.first);
    }
    co_return found;
  }
  Task<Result<void>> remove(std::string blob) override {
    std::erase_if(kept, [&](const auto& entry) { return entry.first.first == blob; });
    co_return Result<void>{};
  }

  std::map<std::pair<std::string, int>, std::string> kept;
};

File image(const std::string& blob) {
  return {.id = FileId(1),
          .original_filename = "a.png",
          .stored_filename = blob,
          .size = 1,
          .content_type = "image/png",
          .public_url = {},
          .uploader = UserId(1),
          .uploaded_at = {},
          .blob = blob,
          .digest = {},
          .image_size = ImageSize{.width = 640, .height = 480}};
}

class ThumbnailsTest : public ::testing::Test {
 protected:
  void ask(const std::string& blob, int side = kThumbnailSide) {
    asio::co_spawn(loop_, answer(image(blob), side),
                   [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
    poll();
  }

  Task<> answer(File file, int side) {
    const auto got = co_await thumbnails_.get(file, side);
    answers_.push_back(got ? std::string(1, got->back()) : std::string(got.error().reason.name));
  }

  void poll() {
    loop_.restart();
    loop_.poll();
  }

  void finish_one() {
    scaler_.finish_one();
    poll();
  }

  asio::io_context loop_;
  testing::FixedClock clock_;
  AnyBlob blobs_;
  memory::Store store_;
  GatedScaler scaler_;
  MapCache cache_;
  Thumbnails thumbnails_{
      {.blobs = blobs_, .files = store_.files(), .scaler = scaler_, .cache = cache_, .clock = clock_},
      {.most_at_once = 2, .most_waiting = 3}};
  Texts answers_;
};

TEST_F(ThumbnailsTest, WhatManyAskForIsMadeOnceAndKept) {
  for (int i = 0; i < 3; ++i) ask("a");
  ask("a", kPreviewSide);
  EXPECT_EQ(scaler_.runs, 2);
  finish_one();
  EXPECT_EQ(answers_, (Texts{"s", "s", "s"}));
  finish_one();
  EXPECT_EQ(answers_.back(), "l");
  ask("a");
  EXPECT_EQ(scaler_.runs, 2);
  EXPECT_EQ(answers_.size(), 5U);
}

TEST_F(ThumbnailsTest, SoManyAreMadeAtOnceSoManyWaitAndTheRestIsTurnedAway) {
  for (const auto* blob : {"a", "b", "c", "d"}) ask(blob);
  ask("a");
  EXPECT_EQ(scaler_.runs, 2);
  EXPECT_TRUE(answers_.empty());
  ask("b");
  ask("e");
  EXPECT_EQ(answers_, (Texts{"overloaded", "overloaded"}));
  for (int i = 0; i < 4; ++i) finish_one();
  EXPECT_EQ(scaler_.runs, 4);
  EXPECT_EQ(answers_.size(), 7U);
  ask("e");
  finish_one();
  EXPECT_EQ(answers_.back(), "s");
}

TEST_F(ThumbnailsTest, WhatFailedIsNotTriedAgainForAWhile) {
  scaler_.failure = reason::kNoThumbnail;
  ask("a");
  ask("a");
  finish_one();
  EXPECT_EQ(answers_, (Texts{"thumbnail_not_available", "thumbnail_not_available"}));
  ask("a");
  EXPECT_EQ(scaler_.runs, 1);
  scaler_.failure = std::nullopt;
  clock_.advance(std::chrono::minutes(11));
  ask("a");
  finish_one();
  EXPECT_EQ(answers_.back(), "s");
}

TEST_F(ThumbnailsTest, AServerThatStopsIsNoFailureOfTheImage) {
  scaler_.failure = reason::kShuttingDown;
  ask("a");
  finish_one();
  EXPECT_EQ(answers_, (Texts{"shutting_down"}));
  ask("a");
  EXPECT_EQ(scaler_.runs, 2);
  finish_one();
}

TEST_F(ThumbnailsTest, OnlyImagesOfASaneSizeAndOnlyTwoSides) {
  const auto refuses = [&](File file, int side = kThumbnailSide) {
    return testing::run_task(thumbnails_.get(file, side)).error().reason == reason::kNoThumbnail;
  };
  EXPECT_TRUE(refuses(image("a"), 321));
  const auto sized = [](std::int64_t width, std::int64_t height) {
    File file = image("a");
    file.image_size = ImageSize{.width = width, .height = height};
    return file;
  };
  EXPECT_TRUE(refuses(sized(30'000, 30'000)));
  EXPECT_TRUE(refuses(sized(0, 5)));
  EXPECT_TRUE(refuses(sized(INT64_MAX, INT64_MAX)));
  EXPECT_TRUE(can_have_thumbnails(sized(10'000, 5'000)));
  EXPECT_FALSE(can_have_thumbnails(sized(10'000, 5'001)));
  File other = image("a");
  other.content_type = "image/svg+xml";
  EXPECT_TRUE(refuses(other));
  other = image("");
  EXPECT_TRUE(refuses(other));
  other = image("a");
  other.image_size = std::nullopt;
  EXPECT_TRUE(refuses(other));
  EXPECT_EQ(scaler_.runs, 0);
}

TEST_F(ThumbnailsTest, AnAnswerThatIsNoWholeWebpIsNoneAndOneThatWasKeptIsMadeAnew) {
  cache_.kept[{"a", kThumbnailSide}] = webp('x').substr(0, 12);
  ask("a");
  EXPECT_EQ(scaler_.runs, 1);
  finish_one();
  EXPECT_EQ(answers_, (Texts{"s"}));
}

TEST_F(ThumbnailsTest, PicturesGoWithTheirBlobs) {
  const auto user =
      testing::run_task(store_.users().create({.username = "ana",
                                               .username_keys = {.folded = "ana", .skeleton = "ana"},
                                               .email = "ana@example.test",
                                               .email_key = "ana@example.test",
                                               .full_name = std::nullopt,
                                               .password_hash = "none",
                                               .created_at = clock_.now()}));
  File file = image("kept");
  file.uploader = user.value().id;
  const FileId id = testing::run_task(store_.files().create(file, std::nullopt)).value().id;
  cache_.kept[{"kept", kThumbnailSide}] = cache_.kept[{"gone", kPreviewSide}] = webp('x');
  const auto collect = [&] { return testing::run_task(thumbnails_.collect(clock_.now())).value(); };
  EXPECT_EQ(collect(), 1U);
  EXPECT_EQ(cache_.kept.size(), 1U);
  ASSERT_TRUE(testing::run_task(store_.files().remove(id, user.value().id, clock_.now())));
  EXPECT_EQ(collect(), 1U);
  EXPECT_TRUE(cache_.kept.empty());
}

}  // namespace
}  // namespace izpo::services
