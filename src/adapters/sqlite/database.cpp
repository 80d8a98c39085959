#include "adapters/sqlite/database.hpp"

#include <utility>

namespace izpo::sqlite {
namespace {

// How many transactions may wait before the next is refused with kOverloaded.
constexpr std::size_t kLongestReadQueue = 8192;
constexpr std::size_t kLongestWriteQueue = 8192;

class Session final : public sql::Session {
 public:
  explicit Session(Connection& connection) : connection_(connection) {}

  Task<Result<sql::Rows>> query(const sql::Statement& statement, sql::Params params) override {
    co_return connection_.query(statement, params.values());
  }
  Task<Result<void>> script(std::string_view text) override { co_return connection_.script(text); }

 private:
  Connection& connection_;
};

Pool::Work in_session(sql::Database::Body body) {
  return [body = std::move(body)](Connection& connection) mutable -> Task<Result<void>> {
    Session session(connection);
    co_return co_await body(session);
  };
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, std::size_t readers) {
  std::vector<Connection> writer;
  IZPO_TRY(Connection opened, Connection::open(file, Access::kWrite));
  writer.push_back(std::move(opened));
  std::vector<Connection> reading;
  for (std::size_t i = 0; i < readers; ++i) {
    IZPO_TRY(Connection reader, Connection::open(file, Access::kRead));
    reading.push_back(std::move(reader));
  }
  return std::unique_ptr<Database>(new Database(std::move(reading), std::move(writer)));
}

Database::Database(std::vector<Connection> readers, std::vector<Connection> writer)
    : readers_(std::move(readers), kLongestReadQueue), writer_(std::move(writer), kLongestWriteQueue) {}

Database::~Database() {
  close();
}

void Database::close() {
  readers_.close();
  writer_.close();  // last: the last connection to close empties the write-ahead log
}

Task<Result<void>> Database::run_read(Body body) {
  return readers_.run(in_session(std::move(body)));
}

Task<Result<void>> Database::run_write(Body body) {
  return writer_.run(in_session(std::move(body)));
}

Task<Result<void>> Database::write_directly(std::move_only_function<Result<void>(Connection&)> body) {
  return writer_.run([body = std::move(body)](Connection& connection) mutable -> Task<Result<void>> {
    co_return body(connection);
  });
}

}  // namespace izpo::sqlite
