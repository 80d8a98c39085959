#include "wire/multipart.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "wire/header_parameters.hpp"

namespace izpo::wire {

namespace {

constexpr std::size_t kMaxBoundary = 70;

// A part's head, without the empty line at its end: what its Content-Disposition says.
std::optional<PartHead> parse_head(std::string_view head) {
  std::optional<PartHead> part;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    if (!equal_without_case(line.substr(0, colon), "Content-Disposition")) continue;
    auto value = parse_header_value(line.substr(colon + 1));
    if (part || !value || !equal_without_case(value->value, "form-data")) return std::nullopt;
    const auto name = value->find("name");
    if (!name) return std::nullopt;
    // The extended form is the better one where both stand (RFC 6266 §4.3).
    auto filename = value->find("filename*");
    if (!filename) filename = value->find("filename");
    part.emplace(PartHead{.name = *name, .filename = std::move(filename)});
  }
  return part;
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  const auto value = parse_header_value(content_type);
  if (!value || !equal_without_case(value->value, "multipart/form-data")) return std::nullopt;
  auto boundary = value->find("boundary");
  const auto is_bad = [](char c) { return c < ' ' || c > '~'; };
  if (!boundary || boundary->empty() || boundary->size() > kMaxBoundary || boundary->ends_with(' ') ||
      std::ranges::any_of(*boundary, is_bad)) {
    return std::nullopt;
  }
  return boundary;
}

MultipartParser::MultipartParser(std::string_view boundary, Limits limits)
    : delimiter_("\r\n--" + std::string(boundary)), limits_(limits) {}

MultipartParser::Outcome MultipartParser::next(std::string_view& input) {
  switch (step_) {
    case Step::kPreamble: return drop_preamble(input);
    case Step::kAfterBoundary: return after_boundary(input);
    case Step::kHead: return read_head(input);
    case Step::kData: return read_data(input);
    case Step::kEpilogue: {
      const std::size_t size = std::exchange(input, {}).size();
      return drop(size);
    }
  }
  std::unreachable();
}

MultipartParser::Outcome MultipartParser::drop(std::size_t bytes) {
  dropped_ += bytes;
  if (dropped_ > limits_.dropped_bytes) return std::unexpected(Failure::kMalformed);
  return Event{Event::Kind::kNeedInput};
}

// Bytes up to the next delimiter. A delimiter's first bytes are held back at the end of an input; when it
// turns out not to be one, they are given from the delimiter itself, whose bytes they equal. No CR stands
// inside it, so nothing of what was held back can begin another.
std::string_view MultipartParser::take_data(std::string_view& input, bool& at_boundary) {
  at_boundary = false;
  if (matched_ > 0) {
    while (matched_ < delimiter_.size() && !input.empty() && input.front() == delimiter_[matched_]) {
      ++matched_;
      input.remove_prefix(1);
    }
    if (matched_ == delimiter_.size()) {
      at_boundary = true;
      matched_ = 0;
      return {};
    }
    if (input.empty()) return {};
    return std::string_view(delimiter_).substr(0, std::exchange(matched_, 0));
  }
  const std::string_view whole = input;
  for (std::size_t at = 0;;) {
    const auto cr = whole.find('\r', at);
    if (cr == std::string_view::npos) {
      input = {};
      return whole;
    }
    const std::string_view rest = whole.substr(cr, delimiter_.size());
    if (std::string_view(delimiter_).starts_with(rest)) {
      matched_ = rest.size();
      input = whole.substr(cr + matched_);
      if (matched_ == delimiter_.size()) {
        at_boundary = true;
        matched_ = 0;
      }
      return whole.substr(0, cr);
    }
    at = cr + 1;
  }
}

MultipartParser::Outcome MultipartParser::drop_preamble(std::string_view& input) {
  while (!input.empty()) {
    bool at_boundary = false;
    const std::size_t size = take_data(input, at_boundary).size();
    if (const auto dropped = drop(size); !dropped) return dropped;
    if (at_boundary) {
      step_ = Step::kAfterBoundary;
      return after_boundary(input);
    }
  }
  return Event{Event::Kind::kNeedInput};
}

// Two dashes end the body; otherwise blanks and the end of the line (RFC 2046 §5.1.1).
MultipartParser::Outcome MultipartParser::after_boundary(std::string_view& input) {
  while (!input.empty()) {
    line_ += input.front();
    input.remove_prefix(1);
    if (line_ == "--") {
      line_.clear();
      step_ = Step::kEpilogue;
      return Event{Event::Kind::kEnd};
    }
    if (line_.ends_with("\r\n")) {
      if (line_.find_first_not_of(" \t\r\n") != std::string::npos || line_.find('\r') + 2 != line_.size())
        return std::unexpected(Failure::kMalformed);
      if (++parts_ > limits_.parts) return std::unexpected(Failure::kTooManyParts);
      line_.clear();
      step_ = Step::kHead;
      return read_head(input);
    }
    if (line_.size() > delimiter_.size()) return std::unexpected(Failure::kMalformed);
  }
  return Event{Event::Kind::kNeedInput};
}

MultipartParser::Outcome MultipartParser::read_head(std::string_view& input) {
  // The lines before are in line_, so its end is looked for there, from the last bytes on.
  const std::size_t before = line_.size();
  const std::size_t room = limits_.head_bytes + 4 - before;
  line_ += input.substr(0, room);
  const std::size_t from = before < 3 ? 0 : before - 3;
  const bool empty = line_.starts_with("\r\n");
  const std::size_t end = empty ? 0 : line_.find("\r\n\r\n", from);
  if (end == std::string::npos) {
    if (line_.size() >= limits_.head_bytes + 4) return std::unexpected(Failure::kHeadTooLarge);
    input = {};
    return Event{Event::Kind::kNeedInput};
  }
  input.remove_prefix(end + (empty ? 2 : 4) - before);
  auto part = parse_head(std::string_view(line_).substr(0, end));
  if (!part) return std::unexpected(Failure::kMalformed);
  part_ = *std::move(part);
  line_.clear();
  step_ = Step::kData;
  return Event{Event::Kind::kPart};
}

MultipartParser::Outcome MultipartParser::read_data(std::string_view& input) {
  for (;;) {
    if (std::exchange(at_end_of_part_, false)) {
      step_ = Step::kAfterBoundary;
      return Event{Event::Kind::kPartEnd};
    }
    if (input.empty()) return Event{Event::Kind::kNeedInput};
    const std::string_view data = take_data(input, at_end_of_part_);
    if (!data.empty()) return Event{Event::Kind::kData, data};
  }
}

}  // namespace izpo::wire
