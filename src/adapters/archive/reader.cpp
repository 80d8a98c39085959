#include "adapters/archive/reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/archive/writer.hpp"
#include "domain/reasons.hpp"

namespace izpo::archive {
namespace {

constexpr std::size_t kPiece = 256UZ * 1024;

}  // namespace

void Reader::Free::operator()(struct archive* archive) const {
  archive_read_free(archive);
}

Result<Reader> Reader::open(std::filesystem::path file) {
  std::unique_ptr<struct archive, Free> archive(archive_read_new());
  if (!archive) throw std::bad_alloc();
  archive_read_support_format_tar(archive.get());
  archive_read_support_filter_gzip(archive.get());
  archive_read_support_filter_xz(archive.get());
  archive_read_support_filter_zstd(archive.get());
  Reader reader(std::move(file), std::move(archive));
  if (archive_read_open_filename(reader.archive_.get(), reader.file_.c_str(), kPiece) != ARCHIVE_OK) {
    const int error = archive_errno(reader.archive_.get());
    if (error <= 0) return reader.damaged("it is no archive");
    return fail(Error(reason::kStorageUnavailable, fmt::format("cannot read {}: {}", reader.file_.string(),
                                                               std::generic_category().message(error))));
  }
  return reader;
}

Reader::Reader(std::filesystem::path file, std::unique_ptr<struct archive, Free> archive)
    : file_(std::move(file)), archive_(std::move(archive)) {}

std::unexpected<Error> Reader::damaged(std::string_view why) const {
  return fail(Error(reason::kStorageUnavailable,
                    fmt::format("{} is damaged, or no backup: {}", file_.string(), why)));
}

Result<std::optional<Reader::Member>> Reader::next_header() {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(archive_.get(), &entry);
  if (code == ARCHIVE_EOF) return std::nullopt;
  if (code != ARCHIVE_OK) return damaged(archive_error_string(archive_.get()));
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG ||
      archive_entry_hardlink(entry) != nullptr)
    return damaged("it has something else than files in it");
  name_ = name;
  digest_.emplace();
  return Member{.name = name_, .size = archive_entry_size(entry)};
}

Result<std::optional<Reader::Member>> Reader::next() {
  IZPO_CHECK(end_member());
  auto member = next_header();
  if (!member) return member;
  if (!*member) return damaged("its end is missing");
  if (sums_.contains(name_)) return damaged("it has two files of one name");
  if (name_ != kSums) return member;
  IZPO_CHECK(check_sums());
  member = next_header();
  if (member && *member) return damaged("there is more after its end");
  return member;
}

Result<std::size_t> Reader::read(std::span<char> buffer) {
  if (!digest_) return 0;
  const la_ssize_t count = archive_read_data(archive_.get(), buffer.data(), buffer.size());
  if (count < 0) return damaged(archive_error_string(archive_.get()));
  digest_->add(buffer.first(static_cast<std::size_t>(count)));
  if (count == 0) {
    sum_ = digest_->hex();
    digest_.reset();
    sums_[name_] = sum_;
  }
  return static_cast<std::size_t>(count);
}

Result<void> Reader::end_member() {
  std::vector<char> passed_over(digest_ ? kPiece : 0);
  while (digest_) {
    IZPO_CHECK(read(passed_over));
  }
  return {};
}

Result<void> Reader::check_sums() {
  std::string expected;
  for (const auto& [name, sum] : sums_) expected += fmt::format("{}  {}\n", sum, name);
  std::string found;
  std::vector<char> piece(kPiece);
  while (digest_) {
    IZPO_TRY(const std::size_t count, read(piece));
    found.append(piece.data(), count);
    if (found.size() > expected.size()) break;
  }
  if (found != expected) return damaged("its checksums do not match");
  return {};
}

}  // namespace izpo::archive
