#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// Which files may be uploaded: by the extension of their name, and by their content, which must agree.
namespace izpo {

enum class FileCategory : std::uint8_t { kDocuments, kImages, kAudio, kVideo, kArchives };

struct FileType {
  std::string_view extension;  // lower case, without a dot
  std::string_view mime;       // as it is served
  FileCategory category;
  bool shown_inline;  // a browser may show it in place: it runs no script in this server's name
};

// Every type that is allowed; one that has two extensions stands there twice.
std::span<const FileType> allowed_file_types();

// By the extension; nullptr: not allowed.
const FileType* file_type_of(std::string_view filename);

// Whether a content type may be shown in place; false for what is not of the allowed ones.
bool is_shown_inline(std::string_view mime);

// What a content looks like to libmagic.
struct SniffedContent {
  std::string mime;
  bool is_text = false;  // it has a character encoding
};

// How many of a file's first bytes are looked at. They show the entries of an office document, and an image's
// size behind its metadata.
inline constexpr std::size_t kSniffedBytes = std::size_t{256} << 10;

// Whether a content is of the type that its name says. `head` holds the first bytes.
bool content_agrees(const FileType& named, const SniffedContent& content, std::string_view head);

}  // namespace izpo
