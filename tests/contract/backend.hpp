#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "ports/file_store.hpp"
#include "ports/lineage_store.hpp"
#include "ports/member_store.hpp"
#include "ports/message_store.hpp"
#include "ports/room_store.hpp"
#include "ports/session_store.hpp"
#include "ports/user_store.hpp"

namespace izpo::testing {

// One adapter's stores over an empty database, which goes away with it.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual UserStore& users() = 0;
  virtual SessionStore& sessions() = 0;
  virtual RoomStore& rooms() = 0;
  virtual MemberStore& members() = 0;
  virtual MessageStore& messages() = 0;
  virtual FileStore& files() = 0;
  virtual LineageStore& lineage() = 0;

  // Closes the database and opens it again, where that means something.
  virtual void reopen() {}
};

struct BackendKind {
  std::string name;
  std::unique_ptr<Backend> (*make)();
};

// Every adapter that the suites run on: one line each in backends.cpp.
std::vector<BackendKind> backend_kinds();

std::string backend_name(const ::testing::TestParamInfo<BackendKind>& info);

}  // namespace izpo::testing
