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

 private:
  memory::Store store_;
};

}  // namespace

std::unique_ptr<Backend> make_memory_backend() {
  return std::make_unique<MemoryBackend>();
}

}  // namespace izpo::testing
