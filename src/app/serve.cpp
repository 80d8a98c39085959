#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "adapters/sqlite/server_lock.hpp"
#include "api/api.hpp"
#include "api/chat_socket.hpp"
#include "app/backend.hpp"
#include "app/commands.hpp"
#include "app/installation.hpp"
#include "app/logging.hpp"
#include "app/process.hpp"
#include "app/uploads.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "base/use_task.hpp"
#include "transport/loops.hpp"
#include "transport/server.hpp"

namespace izpo::app {
namespace {

namespace asio = boost::asio;
using Timer = asio::steady_timer::rebind_executor<Executor>::other;
using Signals = asio::basic_signal_set<Executor>;

// Container runtimes kill ten seconds after SIGTERM; the write queue and the database want their part of it.
constexpr std::chrono::seconds kDrainPatience{8};
// Of that, so long a storage elsewhere is waited for.
constexpr std::chrono::seconds kStoragePatience{5};
constexpr std::chrono::seconds kSweepEvery{1};
constexpr std::chrono::minutes kCollectEvery{10};

// Descriptors for everything that is no connection: the database, the log, the loops.
constexpr std::size_t kOwnDescriptors = 64;

std::size_t loop_count(const Settings& settings) {
  return settings.threads > 0 ? settings.threads : std::max(1U, std::thread::hardware_concurrency());
}

transport::IoUring io_uring(const Settings& settings) {
  if (settings.io_uring == "on") return transport::IoUring::kOn;
  if (settings.io_uring == "off") return transport::IoUring::kOff;
  return transport::IoUring::kAuto;
}

std::string address_of(const Settings& settings, std::uint16_t port) {
  const bool bracketed = settings.host.contains(':');  // IPv6 (RFC 3986 section 3.2.2)
  return bracketed ? fmt::format("[{}]:{}", settings.host, port) : fmt::format("{}:{}", settings.host, port);
}

api::Options api_options(const Settings& settings, api::WebClient web_client) {
  return {.app_name = settings.app_name,
          .version = IZPO_VERSION,
          .allowed_origins = settings.allowed_origins,
          .public_url = settings.public_url.value_or(""),
          .access_log = settings.access_log,
          .web_client = web_client};
}

transport::ServerOptions server_options(const Settings& settings) {
  transport::ServerOptions options;
  options.address = settings.host;
  options.port = settings.port;
  options.limits.connections = settings.max_connections;
  options.compression = settings.websocket_compression;
  options.limits.returns_per_second = settings.reconnects_per_second;
  options.timeouts.heartbeat = settings.heartbeat;
  return options;
}

// The running server. The loops serve connections; this thread keeps a loop of its own for signals and
// housekeeping.
class Serving {
 public:
  // Listens. Throws std::system_error when the address cannot be had. The loops outlive it, and do not run
  // yet.
  Serving(asio::io_context& control, transport::Loops& loops, const Settings& settings,
          const std::string& key, OpenedStore opened, api::WebClient web_client)
      : control_(control),
        signals_(control, SIGTERM, SIGINT, SIGHUP),
        loops_(loops),
        backend_(settings, key, std::move(opened.store), loops_.executors()),
        uploads_(settings, backend_, control, opened.epoch),
        chat_sockets_({.sessions = backend_.sessions,
                       .access = backend_.access,
                       .messages = backend_.messages,
                       .hub = backend_.hub,
                       .links = backend_.links,
                       .clock = backend_.clock,
                       .tasks = chat_,
                       .epoch = std::move(opened.epoch),
                       .heartbeat = settings.heartbeat,
                       .max_subscriptions = settings.max_subscriptions}),
        api_({.sessions = backend_.sessions,
              .accounts = backend_.accounts,
              .rooms = backend_.rooms,
              .messages = backend_.messages,
              .files = uploads_.files,
              .thumbnails = uploads_.thumbnailing.thumbnails,
              .links = backend_.links,
              .chat_sockets = chat_sockets_},
             api_options(settings, web_client)),
        server_(loops_, api_, backend_.clock, server_options(settings)) {}

  std::uint16_t port() const { return server_.port(); }

  // Returns when a signal has stopped it and everything has ended.
  void run() {
    const Executor here = control_.get_executor();
    for (std::size_t i = 0; i < backend_.write_queue.writers(); ++i)
      writers_.spawn(loops_.executors().front(), "write queue", backend_.write_queue.run(i));
    backend_.catch_up.start(catching_up_);
    housekeeping_.spawn_until_cancelled(here, "sweep", sweep());
    housekeeping_.spawn_until_cancelled(here, "presence", advance_presence());
    housekeeping_.spawn_until_cancelled(here, "files", collect_files());
    stopping_.spawn(here, "stop", stop_on_signal());
    server_.start();
    loops_.run();
    control_.restart();
    control_.run();
    loops_.stop();
    backend_.store->close();
  }

 private:
  Task<> stop_on_signal() {
    co_await signals_.async_wait(kUseTask);
    spdlog::info("stopping; another signal cuts what is still open");
    housekeeping_.cancel();
    housekeeping_.spawn_until_cancelled(control_.get_executor(), "abort", abort_on());
    uploads_.thumbnailing.scaler.stop();
    housekeeping_.spawn_until_cancelled(control_.get_executor(), "storage", give_up_storage());
    co_await server_.drain(kDrainPatience);
    co_await chat_.wait();
    backend_.write_queue.stop();
    co_await writers_.wait();
    backend_.catch_up.stop();
    co_await catching_up_.wait();
    housekeeping_.cancel();
    co_await housekeeping_.wait();
  }

  Task<> abort_on() {
    co_await signals_.async_wait(kUseTask);
    uploads_.give_up();
    server_.abort();
  }

  Task<> give_up_storage() {
    Timer timer(control_);
    timer.expires_after(kStoragePatience);
    co_await timer.async_wait(kUseTask);
    uploads_.give_up();
  }

  // Closes the sockets of logins that ended in another process on this database (`izpochat user deactivate`),
  // and passes on what other servers on it changed of rooms.
  Task<> sweep() {
    Timer timer(control_);
    bool well = true;
    while (true) {
      timer.expires_after(kSweepEvery);
      co_await timer.async_wait(kUseTask);
      auto swept = co_await backend_.sessions.sweep();
      if (swept && backend_.neighbours) swept = co_await backend_.neighbours->sweep();
      if (!swept && well)
        spdlog::warn("cannot look for what other processes changed: {}", swept.error().log_detail);
      well = swept.has_value();
    }
  }

  // Who is only away for a moment, who has stopped typing: their deadlines pass here.
  Task<> advance_presence() {
    Timer timer(control_);
    while (true) {
      timer.expires_after(realtime::Hub::kPresenceStep);
      co_await timer.async_wait(kUseTask);
      backend_.hub.advance(std::chrono::steady_clock::now());
    }
  }

  // Removes the bytes of files that are gone: at the start what a crash left, then now and then.
  Task<> collect_files() {
    Timer timer(control_);
    while (true) {
      const auto removed = co_await uploads_.files.collect();
      if (!removed) spdlog::warn("cannot remove the bytes of deleted files: {}", removed.error().log_detail);
      if (removed && *removed > 0) spdlog::info("removed the bytes of {} deleted files", *removed);
      const auto forgotten = co_await uploads_.thumbnailing.thumbnails.collect(uploads_.files.kept_since());
      if (!forgotten) spdlog::warn("cannot remove thumbnails: {}", forgotten.error().log_detail);
      timer.expires_after(kCollectEvery);
      co_await timer.async_wait(kUseTask);
    }
  }

  asio::io_context& control_;
  // From before it listens: who has seen it serve may stop it at once. SIGHUP too: a terminal that is closed
  // ends its server in good order.
  Signals signals_;
  transport::Loops& loops_;
  Backend backend_;
  TaskGroup chat_;
  Uploads uploads_;
  api::ChatSockets chat_sockets_;
  api::Api api_;
  transport::Server server_;
  TaskGroup writers_;
  TaskGroup catching_up_;
  TaskGroup housekeeping_;
  TaskGroup stopping_;
};

void prepare_process(const Settings& settings) {
  ignore_broken_pipes();
  ignore_size_limits();
  const std::size_t descriptors = raise_descriptor_limit();
  if (descriptors < settings.max_connections + kOwnDescriptors) {
    spdlog::warn("this process may open {} files, too few for MAX_CONNECTIONS={}: raise `ulimit -Hn`",
                 descriptors, settings.max_connections);
  }
}

std::string cannot_listen(const Settings& settings, const std::error_code& error) {
  std::string_view advice = "choose another HOST or PORT";
  if (error == std::errc::address_in_use) advice = "stop what listens there, or choose another --port";
  if (error == std::errc::address_not_available)
    advice = "this machine has no such address, choose another --host";
  if (error == std::errc::permission_denied)
    advice = "ports below 1024 need privileges, choose another --port";
  return fmt::format("cannot listen on {}: {}; {}", address_of(settings, settings.port), error.message(),
                     advice);
}

// SQLite is one server's; several may be on one PostgreSQL. Refuses a data directory whose restore did
// not end, before there is a key in it.
std::expected<std::optional<sqlite::ServerLock>, std::string> lock_database(const Settings& settings) {
  if (settings.uses_postgres()) return std::nullopt;
  auto lock = sqlite::ServerLock::take(settings.database_path());
  if (!lock) return std::unexpected(std::move(lock).error().log_detail);
  const auto has = has_database(settings);
  if (!has) return std::unexpected(has.error());
  std::error_code ignored;  // what a restore left that was killed when everything was in place
  if (*has) std::filesystem::remove_all(unfinished_restore(settings), ignored);
  return *std::move(lock);
}

}  // namespace

int serve(const LoadedSettings& loaded, api::WebClient web_client) {
  const Settings& settings = loaded.settings;
  set_up_log(settings);
  for (const std::string& warning : loaded.warnings) spdlog::warn("{}", warning);
  prepare_process(settings);

  if (const auto made = make_directories(settings); !made) return report_failure(made.error());
  const auto lock = lock_database(settings);
  if (!lock) return report_failure(lock.error());
  auto key = signing_key(settings);
  if (!key) return report_failure(key.error());
  asio::io_context control(1);
  std::optional<transport::Loops> loops;  // both outlive the database, whose threads answer to them
  try {
    loops.emplace(loop_count(settings), io_uring(settings));
  } catch (const transport::NoIoUring& error) {
    return report_failure(fmt::format("IO_URING=on: {}", error.what()));
  }
  auto opened = open_store(settings, loops->executors());
  if (!opened) return report_failure(opened.error());
  for (const std::string& name : opened->migrated) spdlog::info("applied migration {}", name);

  std::optional<Serving> serving;
  try {
    serving.emplace(control, *loops, settings, *key, *std::move(opened), web_client);
  } catch (const std::system_error& error) {
    return report_failure(cannot_listen(settings, error.code()));
  } catch (const std::runtime_error& error) {
    return report_failure(error.what());
  }
  spdlog::info("IzpoChat {} on http://{} ({})", IZPO_VERSION, address_of(settings, serving->port()),
               shown_database(settings));
  serving->run();
  spdlog::info("stopped");
  return kDone;
}

}  // namespace izpo::app
