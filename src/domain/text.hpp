#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/checked.hpp"

// What people write: messages, names, descriptions, passwords. Lengths are in code points, after trimming.
namespace izpo {

inline constexpr std::size_t kMaxMessage = 10'000;
inline constexpr std::size_t kMaxClientId = 64;
inline constexpr std::size_t kMaxRoomName = 100;
inline constexpr std::size_t kMaxDescription = 1'000;
inline constexpr std::size_t kMaxFullName = 100;
inline constexpr std::size_t kMaxFileName = 255;
inline constexpr std::size_t kMinPassword = 8;
inline constexpr std::size_t kMaxPassword = 128;

// Valid UTF-8 without a NUL: what every database column can hold.
bool is_storable_text(std::string_view text);

// Precondition of both: valid UTF-8. Trimmed is what has the property White_Space (UAX #44 §5).
std::size_t count_code_points(std::string_view text);
std::string_view trim(std::string_view text);

// The message as it is stored. Empty is right only beside a file. Fails with kEmptyMessage, kMessageTooLong,
// kInvalidText.
Result<std::string> clean_message(std::string_view content, bool has_file);

// Fails with kInvalidClientId. Nothing is trimmed: the client compares the bytes it gets back.
Result<void> check_client_id(std::string_view client_id);

// One line each: no control character and nothing that turns the direction of the text around it.
Checked<std::string> clean_room_name(std::string_view name);
Checked<std::string> clean_full_name(std::string_view name);

Checked<std::string> clean_description(std::string_view description);

// A file's name as it is shown: without directories, with `_` for what would break its line, cut to
// kMaxFileName before its extension. Bytes that are not UTF-8 are read as Latin-1, which old clients send.
// Can be empty. It is never part of a path.
std::string clean_file_name(std::string_view name);

// A new password; one that is only compared is not asked for its length. Nothing is trimmed or normalised.
Checked<> check_new_password(std::string_view password);

}  // namespace izpo
