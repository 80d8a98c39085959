#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "adapters/sql/database.hpp"
#include "adapters/sqlite/pool.hpp"

namespace izpo::sqlite {

// The driver: one writer, and readers that see the last commit and never wait for it.
class Database final : public sql::Database {
 public:
  // Makes the file when there is none.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, std::size_t readers);
  ~Database() override;

  Task<Result<void>> run_read(Body body) override;
  Task<Result<void>> run_write(Body body) override;

  // A write for what needs the connection itself. Does not wait for anything: no coroutine.
  Task<Result<void>> write_directly(std::move_only_function<Result<void>(Connection&)> body);

  // Finishes what was begun, moves the log into the database file and closes it.
  void close();

 private:
  Database(std::vector<Connection> readers, std::vector<Connection> writer);

  Pool readers_;
  Pool writer_;
};

}  // namespace izpo::sqlite
