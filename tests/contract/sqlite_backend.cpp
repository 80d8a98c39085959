#include "contract/sqlite_backend.hpp"

#include <stdexcept>

#include "adapters/sqlite/store.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().log_detail);
  return *std::move(result);
}

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() { open(); }

  UserStore& users() override { return store_->users(); }
  SessionStore& sessions() override { return store_->sessions(); }
  RoomStore& rooms() override { return store_->rooms(); }
  MemberStore& members() override { return store_->members(); }
  MessageStore& messages() override { return store_->messages(); }
  FileStore& files() override { return store_->files(); }
  LineageStore& lineage() override { return store_->lineage(); }

  void reopen() override {
    store_.reset();
    open();
  }

 private:
  void open() {
    store_ = must(sqlite::Store::open({.file = directory_.path() / "chat.db"}));
    must(store_->migrate(Timestamp{}));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Store> store_;
};

}  // namespace

std::unique_ptr<Backend> make_sqlite_backend() {
  return std::make_unique<SqliteBackend>();
}

}  // namespace izpo::testing
