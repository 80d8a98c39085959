#pragma once

#include "ports/file_store.hpp"
#include "ports/lineage_store.hpp"
#include "ports/member_store.hpp"
#include "ports/message_store.hpp"
#include "ports/room_news_store.hpp"
#include "ports/room_store.hpp"
#include "ports/session_store.hpp"
#include "ports/user_store.hpp"

namespace izpo {

// Every store, over one database. Made at start, closed when nothing calls it any more.
class Stores {
 public:
  virtual ~Stores() = default;

  virtual UserStore& users() = 0;
  virtual SessionStore& sessions() = 0;
  virtual RoomStore& rooms() = 0;
  virtual MemberStore& members() = 0;
  virtual MessageStore& messages() = 0;
  virtual FileStore& files() = 0;
  virtual LineageStore& lineage() = 0;

  // What other processes on the same database tell; nullptr: there can be none.
  virtual RoomNewsStore* room_news() { return nullptr; }

  // Finishes what was begun and lets go of the database; what is called later fails with kShuttingDown.
  // Blocks. The destructor does the same. Until then every loop that ever awaited a store must exist: a
  // thread of the database may still be inside the post() by which it woke it.
  virtual void close() = 0;
};

}  // namespace izpo
