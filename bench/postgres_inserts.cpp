// What PostgreSQL does for a client that has nothing to do but to insert: the reference of the sends on
// PostgreSQL. On one connection, one statement after the other, each a durable transaction of --batch
// messages in 64 rooms. Reads how many seconds a turn takes, prints what was done, and again.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "adapters/postgres/encoding.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kRooms = 64;

struct Options {
  std::string url;
  std::int64_t batch = 1;
  std::int64_t first_room = 1;
  std::int64_t first_user = 1;
};

[[noreturn]] void give_up(const PGconn* connection) {
  fmt::print(stderr, "{}", PQerrorMessage(connection));
  std::exit(1);
}

class Inserts {
 public:
  explicit Inserts(const Options& options)
      : options_(options), connection_(PQconnectdb(options.url.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) give_up(connection_);
    const izpo::postgres::Answer prepared(PQprepare(
        connection_, "insert",
        "INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, client_id, content) "
        "SELECT r, u, s, s, now(), c, t FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], "
        "$5::text[]) "
        "AS m (r, u, s, c, t)",
        0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) give_up(connection_);
  }

  void insert() {
    std::vector<std::optional<std::int64_t>> rooms;
    std::vector<std::optional<std::int64_t>> users;
    std::vector<std::optional<std::int64_t>> numbers;
    std::vector<std::string> ids;
    for (std::int64_t i = 0; i < options_.batch; ++i, ++next_) {
      rooms.emplace_back(options_.first_room + next_ % kRooms);
      users.emplace_back(options_.first_user + next_ % kRooms);
      numbers.emplace_back(next_ / kRooms + 1);
      ids.push_back(fmt::format("{:016x}{:016x}", random_(), random_()));
    }
    const std::vector<std::optional<std::string_view>> client_ids(ids.begin(), ids.end());
    const std::vector<std::optional<std::string_view>> contents(ids.size(), text_);
    izpo::postgres::Arguments arguments;
    arguments.add_numbers(rooms);
    arguments.add_numbers(users);
    arguments.add_numbers(numbers);
    arguments.add_texts(client_ids);
    arguments.add_texts(contents);
    const izpo::postgres::Answer done(PQexecPrepared(connection_, "insert", arguments.count(),
                                                     arguments.values(), arguments.lengths(),
                                                     arguments.formats(), 1));
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) give_up(connection_);
  }

 private:
  const Options options_;
  PGconn* connection_;
  const std::string text_ = std::string(120, 'x');
  std::mt19937_64 random_;
  std::int64_t next_ = 0;
};

double micros(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app;
  app.add_option("--url", options.url)->required();
  app.add_option("--batch", options.batch);
  app.add_option("--first-room", options.first_room);
  app.add_option("--first-user", options.first_user);
  CLI11_PARSE(app, argc, argv);
  Inserts inserts(options);
  for (double seconds = 0; std::cin >> seconds;) {
    std::vector<double> times;
    const auto start = Clock::now();
    auto last = start;
    while (micros(last - start) < seconds * 1e6) {
      inserts.insert();
      const auto now = Clock::now();
      times.push_back(micros(now - last));
      last = now;
    }
    const double taken = micros(last - start) / 1e6;
    const auto count = static_cast<double>(times.size()) * static_cast<double>(options.batch);
    std::ranges::sort(times);
    fmt::print(
        R"({{"unit":"messages","count":{:.0f},"seconds":{:.4f},"per_second":{:.1f},"server_cpu_us_each":0,)"
        R"("server_cpu_share":0,"loader_cpu_share":0,"loader_bound":false,"p50_us":{:.1f},"p99_us":{:.1f}}})"
        "\n",
        count, taken, count / taken, times[times.size() / 2], times[times.size() * 99 / 100]);
    std::fflush(stdout);
  }
}
