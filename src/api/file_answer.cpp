#include "api/file_answer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "api/byte_range.hpp"
#include "api/conditional.hpp"
#include "api/problem.hpp"
#include "base/text.hpp"
#include "domain/file_type.hpp"

namespace izpo::api {

namespace {

// Of what is only saved: should a browser show it after all, it has no origin and runs nothing.
constexpr std::string_view kSavedPolicy = "default-src 'none'; sandbox";
// A browser shows an image, a video or a PDF in a page of its own making, to which this applies.
constexpr std::string_view kShownPolicy =
    "default-src 'none'; img-src 'self' data:; media-src 'self'; object-src 'self'; style-src "
    "'unsafe-inline'; frame-ancestors 'self'";
constexpr std::chrono::minutes kDirectLinkLifetime{15};

std::string http_date(Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

// Whether a page of this server shows or fetches it (Fetch Metadata, W3C): the page's policy lets it ask no
// other host, so it cannot be sent to the storage.
bool is_within_own_page(const Headers& request) {
  return request.find("Sec-Fetch-Site") == "same-origin" && request.find("Sec-Fetch-Dest") != "document";
}

// Whether the range is of what the client has a part of (RFC 9110 §13.1.5).
bool range_applies(const Headers& request, std::string_view etag, std::string_view last_modified) {
  const auto condition = request.find("If-Range");
  return !condition || *condition == etag || *condition == last_modified;
}

}  // namespace

std::string content_disposition(std::string_view kind, std::string_view filename) {
  std::string plain;
  for (const char c : filename) {
    const bool fits = c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '%';
    if (fits) {
      plain += c;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {  // one for a character
      plain += '_';
    }
  }
  std::string value = fmt::format("{}; filename=\"{}\"", kind, plain);
  if (plain != filename) value += "; filename*=UTF-8''" + percent_encoded(filename);
  return value;
}

Task<Result<Response>> file_answer(Call& call, File file, std::string cache_control) {
  // What was taken over from an earlier version is where it always was.
  if (file.blob.empty()) co_return fail(reason::kFileNotFound);
  const Headers& request = call.request.headers;
  const bool shown = is_shown_inline(file.content_type);
  const std::string disposition =
      content_disposition(shown ? "inline" : "attachment", file.original_filename);
  // Of a file from an earlier version the digest is not known; its stored name is its own for ever.
  const std::string etag =
      fmt::format("\"{}\"", file.digest.empty() ? file.stored_filename : file.digest.substr(0, 32));
  const std::string last_modified = http_date(file.uploaded_at);

  Response response;
  Headers& headers = response.headers;
  headers.add("ETag", etag);
  headers.add("Last-Modified", last_modified);
  headers.add("Cache-Control", std::move(cache_control));
  headers.add("Accept-Ranges", "bytes");
  // A web client on another origin shows images too.
  headers.add("Cross-Origin-Resource-Policy", "cross-origin");
  if (is_unchanged(request, etag, last_modified)) {
    response.status = 304;
    co_return response;
  }

  std::optional<std::string> direct;
  if (!is_within_own_page(request)) {
    IZPO_CO_TRY(direct, co_await call.services.files.direct_link(file, {.content_type = file.content_type,
                                                                        .content_disposition = disposition,
                                                                        .lifetime = kDirectLinkLifetime}));
  }
  if (direct) {
    response.status = 307;
    headers.set("Cache-Control", "no-store");
    headers.add("Location", *std::move(direct));
    co_return response;
  }

  ByteRange range{.first = 0, .length = file.size};
  const auto field = call.request.method == Method::kGet ? request.find("Range") : std::nullopt;
  if (field && range_applies(request, etag, last_modified)) {
    const auto wanted = byte_range(*field, file.size);
    if (!wanted) {
      Response refusal = problem(reason::kRangeNotSatisfiable, call.language, call.request.request_id);
      refusal.headers.add("Content-Range", fmt::format("bytes */{}", file.size));
      co_return refusal;
    }
    if (*wanted) {
      range = **wanted;
      response.status = 206;
      headers.add("Content-Range",
                  fmt::format("bytes {}-{}/{}", range.first, range.first + range.length - 1, file.size));
    }
  }
  headers.add("Content-Type", file.content_type.starts_with("text/") ? file.content_type + "; charset=utf-8"
                                                                     : file.content_type);
  headers.add("Content-Disposition", disposition);
  headers.add("Content-Security-Policy", std::string(shown ? kShownPolicy : kSavedPolicy));
  IZPO_CO_TRY(auto blob, co_await call.services.files.open(file));
  if (const std::string_view whole = blob->whole(); !whole.empty()) {
    response.body =
        whole.substr(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.length));
  } else {
    response.part = Response::Part{.blob = std::move(blob), .offset = range.first, .length = range.length};
  }
  co_return response;
}

Task<Result<Response>> thumbnail_answer(Call& call, const File& file, int side, std::string cache_control) {
  if (!call.services.links.has_thumbnails(file)) co_return fail(reason::kNoThumbnail);
  // Of these bytes at this size: another version of the program may make other ones, as good.
  const std::string etag = fmt::format("\"{}-{}\"", file.digest.substr(0, 32), side);
  const std::string last_modified = http_date(file.uploaded_at);
  Response response;
  Headers& headers = response.headers;
  headers.add("ETag", etag);
  headers.add("Last-Modified", last_modified);
  headers.add("Cache-Control", std::move(cache_control));
  headers.add("Cross-Origin-Resource-Policy", "cross-origin");
  if (is_unchanged(call.request.headers, etag, last_modified)) {
    response.status = 304;
    co_return response;
  }
  IZPO_CO_TRY(response.body, co_await call.services.thumbnails.get(file, side));
  headers.add("Content-Type", "image/webp");
  headers.add("Content-Disposition", "inline; filename=\"thumbnail.webp\"");
  headers.add("Content-Security-Policy", std::string(kShownPolicy));
  co_return response;
}

}  // namespace izpo::api
