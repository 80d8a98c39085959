#include "adapters/gcs/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <mutex>
#include <new>
#include <thread>
#include <unordered_map>

#include "base/log.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

constexpr std::chrono::seconds kFarewell{2};
constexpr std::size_t kMostHeaders = 200;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void start_curl() {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kStarted != CURLE_OK) throw std::bad_alloc();
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

std::string_view without_spaces(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?"));
}

}  // namespace

std::optional<std::string_view> HttpAnswer::header(std::string_view lower_case_name) const {
  const auto found = std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

struct HttpClient::Transfer {
  using Done = std::move_only_function<void(Result<HttpAnswer>)>;

  Transfer(HttpRequest what, Done when) : request(std::move(what)), done(std::move(when)) {}

  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::string_view line(data, size * count);
    // A status line: what came before it belongs to an interim answer (100 Continue).
    if (line.starts_with("HTTP/")) transfer.answer.headers.clear();
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && transfer.answer.headers.size() < kMostHeaders) {
      transfer.answer.headers.emplace_back(lower_case(line.substr(0, colon)),
                                           std::string(without_spaces(line.substr(colon + 1))));
    }
    return size * count;
  }

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string& body = transfer.answer.body;
    if (body.size() + size * count > transfer.request.most_body) return 0;
    if (body.empty()) body.reserve(transfer.declared_body());
    body.append(data, size * count);
    return size * count;
  }

  // So that a body does not grow by copying, into twice what it takes. 0: the server does not say.
  std::size_t declared_body() const {
    curl_off_t length = -1;
    curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    return length < 0 ? 0 : std::min(static_cast<std::size_t>(length), request.most_body);
  }

  HttpRequest request;
  Done done;
  bool forgotten = false;
  HttpAnswer answer;
  std::unique_ptr<CURL, FreeEasy> easy;
  std::unique_ptr<curl_slist, FreeList> headers;
  std::array<char, CURL_ERROR_SIZE> error{};
};

// The thread and what it works on.
class HttpClient::Engine {
 public:
  explicit Engine(HttpOptions options) : options_(options), multi_(curl_multi_init()) {
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.most_running));
    thread_ = std::jthread([this] { work(); });
  }

  ~Engine() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void submit(std::unique_ptr<Transfer> transfer) {
    const auto refused = enqueue(transfer);
    if (refused) {
      Error error(*refused);
      error.retry_after = std::chrono::seconds(1);
      transfer->done(fail(std::move(error)));
    } else {
      curl_multi_wakeup(multi_.get());
    }
  }

  void give_up() {
    {
      const std::scoped_lock lock(mutex_);
      giving_up_ = true;
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  void work() {
    std::chrono::steady_clock::time_point end = std::chrono::steady_clock::time_point::max();
    for (;;) {
      if (take_waiting() && end == std::chrono::steady_clock::time_point::max())
        end = std::chrono::steady_clock::now() + kFarewell;
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      finish_done();
      const bool stopping = end != std::chrono::steady_clock::time_point::max();
      if (stopping && (running_.empty() || std::chrono::steady_clock::now() >= end)) break;
      curl_multi_poll(multi_.get(), nullptr, 0, stopping ? 100 : 10'000, nullptr);
    }
    fail_running(/*forgotten_too=*/true);
  }

  // Takes the transfer into the line, or leaves it and says why not.
  std::optional<Reason> enqueue(std::unique_ptr<Transfer>& transfer) {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || (giving_up_ && !transfer->forgotten)) return reason::kShuttingDown;
    if (waiting_.size() >= options_.most_waiting) return reason::kOverloaded;
    waiting_.push_back(std::move(transfer));
    return std::nullopt;
  }

  // Starts what waits, as far as there is room. Returns whether this is to stop.
  bool take_waiting() {
    std::deque<std::unique_ptr<Transfer>> taken;
    bool stopping = false;
    bool giving_up = false;
    {
      const std::scoped_lock lock(mutex_);
      stopping = stopping_;
      giving_up = stopping_ || giving_up_;
      while (!waiting_.empty() && (stopping || running_.size() + taken.size() < options_.most_running)) {
        taken.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
    }
    for (auto& transfer : taken) start(std::move(transfer));
    if (giving_up) fail_running(/*forgotten_too=*/false);
    return stopping;
  }

  void start(std::unique_ptr<Transfer> transfer) {
    Transfer& it = *transfer;
    it.easy.reset(curl_easy_init());
    if (!it.easy) throw std::bad_alloc();
    CURL* easy = it.easy.get();
    set_up(easy, it);
    running_.emplace(easy, std::move(transfer));
    curl_multi_add_handle(multi_.get(), easy);
  }

  void set_up(CURL* easy, Transfer& it) const {
    // curl would send this for a large body, and wait.
    it.headers.reset(curl_slist_append(nullptr, "Expect:"));
    for (const std::string& header : it.request.headers) curl_slist_append(it.headers.get(), header.c_str());
    curl_easy_setopt(easy, CURLOPT_URL, it.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, it.headers.get());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "izpochat");
    // Several large bodies side by side want a connection each: on one HTTP/2 connection they share its
    // window.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    if (it.request.method != "GET") {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, it.request.body.empty() ? "" : it.request.body.data());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(it.request.body.size()));
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, it.request.method.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1024L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall.count()));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.longest.count() * 1000));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, it.error.data());
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &it);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &it);
  }

  void finish_done() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      const auto found = running_.find(message->easy_handle);
      auto transfer = std::move(found->second);
      running_.erase(found);
      curl_multi_remove_handle(multi_.get(), transfer->easy.get());
      if (code == CURLE_OK) {
        curl_easy_getinfo(transfer->easy.get(), CURLINFO_RESPONSE_CODE, &transfer->answer.status);
        transfer->done(std::move(transfer->answer));
      } else {
        transfer->done(fail(no_answer(*transfer, code)));
      }
    }
  }

  static Error no_answer(const Transfer& transfer, CURLcode code) {
    const std::string_view why =
        transfer.error[0] != '\0' ? std::string_view(transfer.error.data()) : curl_easy_strerror(code);
    Error error(reason::kStorageUnavailable,
                std::string(host_of(transfer.request.url)) + " cannot be reached: " + std::string(why));
    error.retry_after = std::chrono::seconds(5);
    return error;
  }

  void fail_running(bool forgotten_too) {
    for (auto it = running_.begin(); it != running_.end();) {
      if (it->second->forgotten && !forgotten_too) {
        ++it;
        continue;
      }
      curl_multi_remove_handle(multi_.get(), it->first);
      it->second->done(fail(reason::kShuttingDown));
      it = running_.erase(it);
    }
  }

  const HttpOptions options_;
  const std::unique_ptr<CURLM, FreeMulti> multi_;

  std::mutex mutex_;
  // Under mutex_:
  std::deque<std::unique_ptr<Transfer>> waiting_;
  bool giving_up_ = false;
  bool stopping_ = false;

  std::unordered_map<CURL*, std::unique_ptr<Transfer>> running_;  // of the thread
  std::jthread thread_;
};

HttpClient::HttpClient(HttpOptions options) {
  start_curl();
  engine_ = std::make_unique<Engine>(options);
}

HttpClient::~HttpClient() = default;

Task<Result<HttpAnswer>> HttpClient::exchange(HttpRequest request) {
  std::optional<Result<HttpAnswer>> answer;
  co_await suspend([this, &request, &answer](Resume resume) {
    engine_->submit(std::make_unique<Transfer>(
        std::move(request), [&answer, resume = std::move(resume)](Result<HttpAnswer> result) mutable {
          answer.emplace(std::move(result));
          resume();
        }));
  });
  co_return *std::move(answer);
}

void HttpClient::give_up() {
  engine_->give_up();
}

void HttpClient::forget(HttpRequest request) {
  request.body = {};
  auto transfer = std::make_unique<Transfer>(std::move(request), [](const Result<HttpAnswer>& answer) {
    if (!answer) spdlog::debug("a request that nobody waited for failed: {}", answer.error().log_detail);
  });
  transfer->forgotten = true;
  engine_->submit(std::move(transfer));
}

}  // namespace izpo::gcs
