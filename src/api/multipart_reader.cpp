#include "api/multipart_reader.hpp"

#include "domain/reasons.hpp"

namespace izpo::api {

namespace {

// A piece costs a change of threads when it is written.
constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

using Kind = wire::MultipartParser::Event::Kind;

}  // namespace

MultipartReader::MultipartReader(BodySource& body, std::string_view boundary)
    : body_(body), parser_(boundary) {}

Task<Result<wire::MultipartParser::Event>> MultipartReader::next_event() {
  for (;;) {
    const auto event = parser_.next(unread_);
    if (!event) co_return fail(reason::kMalformedForm);
    if (event->kind != Kind::kNeedInput) co_return *event;
    if (buffer_.empty()) buffer_.resize(kBufferBytes);
    IZPO_CO_TRY(const std::size_t count, co_await body_.read(buffer_));
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

}  // namespace izpo::api
