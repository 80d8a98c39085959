#include "contract/memory_backend.hpp"

#include "adapters/memory/store.hpp"

namespace izpo::testing {
namespace {

class MemoryBackend final : public Backend {
 public:
  UserStore& users() override { return store_.users(); }
  SessionStore& sessions() override { return store_.sessions(); }
  RoomStore& rooms() override { return store_.rooms(); }
  MemberStore& members() override { return store_.members(); }
  MessageStore& messages() override { return store_.messages(); }
  FileStore& files() override { return store_.files(); }
  LineageStore& lineage() override { return store_.lineage(); }

  FileId add_file(const File& file) override {
    memory::Data& data = store_.data();
    memory::FileRow row{.file = file};
    row.file.id = data.next_id<FileId>();
    return data.files.try_emplace(row.file.id, row).first->first;
  }

  void delete_file(FileId file, Timestamp /*now*/) override { store_.data().files.at(file).deleted = true; }

 private:
  memory::Store store_;
};

}  // namespace

std::unique_ptr<Backend> make_memory_backend() {
  return std::make_unique<MemoryBackend>();
}

}  // namespace izpo::testing
