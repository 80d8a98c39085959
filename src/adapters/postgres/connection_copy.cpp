#include <utility>

#include "adapters/postgres/connection.hpp"

// COPY, as section 55.2.6 of PostgreSQL's manual has it. libpq does not know it in pipeline mode.
namespace izpo::postgres {
namespace {

struct FreeMemory {
  void operator()(char* bytes) const { PQfreemem(bytes); }
};

}  // namespace

// Sends the statement and takes PostgreSQL's consent.
Task<std::expected<void, Failure>> Connection::begin_copy(std::string_view text, ExecStatusType wanted) {
  if (auto begun = co_await begin_plain(text); !begun) co_return begun;
  if (!co_await wait_for_answer()) co_return std::unexpected(lost());
  const Answer first(PQgetResult(handle_.get()));
  if (!first) co_return std::unexpected(lost());
  if (PQresultStatus(first.get()) == wanted) co_return std::expected<void, Failure>();
  auto ended = co_await end_plain(failure_of(*first));
  co_return std::unexpected(std::move(ended).error());
}

Task<std::expected<std::int64_t, Failure>> Connection::copy_in(std::string_view text, Pieces next) {
  if (auto begun = co_await begin_copy(text, PGRES_COPY_IN); !begun)
    co_return std::unexpected(std::move(begun).error());
  std::optional<Failure> failure;
  while (true) {
    const Result<std::string_view> piece = next();
    if (!piece) {
      failure = Failure{.error = piece.error()};
      if (PQputCopyEnd(handle_.get(), "given up") != 1) co_return std::unexpected(lost());
      break;
    }
    if (piece->empty()) {
      if (PQputCopyEnd(handle_.get(), nullptr) != 1) co_return std::unexpected(lost());
      break;
    }
    if (PQputCopyData(handle_.get(), piece->data(), static_cast<int>(piece->size())) != 1)
      co_return std::unexpected(lost());
    if (!co_await flush()) co_return std::unexpected(lost());
  }
  if (!co_await flush()) co_return std::unexpected(lost());
  co_return co_await end_plain(std::move(failure));
}

Task<std::expected<std::int64_t, Failure>> Connection::copy_out(std::string_view text, Taker take) {
  if (auto begun = co_await begin_copy(text, PGRES_COPY_OUT); !begun)
    co_return std::unexpected(std::move(begun).error());
  while (true) {
    constexpr int kDoNotWait = 1;
    char* raw = nullptr;
    const int size = PQgetCopyData(handle_.get(), &raw, kDoNotWait);
    const std::unique_ptr<char, FreeMemory> bytes(raw);
    if (size > 0) {
      take({bytes.get(), static_cast<std::size_t>(size)});
    } else if (size == 0) {
      if (!co_await wait_until_readable()) co_return std::unexpected(lost());
    } else if (size == -1) {
      co_return co_await end_plain(std::nullopt);
    } else {
      co_return std::unexpected(lost());
    }
  }
}

}  // namespace izpo::postgres
