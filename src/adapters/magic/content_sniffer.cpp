#include "adapters/magic/content_sniffer.hpp"

#include <magic.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "domain/reasons.hpp"

namespace izpo::magic {

namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kMostWaiting = 512;

struct Close {
  void operator()(magic_t cookie) const { magic_close(cookie); }
};
using Cookie = std::unique_ptr<magic_set, Close>;

Cookie make_cookie() {
  // What it would unpack or parse as a whole is left out: the content may be hostile, and its head is enough.
  Cookie cookie(magic_open(MAGIC_MIME | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF));
  if (!cookie || magic_load(cookie.get(), nullptr) != 0) {
    throw std::runtime_error(std::string("libmagic has no database: ") +
                             (cookie ? magic_error(cookie.get()) : "no memory"));
  }
  return cookie;
}

}  // namespace

ContentSniffer::ContentSniffer()
    : pool_(kThreads, kMostWaiting,
            {.full = reason::kOverloaded, .stopping = reason::kShuttingDown, .failed = reason::kInternal}) {
  make_cookie();
}

Task<Result<SniffedContent>> ContentSniffer::sniff(std::string_view head) {
  co_return co_await pool_.run([head]() -> Result<SniffedContent> {
    thread_local const Cookie cookie = make_cookie();
    const char* found = magic_buffer(cookie.get(), head.data(), head.size());
    if (found == nullptr) return fail(Error(reason::kInternal, "libmagic failed"));
    const std::string_view text(found);  // "text/plain; charset=utf-8"
    const auto semicolon = text.find(';');
    return SniffedContent{.mime = std::string(text.substr(0, semicolon)),
                          .is_text = semicolon != std::string_view::npos && !text.ends_with("=binary")};
  });
}

}  // namespace izpo::magic
