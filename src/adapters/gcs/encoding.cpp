#include "adapters/gcs/encoding.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace izpo::gcs {

namespace {

// `count` decimal digits at `at`; nullopt: there are none.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int number = 0;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, number);
  if (error != std::errc() || end != begin + count || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string base64(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();  // OpenSSL's NUL
  return text;
}

std::string base64url(std::string_view bytes) {
  std::string text = base64(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

std::string crc32c_text(std::uint32_t crc) {
  const std::array<unsigned char, 4> bytes{
      static_cast<unsigned char>(crc >> 24U), static_cast<unsigned char>(crc >> 16U),
      static_cast<unsigned char>(crc >> 8U), static_cast<unsigned char>(crc)};
  return base64(bytes);
}

std::optional<std::string> crc32c_of_hash_header(std::string_view field) {
  static constexpr std::string_view kName = "crc32c=";
  const auto at = field.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  field.remove_prefix(at + kName.size());
  return std::string(field.substr(0, field.find_first_of(", ")));
}

std::optional<Timestamp> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto year_ = digits(text, 0, 4);
  const auto month_ = digits(text, 5, 2);
  const auto day_ = digits(text, 8, 2);
  const auto hour_ = digits(text, 11, 2);
  const auto minute_ = digits(text, 14, 2);
  const auto second_ = digits(text, 17, 2);
  if (!year_ || !month_ || !day_ || !hour_ || !minute_ || !second_ || !text.ends_with('Z'))
    return std::nullopt;
  const year_month_day date{year(*year_), month(static_cast<unsigned>(*month_)),
                            day(static_cast<unsigned>(*day_))};
  if (!date.ok()) return std::nullopt;
  std::int64_t micros = 0;
  if (text[19] == '.') {
    std::int64_t unit = 100'000;
    for (const char c : text.substr(20, text.size() - 21)) {
      if (c < '0' || c > '9') return std::nullopt;
      micros += (c - '0') * unit;
      unit /= 10;
    }
  }
  return Timestamp(sys_days(date)) + hours(*hour_) + minutes(*minute_) + seconds(*second_) +
         microseconds(micros);
}

std::string basic_time(Timestamp time) {
  std::string text = iso8601(time).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

}  // namespace izpo::gcs
