#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/database.hpp"
#include "adapters/postgres/message_store.hpp"
#include "adapters/postgres/take_over.hpp"
#include "adapters/sql/file_store.hpp"
#include "adapters/sql/lineage_store.hpp"
#include "adapters/sql/member_store.hpp"
#include "adapters/sql/room_news.hpp"
#include "adapters/sql/room_store.hpp"
#include "adapters/sql/session_store.hpp"
#include "adapters/sql/user_store.hpp"
#include "ports/stores.hpp"

namespace izpo::postgres {

// Every store port on one PostgreSQL database.
class Store final : public Stores {
 public:
  // Connects to nothing yet: that is done by who asks first.
  explicit Store(DatabaseOptions options);
  ~Store() override = default;

  // Connects, and brings the tables up to date; returns the names of what it applied. Blocks, so not on a
  // loop, and only on a store with a thread of its own (DatabaseOptions::loops is empty). Fails with
  // kStorageUnavailable; the error's detail is a line for the operator, which says how a right that is
  // missing is given. A database made by the FastAPI version, with tables of another program that have names
  // of ours, or with text that is not UTF-8, is refused and stays as it is.
  Result<std::vector<std::string>> migrate(Timestamp now);

  // Makes a database of the FastAPI version ours, before migrate; the outcomes are those of
  // postgres::take_over. Blocks as migrate does.
  Result<TakeOver> take_over(TakeOverOptions how, Timestamp now);

  // lineage().epoch(), for who starts. Blocks as migrate does.
  Result<std::string> read_epoch();

  void close() override { database_->close(); }

  izpo::UserStore& users() override { return users_; }
  izpo::SessionStore& sessions() override { return sessions_; }
  izpo::RoomStore& rooms() override { return rooms_; }
  izpo::MemberStore& members() override { return members_; }
  izpo::MessageStore& messages() override { return messages_; }
  izpo::FileStore& files() override { return files_; }
  izpo::LineageStore& lineage() override { return lineage_; }
  izpo::RoomNewsStore* room_news() override { return &room_news_; }

  Database& database() { return *database_; }

 private:
  // Blocks until it is done; of a missing right the error's detail says how it is given.
  template <class T>
  Result<T> run(Task<Result<T>> task);

  boost::asio::io_context
      start_loop_;  // migrate's and read_epoch's; outlives the database's thread, as Stores::close says
  std::unique_ptr<Database> database_;
  const sql::Node node_;
  sql::UserStore users_;
  sql::SessionStore sessions_;
  sql::RoomStore rooms_;
  sql::MemberStore members_;
  MessageStore messages_;
  sql::FileStore files_;
  sql::LineageStore lineage_;
  sql::RoomNewsStore room_news_;
};

}  // namespace izpo::postgres
