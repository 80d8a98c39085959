// The load generator. One thread, closed loops, bounded in count and time, loopback only. It prints one JSON
// object: what was done, how long it took, the server's CPU time meanwhile and its own. When its own CPU is
// what limits, it says so: "loader_bound": true.
//
// - bench_loader fanout: every socket in one room. A tick is K messages in one write, and ends when every
//   socket has received all K.
// - bench_loader sends: one sender a path, and on each as many messages in flight as asked.
// - bench_loader get: GETs on keep-alive connections, one in flight on each.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sockets.hpp"
#include "support/client_frames.hpp"

namespace {

using izpo::bench::die;
using Clock = std::chrono::steady_clock;

// CPU time of a process in seconds, all threads that are still there, to the nanosecond (proc(5), schedstat).
double cpu_of(int pid) {
  double nanoseconds = 0;
  for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    std::ifstream file(thread.path() / "schedstat");
    double on_cpu = 0;
    if (file >> on_cpu) nanoseconds += on_cpu;
  }
  return nanoseconds / 1e9;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What happened between its construction and report().
class Measurement {
 public:
  explicit Measurement(int server)
      : server_(server), server_cpu_(cpu_of(server)), own_cpu_(cpu_of(getpid())) {}

  // `unit` is what `count` counts, "deliveries" say; `latencies` in seconds may be empty.
  void report(std::string_view unit, std::size_t count, std::vector<double> latencies) const {
    const double wall = seconds_since(start_);
    const double server = cpu_of(server_) - server_cpu_;
    const double own = cpu_of(getpid()) - own_cpu_;
    std::ranges::sort(latencies);
    const auto percentile = [&](double share) {
      return latencies.empty()
                 ? 0.0
                 : latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))] *
                       1e6;
    };
    fmt::print(
        R"({{"unit":"{}","count":{},"seconds":{:.4f},"per_second":{:.1f},"server_cpu_us_each":{:.4f},)"
        R"("server_cpu_share":{:.3f},"loader_cpu_share":{:.3f},"loader_bound":{},"p50_us":{:.1f},"p99_us":{:.1f}}})"
        "\n",
        unit, count, wall, static_cast<double>(count) / wall, server / static_cast<double>(count) * 1e6,
        server / wall, own / wall, own / wall > 0.9 && server / wall < 0.9, percentile(0.5),
        percentile(0.99));
  }

 private:
  int server_;
  Clock::time_point start_ = Clock::now();
  double server_cpu_;
  double own_cpu_;
};

struct Target {
  std::uint16_t port = 0;
  int pid = 0;
  double seconds = 5;             // the measured part ends then
  std::size_t most = 10'000'000;  // or after so many
};

// A WebSocket client that only counts what it is shown.
class ChatClient {
 public:
  ChatClient(std::uint16_t port, const std::string& path) : socket_(izpo::bench::connect_to(port)) {
    izpo::bench::send_all(socket_, fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                                               "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                               path));
    std::string head;
    for (char byte = 0; !head.ends_with("\r\n\r\n"); head += byte) {
      if (recv(socket_, &byte, 1, 0) != 1) die("upgrade");
    }
    if (!head.starts_with("HTTP/1.1 101")) die("upgrade refused");
    izpo::bench::make_non_blocking(socket_);
  }
  ~ChatClient() { close(socket_); }
  ChatClient(const ChatClient&) = delete;
  ChatClient& operator=(const ChatClient&) = delete;

  int socket() const { return socket_; }
  void send(std::string_view frames) const { izpo::bench::send_all(socket_, frames); }

  // Reads what is there and returns how many messages it showed.
  std::size_t receive() {
    static std::vector<char> buffer(1 << 18);
    std::size_t messages = 0;
    const auto count = recv(socket_, buffer.data(), buffer.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) die("the server closed a socket");
    if (count > 0) {
      frames_.feed({buffer.data(), static_cast<std::size_t>(count)}, [&](std::string_view payload) {
        if (payload.starts_with(R"({"type":"message")")) ++messages;
      });
    }
    return messages;
  }

 private:
  int socket_;
  izpo::bench::FrameReader frames_;
};

class Clients {
 public:
  Clients(const Target& target, const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
      clients_.push_back(std::make_unique<ChatClient>(target.port, path));
      epoll_.add(clients_.back()->socket(), clients_.size() - 1);
    }
    // Greetings and presence of the last to come.
    while (receive(500, [](std::size_t, std::size_t) {})) {
    }
  }

  ChatClient& operator[](std::size_t at) { return *clients_[at]; }
  std::size_t size() const { return clients_.size(); }

  // Waits for something and calls each(client, messages).
  template <class Each>
  void pump(Each&& each) {
    if (!receive(5000, each)) die("nothing came for five seconds");
  }

 private:
  template <class Each>
  bool receive(int milliseconds, Each&& each) {
    const auto& ready = epoll_.wait(milliseconds);
    for (const auto at : ready) each(at, clients_[at]->receive());
    return !ready.empty();
  }

  izpo::bench::Epoll epoll_;
  std::vector<std::unique_ptr<ChatClient>> clients_;
};

// A message that becomes an event of about 220 bytes. `client_id`: empty for none.
std::string message_frame(std::string_view client_id = {}) {
  const auto named = client_id.empty() ? std::string() : fmt::format(R"(,"client_id":"{}")", client_id);
  return izpo::test::client_frame(
      izpo::wire::Opcode::kText,
      fmt::format(R"({{"type":"message","content":"que tal todo por aqui"{}}})", named));
}

void fanout(const Target& target, const std::vector<std::string>& paths, int per_tick) {
  Clients clients(target, paths);
  std::string tick;
  for (int i = 0; i < per_tick; ++i) tick += message_frame();
  const auto expected = clients.size() * static_cast<std::size_t>(per_tick);
  std::size_t delivered = 0;
  std::vector<double> latencies;
  const Measurement measurement(target.pid);
  for (const auto start = Clock::now(); seconds_since(start) < target.seconds && delivered < target.most;) {
    const auto sent = Clock::now();
    clients[0].send(tick);
    for (std::size_t seen = 0; seen < expected;) {
      clients.pump([&](std::size_t, std::size_t messages) { seen += messages; });
    }
    delivered += expected;
    latencies.push_back(seconds_since(sent));
  }
  measurement.report("deliveries", delivered, std::move(latencies));
}

struct Sending {
  std::size_t in_flight = 1;  // a sender
  bool named = false;         // every message has a client_id
};

void sends(const Target& target, const std::vector<std::string>& paths, Sending how) {
  Clients clients(target, paths);
  std::vector<std::deque<Clock::time_point>> sent(
      clients.size());  // what a client is not yet shown, in order
  std::vector<double> latencies;
  std::size_t stored = 0;
  std::size_t number = 0;
  const Measurement measurement(target.pid);
  const auto start = Clock::now();
  const auto send = [&](std::size_t at, std::size_t messages) {
    std::string frames;
    for (std::size_t i = 0; i < messages; ++i) {
      frames += how.named ? message_frame(std::to_string(++number)) : message_frame();
    }
    sent[at].insert(sent[at].end(), messages, Clock::now());
    clients[at].send(frames);
  };
  for (std::size_t at = 0; at < clients.size(); ++at) send(at, how.in_flight);
  while (seconds_since(start) < target.seconds && stored < target.most) {
    clients.pump([&](std::size_t at, std::size_t messages) {
      if (messages == 0) return;
      stored += messages;
      for (std::size_t i = 0; i < messages; ++i) {
        latencies.push_back(seconds_since(sent[at].front()));
        sent[at].pop_front();
      }
      send(at, messages);
    });
  }
  measurement.report("messages", stored, std::move(latencies));
}

void get(const Target& target, const std::string& path, const std::string& token, std::size_t connections) {
  const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", path,
                                   token.empty() ? "" : "Authorization: Bearer " + token + "\r\n");
  struct Connection {
    int socket;
    std::string received;
    Clock::time_point sent;
  };
  izpo::bench::Epoll epoll;
  std::vector<Connection> all;
  for (std::size_t at = 0; at < connections; ++at) {
    all.push_back({izpo::bench::connect_to(target.port), {}, {}});
    epoll.add(all.back().socket, at);
  }
  std::vector<char> buffer(1 << 18);
  std::vector<double> latencies;
  std::size_t answered = 0;
  const Measurement measurement(target.pid);
  const auto start = Clock::now();
  const auto ask = [&](Connection& connection) {
    connection.sent = Clock::now();
    izpo::bench::send_all(connection.socket, request);
  };
  for (auto& connection : all) ask(connection);
  while (seconds_since(start) < target.seconds && answered < target.most) {
    for (const auto at : epoll.wait(5000)) {
      auto& connection = all[at];
      const auto count = recv(connection.socket, buffer.data(), buffer.size(), 0);
      if (count <= 0) die("the server closed a connection");
      connection.received.append(buffer.data(), static_cast<std::size_t>(count));
      const auto head = connection.received.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      if (!connection.received.starts_with("HTTP/1.1 200")) die(connection.received.substr(0, 60));
      const std::string_view name = "Content-Length: ";
      const auto length = connection.received.find(name);
      if (length == std::string::npos || length > head) die("an answer without Content-Length");
      if (connection.received.size() <
          head + 4 + std::stoul(connection.received.substr(length + name.size(), 20)))
        continue;
      connection.received.clear();
      ++answered;
      latencies.push_back(seconds_since(connection.sent));
      ask(connection);
    }
  }
  measurement.report("answers", answered, std::move(latencies));
  for (const auto& connection : all) close(connection.socket);
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options("The load generator; see the head of bench/loader.cpp");
  Target target;
  std::vector<std::string> paths;
  std::string path;
  std::string token;
  std::size_t sockets = 0;
  int per_tick = 1;
  Sending sending;
  options.require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    auto* command = options.add_subcommand(name, what);
    command->add_option("--port", target.port)->required();
    command->add_option("--pid", target.pid, "of the server")->required();
    command->add_option("--seconds", target.seconds)->check(CLI::Range(0.1, 60.0));
    command->add_option("--most", target.most, "stop after so many");
    return command;
  };
  auto* fanout_command = add("fanout", "one room");
  fanout_command->add_option("--path", paths, "of the upgrade; several take turns")->required();
  fanout_command->add_option("--sockets", sockets)->required();
  fanout_command->add_option("--per-tick", per_tick)->check(CLI::Range(1, 64));
  auto* sends_command = add("sends", "durable sends");
  sends_command->add_option("--path", paths, "of the upgrade, one a sender")->required();
  sends_command->add_flag("--client-ids", sending.named, "give each message a client_id");
  sends_command->add_option("--in-flight", sending.in_flight, "messages of each sender")
      ->check(CLI::Range(1, 64));
  auto* get_command = add("get", "requests");
  get_command->add_option("--path", path)->required();
  get_command->add_option("--token", token);
  get_command->add_option("--connections", sockets)->required();
  CLI11_PARSE(options, argc, argv);

  raise_descriptor_limit();
  if (fanout_command->parsed()) {
    std::vector<std::string> turns;
    for (std::size_t at = 0; at < sockets; ++at) turns.push_back(paths[at % paths.size()]);
    fanout(target, turns, per_tick);
  } else if (sends_command->parsed()) {
    sends(target, paths, sending);
  } else {
    get(target, path, token, sockets);
  }
}
