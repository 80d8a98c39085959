#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/backend.hpp"
#include "domain/reasons.hpp"
#include "support/run_task.hpp"

namespace izpo::testing {

// The ground of every store's suite: an adapter's stores, and what most tests need in them.
class StoreContract : public ::testing::TestWithParam<BackendKind> {
 protected:
  static constexpr Timestamp kNow = from_micros(1'790'000'000'123'456);
  static Timestamp later(std::int64_t seconds) { return kNow + std::chrono::seconds(seconds); }

  // The value of an operation that succeeds; otherwise throws, which fails the test.
  template <class T>
  static T ok(Task<Result<T>> task) {
    Result<T> result = run_task(std::move(task));
    if (!result) {
      throw std::runtime_error("failed with " + std::string(result.error().reason.name) + " " +
                               result.error().log_detail);
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  // The reason of an operation that fails, or "ok".
  template <class T>
  static std::string_view failure(Task<Result<T>> task) {
    return name_of(run_task(std::move(task)));
  }

  template <class T>
  static std::string_view name_of(const Result<T>& result) {
    return result ? "ok" : result.error().reason.name;
  }

  static NewUser new_user(const std::string& name) {
    return {.username = name,
            .username_keys = {.folded = "folded-" + name, .skeleton = "skeleton-" + name},
            .email = name + "@example.test",
            .email_key = name + "@example.test",
            .full_name = std::nullopt,
            .password_hash = "hash-of-" + name,
            .created_at = kNow};
  }

  User add_user(const std::string& name) { return ok(users().create(new_user(name))); }

  Room add_room(UserId owner, bool is_private = false, const std::string& name = "sala") {
    return ok(rooms().create({.name = name,
                              .description = std::nullopt,
                              .is_private = is_private,
                              .owner = owner,
                              .created_at = kNow}));
  }

  static File new_file(const std::string& name, UserId uploader) {
    return {.id = {},
            .original_filename = name,
            .stored_filename = "stored-" + name,
            .size = 1234,
            .content_type = "image/png",
            .public_url = "",
            .uploader = uploader,
            .uploaded_at = kNow,
            .blob = "blob-of-" + name};
  }

  FileId add_file(const std::string& name, UserId uploader) {
    return ok(files().create(new_file(name, uploader), std::nullopt)).id;
  }

  static PendingMessage pending(RoomId room, UserId sender, std::string content,
                                std::optional<std::string> client_id = std::nullopt) {
    return {.room = room,
            .sender = sender,
            .content = std::move(content),
            .client_id = std::move(client_id),
            .file = std::nullopt};
  }

  std::vector<AppendOutcome> append(std::vector<PendingMessage> batch, Timestamp now = kNow) {
    return ok(messages().append(std::move(batch), now));
  }

  AppendedMessage append_one(PendingMessage message, Timestamp now = kNow) {
    std::vector<PendingMessage> batch;
    batch.push_back(std::move(message));
    return append(std::move(batch), now).at(0).value();
  }

  // Starts both operations from two threads at the same moment, each on a loop of its own.
  template <class First, class Second>
  auto at_once(First first, Second second) {
    std::latch ready(2);
    auto other = std::async(std::launch::async, [&] {
      ready.arrive_and_wait();
      return run_task(loops_[1], second());
    });
    ready.arrive_and_wait();
    auto one = run_task(loops_[0], first());
    return std::pair(std::move(one), other.get());
  }

  UserStore& users() { return backend_->users(); }
  SessionStore& sessions() { return backend_->sessions(); }
  RoomStore& rooms() { return backend_->rooms(); }
  MemberStore& members() { return backend_->members(); }
  MessageStore& messages() { return backend_->messages(); }
  FileStore& files() { return backend_->files(); }
  LineageStore& lineage() { return backend_->lineage(); }
  Backend& backend() { return *backend_; }

 private:
  std::array<boost::asio::io_context, 2> loops_;  // outlive the backend's threads, which post to them
  std::unique_ptr<Backend> backend_ = GetParam().make();
};

}  // namespace izpo::testing
