#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_types.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "wire/multipart.hpp"

namespace izpo::api {

// The parts of a multipart/form-data request, one after the other, pulled off its body. Holds one buffer.
class MultipartReader {
 public:
  MultipartReader(BodySource& body, std::string_view boundary);

  // Goes to the next part, past what is left of this one; nullopt: there is none. Fails with kMalformedForm,
  // also when the body ends before the form does, and as the body.
  Task<Result<std::optional<wire::PartHead>>> next_part();

  // The next bytes of the part, good until the next call; empty: its end. Fails as next_part.
  Task<Result<std::string_view>> read();

  // The same of what needs no waiting; empty: read() says what comes. See BodySource::read_ready.
  std::string_view read_ready();

 private:
  using Parsed = std::expected<wire::MultipartParser::Event, wire::MultipartParser::Failure>;

  // As the parser, but with all the input it needs.
  Task<Result<wire::MultipartParser::Event>> next_event();
  Parsed parse();
  std::span<char> room();  // for the next bytes

  BodySource& body_;
  wire::MultipartParser parser_;
  std::vector<char> buffer_;
  std::string_view unread_;      // in buffer_
  std::optional<Parsed> found_;  // by read_ready(), and not for it
  bool in_part_ = false;
  std::size_t given_ = 0;  // bytes of the part
};

}  // namespace izpo::api
