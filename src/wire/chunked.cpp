#include "wire/chunked.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace izpo::wire {

namespace {

constexpr std::size_t kExtensionLimit = 1024;  // bytes a chunk; nobody uses them
constexpr std::size_t kTrailersLimit = 8192;

int digit_value(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

bool is_control(char byte) {
  return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

std::expected<ChunkedDecoder::Progress, ChunkedDecoder::Failure> ChunkedDecoder::decode(
    std::string_view input, std::span<char> output) {
  Progress progress{.taken = 0, .given = 0};
  while (progress.taken < input.size() && !done()) {
    if (step_ != Step::kData) {
      if (auto taken = take(input[progress.taken]); !taken) return std::unexpected(taken.error());
      ++progress.taken;
      continue;
    }
    const std::size_t room = std::min(output.size() - progress.given, input.size() - progress.taken);
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, room));
    if (count == 0) break;
    std::memcpy(output.data() + progress.given, input.data() + progress.taken, count);
    progress.taken += count;
    progress.given += count;
    left_ -= count;
    if (left_ == 0) step_ = Step::kDataReturn;
  }
  return progress;
}

std::expected<void, ChunkedDecoder::Failure> ChunkedDecoder::take(char byte) {
  switch (step_) {
    case Step::kSize:
      left_ = 0;
      skipped_ = 0;
      step_ = Step::kSizeDigits;
      return take_digit(byte);
    case Step::kSizeDigits:
      if (digit_value(byte) >= 0) return take_digit(byte);
      if (byte == ';') {
        step_ = Step::kExtension;
        return {};
      }
      if (is_blank(byte)) {
        step_ = Step::kPadding;
        return {};
      }
      return expect(byte, '\r', Step::kSizeFeed);
    case Step::kPadding:
      if (is_blank(byte)) return skip(byte, Step::kSizeFeed, kExtensionLimit);
      return expect(byte, ';', Step::kExtension);
    case Step::kExtension: return skip(byte, Step::kSizeFeed, kExtensionLimit);
    case Step::kSizeFeed:
      if (left_ != 0) return expect(byte, '\n', Step::kData);
      skipped_ = 0;
      return expect(byte, '\n', Step::kTrailerStart);
    case Step::kDataReturn: return expect(byte, '\r', Step::kDataFeed);
    case Step::kDataFeed: return expect(byte, '\n', Step::kSize);
    case Step::kTrailerStart:
      if (byte == '\r') {
        step_ = Step::kLastFeed;
        return {};
      }
      if (is_blank(byte)) return std::unexpected(Failure::kMalformed);
      step_ = Step::kTrailer;
      return skip(byte, Step::kTrailerFeed, kTrailersLimit);
    case Step::kTrailer: return skip(byte, Step::kTrailerFeed, kTrailersLimit);
    case Step::kTrailerFeed: return expect(byte, '\n', Step::kTrailerStart);
    case Step::kLastFeed: return expect(byte, '\n', Step::kDone);
    case Step::kData:
    case Step::kDone: break;  // decode() takes none here
  }
  return {};
}

std::expected<void, ChunkedDecoder::Failure> ChunkedDecoder::take_digit(char byte) {
  const int value = digit_value(byte);
  if (value < 0 || left_ > std::numeric_limits<std::uint64_t>::max() / 16) {
    return std::unexpected(Failure::kMalformed);
  }
  left_ = left_ * 16 + static_cast<std::uint64_t>(value);
  // Leading zeros are digits too, and have to end some time.
  return ++skipped_ > kExtensionLimit ? std::expected<void, Failure>(std::unexpected(Failure::kTooLong))
                                      : std::expected<void, Failure>();
}

std::expected<void, ChunkedDecoder::Failure> ChunkedDecoder::expect(char byte, char wanted, Step next) {
  if (byte != wanted) return std::unexpected(Failure::kMalformed);
  step_ = next;
  return {};
}

// One byte of a line whose content does not matter.
std::expected<void, ChunkedDecoder::Failure> ChunkedDecoder::skip(char byte, Step at_line_end,
                                                                  std::size_t limit) {
  if (byte == '\r') {
    step_ = at_line_end;
    return {};
  }
  if (is_control(byte)) return std::unexpected(Failure::kMalformed);
  if (++skipped_ > limit) return std::unexpected(Failure::kTooLong);
  return {};
}

}  // namespace izpo::wire
