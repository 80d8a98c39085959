#include "base/time.hpp"

namespace izpo {
namespace {

// Overwrites the `count` characters that end before `end` with the decimal digits of `number`.
void put_digits(char* end, int count, std::int64_t number) {
  for (; count > 0; --count, number /= 10) *--end = static_cast<char>('0' + number % 10);
}

}  // namespace

// By hand, since a page of history has hundreds of times: fmt takes five times as long. Four digits hold the
// years of RFC 3339.
std::string iso8601(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = "0000-00-00T00:00:00.000000Z";
  char* const start = text.data();
  put_digits(start + 4, 4, static_cast<int>(date.year()));
  put_digits(start + 7, 2, static_cast<unsigned>(date.month()));
  put_digits(start + 10, 2, static_cast<unsigned>(date.day()));
  put_digits(start + 13, 2, clock.hours().count());
  put_digits(start + 16, 2, clock.minutes().count());
  put_digits(start + 19, 2, clock.seconds().count());
  put_digits(start + 26, 6, clock.subseconds().count());
  return text;
}

}  // namespace izpo
