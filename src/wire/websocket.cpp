#include "wire/websocket.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace izpo::wire {
namespace {

constexpr unsigned kFin = 0x80;
constexpr unsigned kReserved = 0x70;
constexpr unsigned kRsv1 = 0x40;  // "compressed": RFC 7692 §6
constexpr unsigned kOpcode = 0x0F;
constexpr unsigned kControl = 0x08;  // the bit of an opcode that makes it a control frame, §5.5
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength = 0x7F;
constexpr unsigned kLength16 = 126;  // the length follows in 2 bytes
constexpr unsigned kLength64 = 127;  // … in 8
constexpr std::size_t kMaxControl = 125;
constexpr Failure kTooBig{kMessageTooBig, "message is too big"};
constexpr Failure kNotUtf8{kInvalidPayload, "text is not UTF-8"};
constexpr Failure kNotDeflate{kInvalidPayload, "compressed data are broken"};

bool is_control(unsigned opcode) {
  return (opcode & kControl) != 0;
}

// §5.3, eight bytes at a time; leaves `mask` turned for the byte that follows.
void unmask(std::span<char> bytes, std::array<unsigned char, 4>& mask) {
  const std::array twice{mask, mask};
  const auto wide = std::bit_cast<std::uint64_t>(twice);
  std::size_t at = 0;
  for (; at + sizeof wide <= bytes.size(); at += sizeof wide) {
    std::uint64_t word;
    std::memcpy(&word, &bytes[at], sizeof word);
    word ^= wide;
    std::memcpy(&bytes[at], &word, sizeof word);
  }
  for (; at < bytes.size(); ++at) bytes[at] = static_cast<char>(bytes[at] ^ mask[at % mask.size()]);
  std::ranges::rotate(mask, mask.begin() + bytes.size() % mask.size());
}

std::uint64_t big_endian(std::span<const unsigned char> bytes) {
  std::uint64_t value = 0;
  for (const unsigned char byte : bytes) value = value << 8U | byte;
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<char>(value >> 8U * bytes & 0xFFU));
}

// What an endpoint may send: §7.4.1, 1012 to 1014 of IANA's registry, and the two free ranges of §7.4.2.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

std::expected<std::optional<Event>, Failure> Decoder::next(std::span<char>& input) {
  release();
  while (step_ != Step::kEnded) {
    if (step_ == Step::kHeader) {
      const auto whole = read_header(input);
      if (!whole) return end(whole.error());
      if (!*whole) return std::nullopt;
    }
    const auto event = read_payload(input);
    if (!event) return end(event.error());
    if (*event || step_ == Step::kPayload) return event;
  }
  input = input.last(0);
  return std::nullopt;
}

// False: it is not all there yet.
std::expected<bool, Failure> Decoder::read_header(std::span<char>& input) {
  for (;;) {
    const std::size_t wanted = header_wanted();
    const std::size_t size = std::min<std::size_t>(wanted - header_size_, input.size());
    std::ranges::copy(input.first(size), header_.begin() + header_size_);
    header_size_ += static_cast<std::uint8_t>(size);
    input = input.subspan(size);
    if (header_size_ < wanted) return false;
    const auto failure = wanted == 2 ? check_start() : begin_frame();
    if (failure) return std::unexpected(*failure);
    if (wanted > 2) return true;
  }
}

// The first two bytes tell how long the header is. check_start() has seen to it that there is a mask.
std::size_t Decoder::header_wanted() const {
  if (header_size_ < 2) return 2;
  const unsigned length = header_[1] & kLength;
  return 2 + (length == kLength16 ? 2 : length == kLength64 ? 8 : 0) + mask_.size();
}

std::optional<Failure> Decoder::check_start() const {
  const unsigned opcode = header_[0] & kOpcode;
  const bool fin = (header_[0] & kFin) != 0;
  const bool may_be_compressed = compression_ && (opcode == static_cast<unsigned>(Opcode::kText) ||
                                                  opcode == static_cast<unsigned>(Opcode::kBinary));
  if ((header_[0] & kReserved & (may_be_compressed ? ~kRsv1 : ~0U)) != 0)
    return Failure{kProtocolError, "reserved bits are set"};
  if ((header_[1] & kMasked) == 0) return Failure{kProtocolError, "frame is not masked"};
  if (is_control(opcode)) {
    if (opcode > static_cast<unsigned>(Opcode::kPong)) return Failure{kProtocolError, "unknown opcode"};
    if (!fin) return Failure{kProtocolError, "control frame is fragmented"};
    if ((header_[1] & kLength) > kMaxControl) return Failure{kProtocolError, "control frame is too long"};
    return std::nullopt;
  }
  if (opcode > static_cast<unsigned>(Opcode::kBinary)) return Failure{kProtocolError, "unknown opcode"};
  const bool continues = opcode == static_cast<unsigned>(Opcode::kContinuation);
  const bool open = message_ != Opcode::kContinuation;
  if (continues && !open) return Failure{kProtocolError, "nothing to continue"};
  if (!continues && open) return Failure{kProtocolError, "message is not finished"};
  return std::nullopt;
}

std::optional<Failure> Decoder::begin_frame() {
  const std::size_t mask_at = header_size_ - mask_.size();
  const std::uint64_t length =
      mask_at == 2 ? header_[1] & kLength : big_endian(std::span(header_).subspan(2, mask_at - 2));
  if (length >> 63U != 0) return Failure{kProtocolError, "length has its top bit set"};
  const unsigned opcode = header_[0] & kOpcode;
  if (!is_control(opcode)) {
    if (message_ == Opcode::kContinuation) {
      message_ = static_cast<Opcode>(opcode);
      message_compressed_ = static_cast<Compressed>((header_[0] & kRsv1) != 0);
    }
    if (message_compressed_ == Compressed::kNo && length > max_message_ - message_size_) return kTooBig;
  }
  std::ranges::copy(std::span(header_).subspan(mask_at, mask_.size()), mask_.begin());
  remaining_ = length;
  header_size_ = 0;
  step_ = Step::kPayload;
  return std::nullopt;
}

std::expected<std::optional<Event>, Failure> Decoder::read_payload(std::span<char>& input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), remaining_));
  const std::span<char> bytes = input.first(size);
  input = input.subspan(size);
  remaining_ -= size;
  unmask(bytes, mask_);

  const std::string_view piece(bytes.data(), bytes.size());
  const bool control = is_control(header_[0] & kOpcode);
  if (!control && message_compressed_ == Compressed::kYes) return read_compressed(piece);
  if (!control && message_ == Opcode::kText && !utf8_.feed(piece)) return std::unexpected(kNotUtf8);
  if (remaining_ == 0) step_ = Step::kHeader;

  const std::size_t kept = control ? message_size_ : 0;  // what of pending_ is not this event's
  if (!frame_ends_message()) {                           // a control frame has FIN
    pending_ += piece;
    if (!control) message_size_ = pending_.size();
    return std::nullopt;
  }
  std::string_view payload = piece;
  if (pending_.size() > kept) {
    pending_ += piece;
    payload = std::string_view(pending_).substr(kept);
  }
  return control ? finish_control(payload) : finish_message(payload);
}

std::expected<std::optional<Event>, Failure> Decoder::read_compressed(std::string_view piece) {
  if (remaining_ == 0) step_ = Step::kHeader;
  if (!inflater_ && !piece.empty()) inflater_ = std::make_unique<Inflater>();
  const std::size_t before = pending_.size();
  auto outcome = inflater_ ? inflater_->feed(piece, pending_, max_message_) : Inflater::Outcome::kGood;
  if (outcome == Inflater::Outcome::kGood && inflater_ && frame_ends_message()) {
    outcome = inflater_->finish(pending_, max_message_);
  }
  // First what came out before anything else went wrong, so that the pieces make no difference.
  if (message_ == Opcode::kText && !utf8_.feed(std::string_view(pending_).substr(before))) {
    return std::unexpected(kNotUtf8);
  }
  if (outcome == Inflater::Outcome::kTooBig) return std::unexpected(kTooBig);
  if (outcome == Inflater::Outcome::kBroken) return std::unexpected(kNotDeflate);
  message_size_ = pending_.size();
  if (!frame_ends_message()) return std::nullopt;
  inflater_.reset();
  return finish_message(pending_);
}

// False as long as more of the frame is to come, too.
bool Decoder::frame_ends_message() const {
  return remaining_ == 0 && (header_[0] & kFin) != 0;
}

std::expected<Event, Failure> Decoder::finish_message(std::string_view payload) {
  if (message_ == Opcode::kText && !utf8_.complete()) return std::unexpected(kNotUtf8);
  message_size_ = 0;
  return Event{std::exchange(message_, Opcode::kContinuation), payload};
}

std::expected<Event, Failure> Decoder::finish_control(std::string_view payload) {
  const auto opcode = static_cast<Opcode>(header_[0] & kOpcode);
  if (opcode != Opcode::kClose) return Event{opcode, payload};
  step_ = Step::kEnded;
  if (payload.empty()) return Event{opcode, payload};
  if (payload.size() == 1) return std::unexpected(Failure{kProtocolError, "close code is cut off"});
  const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8U |
                                               static_cast<unsigned char>(payload[1]));
  if (!may_be_sent(code)) return std::unexpected(Failure{kProtocolError, "close code is not allowed"});
  const std::string_view reason = payload.substr(2);
  Utf8Stream utf8;
  if (!utf8.feed(reason) || !utf8.complete()) return std::unexpected(kNotUtf8);
  return Event{opcode, reason, code};
}

// Drops what the last event pointed to. In the middle of a frame there was none.
void Decoder::release() {
  if (step_ == Step::kPayload || pending_.size() == message_size_) return;
  if (message_size_ == 0) {
    std::string().swap(pending_);
  } else {
    pending_.resize(message_size_);
  }
}

std::unexpected<Failure> Decoder::end(Failure failure) {
  step_ = Step::kEnded;
  message_size_ = 0;
  inflater_.reset();
  return std::unexpected(failure);
}

std::string encode_frame(Opcode opcode, std::string_view payload, Compressed compressed) {
  constexpr std::size_t kMaxHeader = 10;
  std::string frame;
  frame.reserve(kMaxHeader + payload.size());
  frame.push_back(
      static_cast<char>(kFin | (compressed == Compressed::kYes ? kRsv1 : 0) | static_cast<unsigned>(opcode)));
  if (payload.size() < kLength16) {
    frame.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    frame.push_back(static_cast<char>(kLength16));
    append_big_endian(frame, payload.size(), 2);
  } else {
    frame.push_back(static_cast<char>(kLength64));
    append_big_endian(frame, payload.size(), 8);
  }
  frame += payload;
  return frame;
}

Opcode frame_opcode(std::string_view frames) {
  return static_cast<Opcode>(static_cast<unsigned char>(frames[0]) & kOpcode);
}

std::string_view frame_payload(std::string_view frames) {
  const std::span bytes(reinterpret_cast<const unsigned char*>(frames.data()), frames.size());
  const unsigned length = bytes[1] & kLength;
  const std::size_t length_bytes = length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
  const std::uint64_t size = length_bytes == 0 ? length : big_endian(bytes.subspan(2, length_bytes));
  return frames.substr(2 + length_bytes, size);
}

std::string encode_close(std::uint16_t code, std::string_view reason) {
  if (code == kNoStatus) return encode_frame(Opcode::kClose, {});
  constexpr std::size_t kMaxReason = kMaxControl - sizeof code;
  if (reason.size() > kMaxReason) {
    std::size_t cut = kMaxReason;
    while (cut > 0 && (static_cast<unsigned char>(reason[cut]) & 0xC0U) == 0x80U) --cut;
    reason = reason.substr(0, cut);
  }
  std::string payload;
  append_big_endian(payload, code, sizeof code);
  payload += reason;
  return encode_frame(Opcode::kClose, payload);
}

}  // namespace izpo::wire
