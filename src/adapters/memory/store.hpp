#pragma once

#include "adapters/memory/accounts.hpp"
#include "adapters/memory/data.hpp"
#include "adapters/memory/files.hpp"
#include "adapters/memory/messages.hpp"
#include "adapters/memory/rooms.hpp"
#include "ports/lineage_store.hpp"

namespace izpo::memory {

class LineageStore final : public izpo::LineageStore {
 public:
  Task<Result<std::string>> epoch() override { co_return "memory"; }
};

// Every store port in plain memory, for tests. Safe to call from any thread; answers at once.
class Store {
 public:
  izpo::UserStore& users() { return users_; }
  izpo::SessionStore& sessions() { return sessions_; }
  izpo::RoomStore& rooms() { return rooms_; }
  izpo::MemberStore& members() { return members_; }
  izpo::MessageStore& messages() { return messages_; }
  izpo::FileStore& files() { return files_; }
  izpo::LineageStore& lineage() { return lineage_; }

  Data& data() { return data_; }

 private:
  Data data_;
  UserStore users_{data_};
  SessionStore sessions_{data_};
  RoomStore rooms_{data_};
  MemberStore members_{data_};
  MessageStore messages_{data_};
  FileStore files_{data_};
  LineageStore lineage_;
};

}  // namespace izpo::memory
