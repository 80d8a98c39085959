#include "api/multipart_reader.hpp"

#include <utility>

#include "domain/reasons.hpp"

namespace izpo::api {

namespace {

// What is read is written before the next piece comes, so a small buffer stays in the processor's cache; 64
// KiB are enough for the digest to be at its best.
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

using Kind = wire::MultipartParser::Event::Kind;

}  // namespace

MultipartReader::MultipartReader(BodySource& body, std::string_view boundary)
    : body_(body), parser_(boundary) {}

// Up to a multiple of its size in the file: what is written in whole blocks takes large pages of the cache.
std::span<char> MultipartReader::room() {
  if (buffer_.empty()) buffer_.resize(kBufferBytes);
  return std::span(buffer_).first(kBufferBytes - given_ % kBufferBytes);
}

MultipartReader::Parsed MultipartReader::parse() {
  Parsed event = parser_.next(unread_);
  if (event && event->kind == Kind::kPart) given_ = 0;
  if (event && event->kind == Kind::kData) given_ += event->data.size();
  return event;
}

Task<Result<wire::MultipartParser::Event>> MultipartReader::next_event() {
  for (;;) {
    const Parsed event = found_ ? *std::exchange(found_, std::nullopt) : parse();
    if (!event) co_return fail(reason::kMalformedForm);
    if (event->kind != Kind::kNeedInput) co_return *event;
    IZPO_CO_TRY(const std::size_t count, co_await body_.read(room()));
    if (count == 0) co_return fail(reason::kMalformedForm);
    unread_ = std::string_view(buffer_.data(), count);
  }
}

Task<Result<std::optional<wire::PartHead>>> MultipartReader::next_part() {
  for (;;) {
    IZPO_CO_TRY(const auto event, co_await next_event());
    if (event.kind == Kind::kEnd) {
      in_part_ = false;
      co_return std::nullopt;
    }
    if (event.kind == Kind::kPart) {
      in_part_ = true;
      co_return parser_.part();
    }
  }
}

Task<Result<std::string_view>> MultipartReader::read() {
  if (!in_part_) co_return std::string_view();
  IZPO_CO_TRY(const auto event, co_await next_event());
  if (event.kind == Kind::kData) co_return event.data;
  in_part_ = false;  // its end: nothing else can come
  co_return std::string_view();
}

std::string_view MultipartReader::read_ready() {
  while (in_part_ && !found_) {
    const Parsed event = parse();
    if (!event || (event->kind != Kind::kNeedInput && event->kind != Kind::kData)) {
      found_ = event;
    } else if (event->kind == Kind::kData) {
      return event->data;
    } else {
      const std::size_t count = body_.read_ready(room());
      if (count == 0) break;
      unread_ = std::string_view(buffer_.data(), count);
    }
  }
  return {};
}

}  // namespace izpo::api
