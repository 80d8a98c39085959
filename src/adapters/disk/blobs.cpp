#include "adapters/disk/blobs.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "adapters/disk/blob_file.hpp"
#include "adapters/disk/layout.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"

namespace izpo::disk {

namespace {

// Opens it if the kernel has all that it needs for it in memory (Linux 5.12), and does not wait for a disk.
Descriptor open_cached(const std::filesystem::path& path) {
  open_how how{};
  how.flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_CACHED;
  return Descriptor(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
}

}  // namespace

struct Blobs::State {
  State(const std::filesystem::path& directory, const Clock& clock, Random& given_random, BlobOptions options)
      : random(given_random),
        shared{.layout = Layout(directory),
               .clock = clock,
               .names = {},
               .pool = WorkerPool(options.threads, options.most_waiting,
                                  {.full = reason::kOverloaded,
                                   .stopping = reason::kShuttingDown,
                                   .failed = reason::kInternal})} {}

  // What was read or written lately, without waiting for a disk; null: there is no such blob, or it takes a
  // wait.
  std::unique_ptr<BlobReader> open_cached(std::string_view name) {
    Descriptor file = disk::open_cached(shared.layout.blob(name));
    struct stat status{};
    if (!file || ::fstat(file.number(), &status) != 0) return nullptr;
    auto reader = std::make_unique<FileReader>(shared, std::move(file), status.st_size);
    if (!reader->read_small(RWF_NOWAIT)) return nullptr;
    return reader;
  }

  Random& random;
  Shared shared;
};

Result<std::unique_ptr<Blobs>> Blobs::open(const std::filesystem::path& directory, const Clock& clock,
                                           Random& random, BlobOptions options) {
  auto state = std::make_unique<State>(directory, clock, random, options);
  IZPO_CHECK(state->shared.layout.make_root());
  state->shared.layout.clear_temporary();
  return std::unique_ptr<Blobs>(new Blobs(std::move(state)));
}

Blobs::Blobs(std::unique_ptr<State> state) : state_(std::move(state)) {}

Blobs::~Blobs() = default;

Task<Result<std::unique_ptr<BlobWriter>>> Blobs::create(BlobLabel /*label*/) {
  co_return co_await state_->shared.pool.run([this]() -> Result<std::unique_ptr<BlobWriter>> {
    std::array<unsigned char, 16> bytes{};
    state_->random.fill(bytes);
    auto path = state_->shared.layout.temporary() / to_hex(bytes);
    IZPO_TRY(Descriptor file, open_file(path, O_WRONLY | O_CREAT | O_EXCL));
    return std::make_unique<FileWriter>(state_->shared, std::move(path), std::move(file));
  });
}

Task<Result<std::unique_ptr<BlobReader>>> Blobs::open(std::string name) {
  if (!is_blob_name(name)) co_return fail(reason::kFileNotFound);
  if (auto reader = state_->open_cached(name)) co_return reader;
  co_return co_await state_->shared.pool.run([this, &name]() -> Result<std::unique_ptr<BlobReader>> {
    const auto path = state_->shared.layout.blob(name);
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file && errno == ENOENT) return fail(Error(reason::kFileNotFound, "blob " + name + " is missing"));
    struct stat status{};
    if (!file || ::fstat(file.number(), &status) != 0) return system_failure("cannot open", path);
    auto reader = std::make_unique<FileReader>(state_->shared, std::move(file), status.st_size);
    IZPO_CHECK(reader->read_small());
    return reader;
  });
}

Task<Result<std::optional<std::string>>> Blobs::direct_link(std::string /*name*/, DirectLink /*how*/) {
  co_return std::nullopt;
}

Task<Result<void>> Blobs::remove(std::string name, Timestamp unless_since) {
  if (!is_blob_name(name)) co_return Result<void>{};
  co_return co_await state_->shared.pool.run([this, &name, unless_since]() -> Result<void> {
    const auto path = state_->shared.layout.blob(name);
    const std::scoped_lock lock(state_->shared.names);
    IZPO_TRY(const auto stored, stored_at(path));
    if (!stored || *stored > unless_since) return {};
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("cannot remove", path);
    return {};
  });
}

Task<Result<std::vector<izpo::Blobs::Listed>>> Blobs::list(std::string after, std::size_t most) {
  co_return co_await state_->shared.pool.run([this, &after, most]() -> Result<std::vector<Listed>> {
    std::vector<Listed> listed;
    for (std::string& name : state_->shared.layout.names_after(after, most)) {
      IZPO_TRY(const auto stored, stored_at(state_->shared.layout.blob(name)));
      // One that went meanwhile is kept in the list, so that an empty list is still the end of it.
      listed.push_back({.name = std::move(name), .stored_at = stored.value_or(Timestamp{})});
    }
    return listed;
  });
}

}  // namespace izpo::disk
