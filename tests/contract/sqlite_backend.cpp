#include "contract/sqlite_backend.hpp"

#include <stdexcept>

#include "adapters/sqlite/store.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {
namespace {

constexpr sql::Statement kAddFile(
    "INSERT INTO file_uploads (original_filename, stored_filename, file_size, content_type, public_url, "
    "uploader_id, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id");
constexpr sql::Statement kDeleteFile("UPDATE file_uploads SET deleted_at = $2 WHERE id = $1 RETURNING id");

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

  FileId add_file(const File& file) override {
    return change<FileId>(kAddFile, {file.original_filename, file.stored_filename, file.size,
                                     file.content_type, file.public_url, file.uploader, file.uploaded_at});
  }

  void delete_file(FileId file, Timestamp now) override { change<FileId>(kDeleteFile, {file, now}); }

  void reopen() override {
    store_.reset();
    open();
  }

 private:
  void open() {
    store_ = must(sqlite::Store::open({.file = directory_.path() / "chat.db"}));
    must(store_->migrate(Timestamp{}));
  }

  template <class Id>
  Id change(const sql::Statement& statement, sql::Params params) {
    return must(run_task(store_->database().write([&](sql::Session& session) -> Task<Result<Id>> {
      IZPO_CO_TRY(const sql::Rows rows, co_await session.query(statement, params));
      co_return rows.row(0).template id<Id>();
    })));
  }

  TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Store> store_;
};

}  // namespace

std::unique_ptr<Backend> make_sqlite_backend() {
  return std::make_unique<SqliteBackend>();
}

}  // namespace izpo::testing
