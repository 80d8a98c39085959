#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sql/file_store.hpp"
#include "adapters/sql/lineage_store.hpp"
#include "adapters/sql/member_store.hpp"
#include "adapters/sql/room_store.hpp"
#include "adapters/sql/session_store.hpp"
#include "adapters/sql/user_store.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/message_store.hpp"
#include "adapters/sqlite/server_lock.hpp"

namespace izpo::sqlite {

struct StoreOptions {
  std::filesystem::path file;
  std::size_t readers = 2;  // threads, each with a connection
  bool serves = false;      // holds a ServerLock: fails when another server has it
};

// Every store port on one SQLite file. Made at start, closed when nothing calls it any more.
class Store {
 public:
  // Makes the file when there is none; its folder must exist. Call migrate before anything else. Fails with
  // kStorageUnavailable; the error's detail is a line for the operator.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
  ~Store() = default;

  // Blocks, so not on a loop. Fails as sql::migrate; returns the names of what it applied.
  Result<std::vector<std::string>> migrate(Timestamp now);

  // Finishes what was begun and leaves one complete file behind. Blocks. The destructor does the same. Until
  // then every loop that ever awaited a store must exist: a thread of the database may still be inside the
  // post() by which it woke it.
  void close() { database_->close(); }

  izpo::UserStore& users() { return users_; }
  izpo::SessionStore& sessions() { return sessions_; }
  izpo::RoomStore& rooms() { return rooms_; }
  izpo::MemberStore& members() { return members_; }
  izpo::MessageStore& messages() { return messages_; }
  izpo::FileStore& files() { return files_; }
  izpo::LineageStore& lineage() { return lineage_; }

  Database& database() { return *database_; }

 private:
  Store(std::optional<ServerLock> lock, std::unique_ptr<Database> database);

  std::optional<ServerLock> lock_;      // first: given back when the database is closed
  boost::asio::io_context start_loop_;  // migrate's; outlives the database's threads, as close says
  std::unique_ptr<Database> database_;
  sql::UserStore users_;
  sql::SessionStore sessions_;
  sql::RoomStore rooms_;
  sql::MemberStore members_;
  MessageStore messages_;
  sql::FileStore files_;
  sql::LineageStore lineage_;
};

}  // namespace izpo::sqlite
