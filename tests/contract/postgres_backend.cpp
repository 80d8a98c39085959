#include "contract/postgres_backend.hpp"

#include <stdexcept>

#include "adapters/postgres/store.hpp"
#include "contract/postgres_database.hpp"

namespace izpo::testing {
namespace {

class PostgresBackend final : public Backend {
 public:
  PostgresBackend() { open(); }

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
    store_ = std::make_unique<postgres::Store>(database_.options());
    if (const auto migrated = store_->migrate(Timestamp{}); !migrated)
      throw std::runtime_error(migrated.error().log_detail);
  }

  PostgresDatabase database_;
  std::unique_ptr<postgres::Store> store_;
};

}  // namespace

std::unique_ptr<Backend> make_postgres_backend() {
  return std::make_unique<PostgresBackend>();
}

}  // namespace izpo::testing
