#include "api/static_files.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "api/conditional.hpp"
#include "domain/reasons.hpp"

namespace izpo::api {

namespace {

namespace fs = std::filesystem;

struct Type {
  std::string_view extension;
  std::string_view content_type;
};

constexpr Type kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/markdown; charset=utf-8"},
    {".xml", "application/xml"},
    {".csv", "text/csv; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".mp3", "audio/mpeg"},
    {".wav", "audio/wav"},
    {".ogg", "audio/ogg"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
    {".pdf", "application/pdf"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
};

// Scripts, styles and images of this server only: a page put here must not become somebody else's.
constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

std::string_view content_type_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  for (const Type& type : kTypes) {
    if (equal_without_case(type.extension, extension)) return type.content_type;
  }
  return "application/octet-stream";
}

bool is_plain(std::string_view path) {
  if (path.find_first_of(std::string_view("\\\0", 2)) != std::string_view::npos) return false;
  while (true) {
    const auto end = path.find('/');
    const auto segment = path.substr(0, end);
    if (segment.empty() || segment.starts_with('.')) return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

// The file with all links followed, or an empty path when there is none or it lies outside.
fs::path resolve(const std::string& directory, std::string_view path) {
  std::error_code error;
  const fs::path root = fs::canonical(directory, error);
  if (error) return {};
  fs::path file = fs::canonical(root / path, error);
  if (error) return {};
  const auto [rest, ignored] = std::ranges::mismatch(root, file);
  return rest == root.end() ? file : fs::path();
}

class Descriptor {
 public:
  explicit Descriptor(const fs::path& file)
      : number_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

// A file that shrinks while it is read gives what is left of it.
std::string read_all(int descriptor, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t read = ::read(descriptor, bytes.data() + filled, size - filled);
    if (read <= 0) break;
    filled += static_cast<std::size_t>(read);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

Result<Response> static_file(const std::string& directory, std::string_view path, const Headers& request) {
  if (!is_plain(path)) return fail(reason::kPathNotFound);
  const fs::path file = resolve(directory, path);
  if (file.empty()) return fail(reason::kPathNotFound);
  const Descriptor descriptor(file);
  struct stat status{};
  if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > kMaxStaticFile) {
    return fail(reason::kPathNotFound);
  }
  const std::string etag =
      fmt::format("\"{:x}-{:x}-{:x}\"", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size);
  const std::string last_modified =
      fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(status.st_mtim.tv_sec));
  Response response;
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("ETag", etag);
  response.headers.add("Last-Modified", last_modified);
  if (is_unchanged(request, etag, last_modified)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(content_type_of(file)));
  response.headers.add("Content-Security-Policy", std::string(kPolicy));
  response.body = read_all(descriptor.number(), static_cast<std::size_t>(status.st_size));
  return response;
}

}  // namespace izpo::api
