// The load generator. One thread, closed loops, bounded in time, loopback only. It connects, prints "ready",
// and then works a turn for each number of seconds that it reads from its standard input, so that several
// servers can take turns with their sockets open. Each turn prints one JSON object: what was done, how long
// it took, the server's CPU time meanwhile and its own (measurement.hpp).
//
// - fanout: every socket in one room. A tick is K messages in one write of the first, and ends when every
//   socket has received all K.
// - typing: the same with typing notices, which the sender does not receive; in one room after the other of
//   those that it is subscribed to, since no room is told of the same person again within a second.
// - sends: one sender a path, and on each as many messages in flight as asked.
// - room: as fanout, with one message a second.
// - joins: the last sockets leave and come again, one after the other; counts until the room is quiet.
// - idle: the sockets are there, and answer pings.
// - resumes: every socket subscribes, after `after_seq`, to one of its rooms after the other, again and
// again.
// - get: GETs on keep-alive connections, one in flight on each; of several paths in turn.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <deque>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "chat_clients.hpp"
#include "measurement.hpp"
#include "sockets.hpp"

namespace {

using namespace izpo::bench;  // NOLINT(google-build-using-namespace): a program of this one folder

struct Target {
  std::uint16_t port = 0;
  pid_t pid = 0;
};

using Turn = std::function<void(double seconds)>;

// Sends what `next` gives from the first socket, and waits until `expected` sockets were shown `events` each.
struct Tick {
  Clients& clients;
  std::size_t expected;
  std::size_t events;

  // Returns the seconds from the send to the last delivery.
  double run(std::string_view frames) {
    const auto sent = Clock::now();
    clients[0].send(frames);
    for (std::size_t seen = 0; seen < expected * events;) {
      clients.pump([&](std::size_t, Shown shown) { seen += shown.events; });
    }
    return seconds_since(sent);
  }
};

void fanout(const Target& target, Clients& clients, std::size_t per_tick, double seconds) {
  std::string frames;
  for (std::size_t i = 0; i < per_tick; ++i) frames += message_frame();
  Tick tick{clients, clients.size(), per_tick};
  std::vector<double> latencies;
  const Measurement measurement(target.pid);
  for (const auto start = Clock::now(); seconds_since(start) < seconds;)
    latencies.push_back(tick.run(frames));
  const auto ticks = latencies.size();
  measurement.report("deliveries", static_cast<double>(ticks * clients.size() * per_tick),
                     std::move(latencies));
}

// A room's turn to be typed in again, as the server sees it (PresenceRules::typing_again, and a step of it).
constexpr double kTypingAgain = 1.3;

void typing(const Target& target, Clients& clients, std::vector<std::string> rooms, double seconds) {
  if (rooms.empty()) rooms.emplace_back();  // the reference's
  static std::vector<Clock::time_point> typed(rooms.size());
  static std::size_t at = 0;
  Tick tick{clients, clients.size() - 1, 1};
  std::vector<double> latencies;
  const Measurement measurement(target.pid);
  for (const auto start = Clock::now(); seconds_since(start) < seconds; at = (at + 1) % rooms.size()) {
    while (rooms.size() > 1 && seconds_since(typed[at]) < kTypingAgain) {
      clients.receive(1, [](std::size_t, Shown) {});
    }
    typed[at] = Clock::now();
    latencies.push_back(tick.run(typing_frame(true, rooms[at])));
    latencies.push_back(tick.run(typing_frame(false, rooms[at])));
  }
  const auto ticks = latencies.size();
  measurement.report("deliveries", static_cast<double>(ticks * tick.expected), std::move(latencies));
}

void room(const Target& target, Clients& clients, double seconds) {
  Tick tick{clients, clients.size(), 1};
  std::vector<double> latencies;
  const Measurement measurement(target.pid);
  for (const auto start = Clock::now(); seconds_since(start) < seconds;) {
    const auto next = Clock::now() + std::chrono::seconds(1);
    latencies.push_back(tick.run(message_frame()));
    std::this_thread::sleep_until(next);
  }
  const auto ticks = latencies.size();
  measurement.report("deliveries", static_cast<double>(ticks * clients.size()), std::move(latencies));
}

void joins(const Target& target, Clients& clients, std::span<const Seat> joining) {
  for (std::size_t i = 0; i < joining.size() && clients.size() > joining.size(); ++i) clients.close_last();
  clients.settle();
  std::vector<double> latencies;
  const Measurement measurement(target.pid);
  for (const auto& seat : joining) {
    const auto began = Clock::now();
    clients.open(target.port, seat);
    for (bool greeted = false; !greeted;) {
      clients.pump(
          [&](std::size_t at, Shown shown) { greeted |= shown.greeted && at + 1 == clients.size(); });
    }
    latencies.push_back(seconds_since(began));
  }
  // What is told of them later was caused by them too.
  for (const auto start = Clock::now(); seconds_since(start) < 6;) clients.receive(100, [](auto, auto) {});
  measurement.report("joins", static_cast<double>(joining.size()), std::move(latencies));
}

void idle(const Target& target, Clients& clients, double seconds) {
  const Measurement measurement(target.pid);
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) clients.receive(100, [](std::size_t, Shown) {});
  measurement.report("socket seconds", static_cast<double>(clients.size()) * seconds_since(start), {});
}

struct Sending {
  std::size_t in_flight = 1;  // a sender
  bool named = false;         // every message has a client_id
};

void sends(const Target& target, Clients& clients, Sending how, double seconds) {
  static std::size_t number = 0;  // of all turns: a client_id is used once
  // What a client is not yet shown, in order.
  std::vector<std::deque<Clock::time_point>> sent(clients.size());
  std::vector<double> latencies;
  std::size_t in_flight = 0;
  const Measurement measurement(target.pid);
  const auto start = Clock::now();
  const auto send = [&](std::size_t at, std::size_t messages) {
    std::string frames;
    for (std::size_t i = 0; i < messages; ++i) {
      frames += how.named ? message_frame(std::to_string(++number)) : message_frame();
    }
    sent[at].insert(sent[at].end(), messages, Clock::now());
    in_flight += messages;
    clients[at].send(frames);
  };
  for (std::size_t at = 0; at < clients.size(); ++at) send(at, how.in_flight);
  while (in_flight > 0) {
    clients.pump([&](std::size_t at, Shown shown) {
      if (shown.events == 0) return;
      in_flight -= shown.events;
      for (std::size_t i = 0; i < shown.events; ++i) {
        latencies.push_back(seconds_since(sent[at].front()));
        sent[at].pop_front();
      }
      if (seconds_since(start) < seconds) send(at, shown.events);
    });
  }
  const auto stored = latencies.size();
  measurement.report("messages", static_cast<double>(stored), std::move(latencies));
}

void resumes(const Target& target, Clients& clients, const std::vector<std::string>& rooms,
             std::int64_t after_seq, double seconds) {
  std::vector<std::string> frames;
  for (const auto& room : rooms) frames.push_back(subscribe_frame({room}, after_seq));
  std::vector<Clock::time_point> sent(clients.size());
  std::vector<double> latencies;
  std::size_t next = 0;
  std::size_t in_flight = clients.size();
  const Measurement measurement(target.pid);
  const auto start = Clock::now();
  const auto subscribe = [&](std::size_t at) {
    sent[at] = Clock::now();
    clients[at].send(frames[next++ % frames.size()]);
  };
  for (std::size_t at = 0; at < clients.size(); ++at) subscribe(at);
  while (in_flight > 0) {
    clients.pump([&](std::size_t at, Shown shown) {
      if (!shown.greeted) return;
      latencies.push_back(seconds_since(sent[at]));
      if (seconds_since(start) < seconds) {
        subscribe(at);
      } else {
        --in_flight;
      }
    });
  }
  const auto count = latencies.size();
  measurement.report("resumes", static_cast<double>(count), std::move(latencies));
}

// Keep-alive connections that ask for one path after the other.
class Getter {
 public:
  Getter(const Target& target, const std::vector<std::string>& paths, const std::string& token,
         std::size_t connections)
      : target_(target) {
    for (const auto& path : paths) {
      requests_.push_back(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", path,
                                      token.empty() ? "" : "Authorization: Bearer " + token + "\r\n"));
    }
    for (std::size_t at = 0; at < connections; ++at) {
      all_.push_back({connect_to(target.port), {}, {}});
      epoll_.add(all_.back().socket, at);
    }
  }
  ~Getter() {
    for (const auto& connection : all_) close(connection.socket);
  }
  Getter(const Getter&) = delete;
  Getter& operator=(const Getter&) = delete;

  void turn(double seconds) {
    std::vector<double> latencies;
    std::size_t in_flight = all_.size();
    const Measurement measurement(target_.pid);
    const auto start = Clock::now();
    for (auto& connection : all_) ask(connection);
    while (in_flight > 0) {
      for (const auto at : epoll_.wait(5000)) {
        auto& connection = all_[at];
        if (!answered(connection)) continue;
        latencies.push_back(seconds_since(connection.sent));
        if (seconds_since(start) < seconds) {
          ask(connection);
        } else {
          --in_flight;
        }
      }
    }
    const auto count = latencies.size();
    measurement.report("answers", static_cast<double>(count), std::move(latencies));
  }

 private:
  struct Connection {
    int socket;
    std::string received;
    Clock::time_point sent;
  };

  void ask(Connection& connection) {
    connection.sent = Clock::now();
    connection.received.clear();
    send_all(connection.socket, requests_[next_++ % requests_.size()]);
  }

  bool answered(Connection& connection) {
    const auto count = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
    if (count <= 0) die("the server closed a connection");
    connection.received.append(buffer_.data(), static_cast<std::size_t>(count));
    const auto head = connection.received.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    if (!connection.received.starts_with("HTTP/1.1 200")) die(connection.received.substr(0, 60));
    constexpr std::string_view kName = "Content-Length: ";
    const auto length = connection.received.find(kName);
    if (length == std::string::npos || length > head) die("an answer without Content-Length");
    return connection.received.size() >=
           head + 4 + std::stoul(connection.received.substr(length + kName.size(), 20));
  }

  Target target_;
  std::vector<std::string> requests_;
  std::size_t next_ = 0;
  Epoll epoll_;
  std::vector<Connection> all_;
  std::vector<char> buffer_ = std::vector<char>(1 << 18);
};

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<Seat> seats_of(const std::string& file) {
  std::ifstream stream(file);
  std::vector<Seat> seats;
  for (std::string line; std::getline(stream, line);) seats.push_back(Seat::parse(line));
  if (seats.empty()) die(file);
  return seats;
}

// Does a turn for every line of standard input; `wait` returns when there is one.
void take_turns(const Turn& turn, const std::function<void()>& wait) {
  fmt::print("ready\n");
  std::fflush(stdout);
  for (std::string line; wait(), std::getline(std::cin, line);) turn(std::stod(line));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options("The load generator; see the head of bench/loader.cpp");
  Target target;
  std::string paths_file;
  std::vector<std::string> paths;
  std::string token;
  std::int64_t after_seq = 0;
  std::size_t connections = 0;
  std::size_t per_tick = 1;
  std::size_t joining = 0;
  Sending sending;
  options.add_option("--port", target.port)->required();
  options.add_option("--pid", target.pid, "of the server")->required();
  options.require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    auto* command = options.add_subcommand(name, what);
    command->add_option("--paths", paths_file, "a file with a line for each socket (Seat::parse)")
        ->required();
    return command;
  };
  auto* fanout_command = add("fanout", "messages to one room");
  fanout_command->add_option("--per-tick", per_tick)->check(CLI::Range(1, 64));
  auto* typing_command = add("typing", "typing notices to one room");
  auto* room_command = add("room", "one message a second");
  auto* joins_command = add("joins", "sockets that come into a room");
  joins_command->add_option("--joining", joining, "how many of the last")->required();
  auto* idle_command = add("idle", "sockets that are there");
  auto* sends_command = add("sends", "durable sends, one sender a path");
  sends_command->add_flag("--client-ids", sending.named, "give each message a client_id");
  sends_command->add_option("--in-flight", sending.in_flight, "messages of each sender")
      ->check(CLI::Range(1, 64));
  auto* resumes_command = add("resumes", "subscriptions that read what was missed");
  resumes_command->add_option("--after-seq", after_seq)->required();
  auto* get_command = options.add_subcommand("get", "requests");
  get_command->add_option("--path", paths, "may be repeated")->required();
  get_command->add_option("--token", token);
  get_command->add_option("--connections", connections)->required();
  CLI11_PARSE(options, argc, argv);

  raise_descriptor_limit();
  if (get_command->parsed()) {
    Getter getter(target, paths, token, connections);
    take_turns([&](double seconds) { getter.turn(seconds); }, [] {});
    return 0;
  }
  const auto seats = seats_of(paths_file);
  Clients clients(target.port, seats);
  take_turns(
      [&](double seconds) {
        if (fanout_command->parsed()) {
          fanout(target, clients, per_tick, seconds);
        } else if (typing_command->parsed()) {
          typing(target, clients, seats.front().rooms, seconds);
        } else if (room_command->parsed()) {
          room(target, clients, seconds);
        } else if (joins_command->parsed()) {
          joins(target, clients, std::span(seats).last(joining));
        } else if (idle_command->parsed()) {
          idle(target, clients, seconds);
        } else if (resumes_command->parsed()) {
          resumes(target, clients, seats.front().rooms, after_seq, seconds);
        } else {
          sends(target, clients, sending, seconds);
        }
      },
      [&] { clients.read_until_readable(STDIN_FILENO); });
}
