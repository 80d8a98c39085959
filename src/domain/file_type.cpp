#include "domain/file_type.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace izpo {

namespace {

using enum FileCategory;

constexpr std::string_view kDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr std::string_view kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::string_view kPptx =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

constexpr std::array kTypes{
    FileType{"pdf", "application/pdf", kDocuments, true},
    FileType{"doc", "application/msword", kDocuments, false},
    FileType{"docx", kDocx, kDocuments, false},
    FileType{"xls", "application/vnd.ms-excel", kDocuments, false},
    FileType{"xlsx", kXlsx, kDocuments, false},
    FileType{"ppt", "application/vnd.ms-powerpoint", kDocuments, false},
    FileType{"pptx", kPptx, kDocuments, false},
    FileType{"txt", "text/plain", kDocuments, false},
    FileType{"csv", "text/csv", kDocuments, false},
    FileType{"jpg", "image/jpeg", kImages, true},
    FileType{"jpeg", "image/jpeg", kImages, true},
    FileType{"png", "image/png", kImages, true},
    FileType{"gif", "image/gif", kImages, true},
    FileType{"webp", "image/webp", kImages, true},
    FileType{"svg", "image/svg+xml", kImages, false},
    FileType{"mp3", "audio/mpeg", kAudio, true},
    FileType{"wav", "audio/wav", kAudio, true},
    FileType{"ogg", "audio/ogg", kAudio, true},
    FileType{"mp4", "video/mp4", kVideo, true},
    FileType{"avi", "video/x-msvideo", kVideo, true},
    FileType{"mov", "video/quicktime", kVideo, true},
    FileType{"zip", "application/zip", kArchives, false},
    FileType{"rar", "application/vnd.rar", kArchives, false},
    FileType{"7z", "application/x-7z-compressed", kArchives, false},
};

constexpr std::string_view kOle("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);  // [MS-CFB] section 2.2

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
  return std::ranges::find(choices, text) != choices.end();
}

// Old office documents: the kind stands in a directory that can lie anywhere in the file, so a container
// whose kind was not found counts as what the name says.
bool is_ole(const SniffedContent& content, std::string_view head) {
  const bool other = is_one_of(content.mime, {"application/msword", "application/vnd.ms-excel",
                                              "application/vnd.ms-powerpoint", "application/x-msi"});
  return head.starts_with(kOle) && !other;
}

// A package of Open Packaging Conventions has its parts below a folder of its kind.
bool is_ooxml(std::string_view head, std::string_view folder) {
  return head.starts_with("PK\x03\x04") && head.contains("[Content_Types].xml") && head.contains(folder);
}

// The box type of an ISO base media file (ISO/IEC 14496-12 §4.2) or of QuickTime.
std::string_view first_box(std::string_view head) {
  return head.size() < 8 ? std::string_view() : head.substr(4, 4);
}

// MPEG audio, which has no magic number: a frame's eleven set bits and a layer that is not reserved, or ID3.
bool is_mpeg_audio(std::string_view head) {
  if (head.starts_with("ID3")) return true;
  if (head.size() < 2) return false;
  const auto second = static_cast<unsigned char>(head[1]);
  return head[0] == '\xFF' && (second & 0xE0U) == 0xE0U && (second & 0x06U) != 0;
}

bool is_plain_text(const SniffedContent& content, std::string_view head) {
  // libmagic does not judge a single byte.
  if (head.size() == 1) return head[0] == '\n' || (head[0] >= ' ' && head[0] <= '~');
  return content.is_text && content.mime != "application/pdf" && !content.mime.starts_with("audio/") &&
         !content.mime.starts_with("video/");
}

}  // namespace

std::span<const FileType> allowed_file_types() {
  return kTypes;
}

const FileType* file_type_of(std::string_view filename) {
  const auto dot = filename.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  std::string extension(filename.substr(dot + 1));
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto* found = std::ranges::find(kTypes, extension, &FileType::extension);
  return found == kTypes.end() ? nullptr : found;
}

bool is_shown_inline(std::string_view mime) {
  const auto* found = std::ranges::find(kTypes, mime, &FileType::mime);
  return found != kTypes.end() && found->shown_inline;
}

bool content_agrees(const FileType& named, const SniffedContent& content, std::string_view head) {
  const std::string_view mime = content.mime;
  const std::string_view extension = named.extension;
  if (is_one_of(extension, {"txt", "csv"})) return is_plain_text(content, head);
  if (mime == named.mime) return true;
  if (is_one_of(extension, {"doc", "xls", "ppt"})) return is_ole(content, head);
  if (extension == "docx") return is_ooxml(head, "word/");
  if (extension == "xlsx") return is_ooxml(head, "xl/");
  if (extension == "pptx") return is_ooxml(head, "ppt/");
  if (extension == "svg") return content.is_text && head.contains("<svg");
  if (extension == "mp3") return mime == "application/octet-stream" && is_mpeg_audio(head);
  if (extension == "wav") return is_one_of(mime, {"audio/x-wav", "audio/vnd.wave"});
  if (extension == "ogg") return is_one_of(mime, {"application/ogg", "video/ogg"});
  if (extension == "mp4") return first_box(head) == "ftyp" && !mime.starts_with("image/");
  if (extension == "mov")
    return is_one_of(first_box(head), {"ftyp", "moov", "mdat", "wide", "free", "skip"}) &&
           !mime.starts_with("image/");
  if (extension == "avi") return mime == "video/avi";
  if (extension == "zip") return head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06");
  if (extension == "rar") return is_one_of(mime, {"application/x-rar", "application/x-rar-compressed"});
  return false;
}

}  // namespace izpo
