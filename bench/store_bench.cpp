// The store alone, without sockets: durable batches of messages, and reading them. Named workloads; run one
// with
// --benchmark_filter=append/64. The database is made in TMPDIR: name a folder on the disk that is to be
// measured.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/store.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace izpo;
using izpo::testing::run_task;

constexpr int kSenders = 64;
constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().log_detail);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// How long each of many took, in milliseconds.
class Times {
 public:
  template <class Work>
  void measure(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    taken_.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }

  void report(benchmark::State& state) {
    std::ranges::sort(taken_);
    state.counters["p50_ms"] = taken_[taken_.size() / 2];
    state.counters["p99_ms"] = taken_[taken_.size() * 99 / 100];
    state.counters["max_ms"] = taken_.back();
  }

 private:
  std::vector<double> taken_;
};

// Senders, each a member of one of the rooms, in a database of their own.
class Bench {
 public:
  explicit Bench(std::int64_t rooms) {
    must(store_->migrate(kNow));
    for (int i = 0; i < kSenders; ++i) {
      const std::string name = fmt::format("sender{}", i);
      const User user = run(store_->users().create({.username = name,
                                                    .username_keys = {.folded = name, .skeleton = name},
                                                    .email = name + "@example.test",
                                                    .email_key = name + "@example.test",
                                                    .full_name = std::nullopt,
                                                    .password_hash = "none",
                                                    .created_at = kNow}));
      senders_.push_back(user.id);
      if (std::cmp_less(i, rooms)) {
        rooms_.push_back(run(store_->rooms().create({.name = "bench",
                                                     .description = std::nullopt,
                                                     .is_private = false,
                                                     .owner = user.id,
                                                     .created_at = kNow}))
                             .id);
      }
      run(store_->members().join(room_of(senders_.size() - 1), user.id, kNow));
    }
  }

  // Messages of 120 bytes with a random client_id, of all senders in turn.
  std::vector<PendingMessage> batch(std::int64_t size) {
    std::vector<PendingMessage> messages;
    messages.reserve(static_cast<std::size_t>(size));
    for (std::int64_t i = 0; i < size; ++i) {
      const std::size_t sender = next_++ % senders_.size();
      messages.push_back({.room = room_of(sender),
                          .sender = senders_[sender],
                          .content = std::string(120, 'x'),
                          .client_id = fmt::format("{:016x}{:016x}", random_(), random_()),
                          .file = std::nullopt});
    }
    return messages;
  }

  void fill(std::int64_t count) {
    for (std::int64_t stored = 0; stored < count; stored += 512) run(messages().append(batch(512), kNow));
  }

  template <class T>
  T run(Task<Result<T>> task) {
    return must(run_task(loop_, std::move(task)));
  }

  MessageStore& messages() { return store_->messages(); }
  RoomId room() const { return rooms_.front(); }

 private:
  RoomId room_of(std::size_t sender) const { return rooms_[sender % rooms_.size()]; }

  izpo::testing::TemporaryDirectory directory_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<sqlite::Store> store_ = must(sqlite::Store::open({.file = directory_.path() / "bench.db"}));
  std::vector<UserId> senders_;
  std::vector<RoomId> rooms_;
  std::size_t next_ = 0;
  std::mt19937_64 random_;  // the same sequence every time
};

// Durable messages a second by batch size and number of rooms, in a database that already holds 100,000, and
// how long the slowest of the batches took: checkpoints count.
void append(benchmark::State& state) {
  Bench bench(state.range(1));
  bench.fill(100'000);
  Times times;
  for (auto _ : state) {
    state.PauseTiming();
    auto batch = bench.batch(state.range(0));
    state.ResumeTiming();
    times.measure([&] { bench.run(bench.messages().append(std::move(batch), kNow)); });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  times.report(state);
}
BENCHMARK(append)
    ->ArgNames({"batch", "rooms"})
    ->ArgsProduct({{1, 8, 64, 512}, {1, 64}})
    ->MinTime(2)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

// One row, one commit, nothing else: what the disk and SQLite ask of everybody who wants to be durable. What
// a lone sender waits beyond this is the server's doing.
void bare_commit(benchmark::State& state) {
  static constexpr sql::Statement kInsert("INSERT INTO rows (text) VALUES ($1)");
  const izpo::testing::TemporaryDirectory directory;
  auto connection = must(sqlite::Connection::open(directory.path() / "bare.db", sqlite::Access::kWrite));
  must(connection.script("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"));
  const std::string text(120, 'x');
  Times times;
  for (auto _ : state) {
    times.measure([&] {
      must(connection.begin());
      must(connection.query(kInsert, sql::Params{text}.values()));
      must(connection.commit());
    });
  }
  state.SetItemsProcessed(state.iterations());
  times.report(state);
}
BENCHMARK(bare_commit)->MinTime(2)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMicrosecond);

// The newest page, and one from the middle, of a room of so many messages: the cost must not grow.
void history(benchmark::State& state) {
  Bench bench(1);
  bench.fill(state.range(0));
  const HistoryPage page{.limit = 50, .before = MessageId(state.range(0) / 2)};
  for (auto _ : state) benchmark::DoNotOptimize(bench.run(bench.messages().history(bench.room(), page)));
}
BENCHMARK(history)->Arg(1'024)->Arg(102'400)->MeasureProcessCPUTime()->UseRealTime()->Unit(
    benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
