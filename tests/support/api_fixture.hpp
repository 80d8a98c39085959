#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <utility>

#include "adapters/disk/blobs.hpp"
#include "adapters/disk/thumbnail_cache.hpp"
#include "adapters/magic/content_sniffer.hpp"
#include "api/api.hpp"
#include "api/chat_socket.hpp"
#include "domain/reasons.hpp"
#include "realtime/hub.hpp"
#include "support/identity_fixture.hpp"

namespace izpo::testing {

// A body that is there at once.
class TextBody final : public api::BodySource {
 public:
  explicit TextBody(std::string text, bool declares_size = true)
      : text_(std::move(text)), declares_size_(declares_size) {}

  std::optional<std::uint64_t> declared_size() const override {
    return declares_size_ ? std::optional<std::uint64_t>(text_.size()) : std::nullopt;
  }

  Task<Result<std::size_t>> read(std::span<char> buffer) override { co_return read_ready(buffer); }

  std::size_t read_ready(std::span<char> buffer) override {
    const std::size_t size = std::min(buffer.size(), text_.size() - read_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(read_), size, buffer.begin());
    read_ += size;
    return size;
  }

  std::size_t bytes_read() const { return read_; }

 private:
  std::string text_;
  bool declares_size_;
  std::size_t read_ = 0;
};

// Stores each message by itself and shows it to nobody: the operations do not see the difference.
class PlainLog final : public MessageLog {
 public:
  PlainLog(MessageStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  void append(PendingMessage message, Executor home, Completion done) override {
    boost::asio::co_spawn(home, store(std::move(message), std::move(done)), boost::asio::detached);
  }

  void change(Change change, Executor home, ChangeCompletion done) override {
    boost::asio::co_spawn(home, make(std::move(change), std::move(done)), boost::asio::detached);
  }

 private:
  static Task<> make(Change change, ChangeCompletion done) {
    auto changed = co_await change();
    if (changed) {
      done({});
    } else {
      done(fail(std::move(changed).error()));
    }
  }

  Task<> store(PendingMessage message, Completion done) {
    std::vector<PendingMessage> batch;
    batch.push_back(std::move(message));
    auto outcomes = co_await store_.append(std::move(batch), clock_.now());
    if (outcomes) {
      done(std::move(outcomes->front()));
    } else {
      done(fail(std::move(outcomes).error()));
    }
  }

  MessageStore& store_;
  const Clock& clock_;
};

// The images of these tests are not to be looked at.
class NoScaler final : public ImageScaler {
 public:
  Task<Result<std::string>> scale(BlobReader& /*image*/, int /*side*/) override {
    co_return fail(reason::kNoThumbnail);
  }
};

struct Reply {
  int status = 0;
  api::Headers headers;
  std::string text;
  boost::json::value json;  // null when the body is not JSON
};

// The whole API over the real services and the SQLite store, without a network.
class ApiFixture : public IdentityFixture {
 protected:
  ApiFixture() { make_api({.allowed_origins = {"https://web.example.org"}, .access_log = false}); }

  services::Files files_by(services::FileRules rules) {
    return {{.files = store_->files(),
             .blobs = *blobs_,
             .sniffer = sniffer_,
             .access = access_,
             .links = links_,
             .log = log_,
             .clock = clock_,
             .random = random_},
            rules};
  }

  void make_api(api::Options options) {
    options.static_directory = (directory_.path() / "static").string();
    api_ = std::make_unique<api::Api>(api::Services{.sessions = *sessions_,
                                                    .accounts = *accounts_,
                                                    .rooms = rooms_,
                                                    .messages = messages_,
                                                    .files = files_,
                                                    .thumbnails = thumbnails_,
                                                    .links = links_,
                                                    .chat_sockets = chat_sockets_},
                                      std::move(options));
  }

  // A request as a client in English makes it; `token` may be empty.
  static api::Request request(api::Method method, std::string target, const std::string& token = {}) {
    api::Request request;
    request.method = method;
    request.target = std::move(target);
    request.request_id = "test-request";
    request.peer_address = std::string(kAddress);
    request.headers.add("Host", "chat.example.org");
    request.headers.add("Accept-Language", "en");
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    return request;
  }

  Reply send(api::Request request, std::string body = {}) {
    TextBody source(std::move(body));
    request.body = &source;
    api::Response response = run_task(api_->handle(request));
    Reply reply{.status = response.status,
                .headers = std::move(response.headers),
                .text = std::move(response.body),
                .json = {}};
    boost::json::error_code error;
    reply.json = boost::json::parse(reply.text, error);
    return reply;
  }
  Reply get(std::string target, const std::string& token = {}) {
    return send(request(api::Method::kGet, std::move(target), token));
  }
  Reply post(std::string target, const std::string& token, std::string body = {}) {
    return send(request(api::Method::kPost, std::move(target), token), std::move(body));
  }
  Reply put(std::string target, const std::string& token, std::string body) {
    return send(request(api::Method::kPut, std::move(target), token), std::move(body));
  }
  Reply remove(std::string target, const std::string& token) {
    return send(request(api::Method::kDelete, std::move(target), token));
  }

  // An account and its access token.
  std::string newcomer(std::string name) {
    add_user(name);
    return log_in(std::move(name)).value().access_token;
  }

  PlainLog log_{store_->messages(), clock_};
  services::Access access_{{.users = store_->users(),
                            .rooms = store_->rooms(),
                            .members = store_->members(),
                            .files = store_->files(),
                            .live = live_,
                            .clock = clock_}};
  services::Rooms rooms_{{.users = store_->users(),
                          .rooms = store_->rooms(),
                          .members = store_->members(),
                          .live = live_,
                          .clock = clock_,
                          .access = access_}};
  services::PostingBudget budget_{{.per_second = 0}, clock_};
  services::Messages messages_{store_->messages(), log_, access_, budget_};
  services::SignedLinks links_{"a-key-of-this-test", std::chrono::hours(1), clock_};
  std::unique_ptr<Blobs> blobs_ = disk::Blobs::open(directory_.path() / "blobs", clock_, random_).value();
  magic::ContentSniffer sniffer_;
  services::Files files_ = files_by({.max_file_size = 1000, .max_files = 3, .user_quota = 5000});
  std::unique_ptr<ThumbnailCache> thumbnail_cache_ =
      disk::ThumbnailCache::open(directory_.path() / "thumbnails", random_).value();
  NoScaler scaler_;
  services::Thumbnails thumbnails_{{.blobs = *blobs_,
                                    .files = store_->files(),
                                    .scaler = scaler_,
                                    .cache = *thumbnail_cache_,
                                    .clock = clock_},
                                   {}};
  realtime::Hub hub_{{}, clock_, links_};
  TaskGroup chat_;
  api::ChatSockets chat_sockets_{{.sessions = *sessions_,
                                  .access = access_,
                                  .messages = messages_,
                                  .hub = hub_,
                                  .links = links_,
                                  .clock = clock_,
                                  .tasks = chat_,
                                  .epoch = "epoch"}};
  std::unique_ptr<api::Api> api_;
};

}  // namespace izpo::testing
