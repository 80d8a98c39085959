#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/deflate.hpp"
#include "wire/utf8.hpp"

// The WebSocket protocol (RFC 6455) of a server: bytes to events and back, no I/O. Of extensions it knows
// permessage-deflate (RFC 7692), where that was agreed.
namespace izpo::wire {

enum class Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA
};

// The close codes that the protocol itself uses (RFC 6455 §7.4.1).
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNoStatus = 1005;  // "the close frame had none"; never sent
inline constexpr std::uint16_t kInvalidPayload = 1007;
inline constexpr std::uint16_t kMessageTooBig = 1009;

// What a client said: one whole message or control frame.
struct Event {
  Opcode opcode;                         // never kContinuation
  std::string_view payload;              // a text is valid UTF-8; of a close frame, the reason
  std::uint16_t close_code = kNoStatus;  // of a close frame
};

// The client broke the protocol or a limit: close with this code and end the connection (RFC 6455 §7.1.7).
struct Failure {
  std::uint16_t close_code;
  std::string_view reason;  // a literal
};

// Whether a message is compressed, which its first frame's RSV1 says (RFC 7692 §6).
enum class Compressed : bool { kNo, kYes };

// Reads one client's frames, in pieces cut anywhere. It keeps bytes of unfinished frames and messages only,
// never more than twice what has arrived of them (inflated, if compressed); between messages it owns no
// memory.
//
// Checked at the earliest byte: masking (§5.1), reserved bits and opcodes (§5.2), order of fragments (§5.4),
// size of control frames (§5.5), close codes (§7.4), UTF-8 (§8.1), size of messages. A length in more bytes
// than it needs is taken: §5.2 binds the sender, and there is nothing to gain from it. A compressed message
// is inflated as it comes, and measured by what it becomes.
class Decoder {
 public:
  // A message of more than `max_message` bytes fails with kMessageTooBig when its frame's header is read, or
  // when it has become so big. `compression`: whether the client may send compressed messages.
  explicit Decoder(std::size_t max_message, bool compression = false)
      : max_message_(max_message), compression_(compression) {}

  // Takes the next event off the front of `input`, unmasking in place; nullopt when all of `input` is taken
  // and gives none yet. Ask again until then, with an empty `input` too: that gives memory back. The
  // payload points into the bytes that were taken or into the decoder, until the next call.
  // After a close frame (§5.5.1) or a failure it discards whatever comes.
  std::expected<std::optional<Event>, Failure> next(std::span<char>& input);

 private:
  enum class Step : std::uint8_t { kHeader, kPayload, kEnded };

  std::expected<bool, Failure> read_header(std::span<char>& input);
  std::size_t header_wanted() const;
  std::optional<Failure> check_start() const;
  std::optional<Failure> begin_frame();
  std::expected<std::optional<Event>, Failure> read_payload(std::span<char>& input);
  std::expected<std::optional<Event>, Failure> read_compressed(std::string_view piece);
  std::expected<Event, Failure> finish_message(std::string_view payload);
  std::expected<Event, Failure> finish_control(std::string_view payload);
  void release();
  std::unexpected<Failure> end(Failure failure);
  bool frame_ends_message() const;

  std::size_t max_message_;
  std::string pending_;           // what has come of the open message, then of the open control frame
  std::size_t message_size_ = 0;  // of pending_, how much is the open message
  std::uint64_t remaining_ = 0;   // payload bytes of this frame still to come
  std::array<unsigned char, 14> header_{};  // of this frame, as far as it has come
  std::uint8_t header_size_ = 0;
  std::array<unsigned char, 4> mask_{};     // turned so that its first byte is for the next payload byte
  Opcode message_ = Opcode::kContinuation;  // of the open message; kContinuation: none is open
  Step step_ = Step::kHeader;
  Utf8Stream utf8_;  // of the open text; complete between texts
  bool compression_;
  Compressed message_compressed_ = Compressed::kNo;  // of the open message
  std::unique_ptr<Inflater> inflater_;               // of the open message, from its first byte on
};

// A whole unfragmented, unmasked frame (server to client), RFC 6455 §5.2. A compressed payload (RFC 7692
// §7.2.1) is marked as such.
std::string encode_frame(Opcode opcode, std::string_view payload, Compressed compressed = Compressed::kNo);

// Of a frame of encode_frame().
Opcode frame_opcode(std::string_view frame);
std::string_view frame_payload(std::string_view frame);

// A close frame. kNoStatus makes an empty one, so that encode_close(event.close_code) answers a client's
// (§5.5.1). A reason above the 123 bytes that fit is cut, at a code point.
std::string encode_close(std::uint16_t code, std::string_view reason = {});

}  // namespace izpo::wire
