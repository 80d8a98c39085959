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
#include "ports/stores.hpp"

namespace izpo::sqlite {

struct StoreOptions {
  std::filesystem::path file;
  std::size_t readers = 2;  // threads, each with a connection
  bool serves = false;      // holds a ServerLock: fails when another server has it
};

// Every store port on one SQLite file.
class Store final : public Stores {
 public:
  // Makes the file when there is none; its folder must exist. Call migrate before anything else. Fails with
  // kStorageUnavailable; the error's detail is a line for the operator.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
  ~Store() override = default;

  // Blocks, so not on a loop. Fails as sql::migrate; returns the names of what it applied.
  Result<std::vector<std::string>> migrate(Timestamp now);

  // lineage().epoch(), for who starts. Blocks too.
  Result<std::string> read_epoch();

  // Leaves one complete file behind.
  void close() override { database_->close(); }

  izpo::UserStore& users() override { return users_; }
  izpo::SessionStore& sessions() override { return sessions_; }
  izpo::RoomStore& rooms() override { return rooms_; }
  izpo::MemberStore& members() override { return members_; }
  izpo::MessageStore& messages() override { return messages_; }
  izpo::FileStore& files() override { return files_; }
  izpo::LineageStore& lineage() override { return lineage_; }

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
