#include "base/time.hpp"

namespace izpo {
namespace {

// Overwrites the `count` characters that end before `end` with the decimal digits of `number`.
void put_digits(char* end, int count, std::uint32_t number) {
  for (; count > 0; --count, number /= 10) *--end = static_cast<char>('0' + number % 10);
}

}  // namespace

// By hand, since a page of history has hundreds of times: fmt takes five times as long. Four digits hold the
// years of RFC 3339.
void append_iso8601(std::string& out, Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  out += "0000-00-00T00:00:00.000000Z";
  char* const end = out.data() + out.size();
  put_digits(end - 23, 4, static_cast<std::uint32_t>(static_cast<int>(date.year())));
  put_digits(end - 20, 2, static_cast<unsigned>(date.month()));
  put_digits(end - 17, 2, static_cast<unsigned>(date.day()));
  put_digits(end - 14, 2, static_cast<std::uint32_t>(clock.hours().count()));
  put_digits(end - 11, 2, static_cast<std::uint32_t>(clock.minutes().count()));
  put_digits(end - 8, 2, static_cast<std::uint32_t>(clock.seconds().count()));
  put_digits(end - 1, 6, static_cast<std::uint32_t>(clock.subseconds().count()));
}

std::string iso8601(Timestamp time) {
  std::string text;
  append_iso8601(text, time);
  return text;
}

}  // namespace izpo
