#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/strong_id.hpp"
#include "base/time.hpp"

namespace izpo::sql {

using Bytes = std::span<const unsigned char>;
using Ids = std::span<const std::int64_t>;  // for InIds

// What can be bound. Text, bytes and ids are views: they must live until the query is answered.
using Value = std::variant<std::monostate, bool, std::int64_t, Timestamp, std::string_view, Bytes, Ids>;

inline Value to_value(std::same_as<bool> auto flag) {
  return flag;
}
inline Value to_value(std::integral auto number)
  requires(!std::same_as<decltype(number), bool>)
{
  return std::int64_t{number};
}
inline Value to_value(Timestamp time) {
  return time;
}
inline Value to_value(std::string_view text) {
  return text;
}
inline Value to_value(Bytes bytes) {
  return bytes;
}
inline Value to_value(Ids ids) {
  return ids;
}
template <class Tag>
Value to_value(StrongId<Tag> id) {
  return id.value;
}
template <class T>
Value to_value(const std::optional<T>& value) {
  return value ? to_value(*value) : Value{};
}

// A statement's parameters: the first is $1. Written in place: `{id, name, now}`.
class Params {
 public:
  template <class... Values>
    requires(sizeof...(Values) <= 12)
  Params(const Values&... values)  // NOLINT(google-explicit-constructor): a braced list at the call
      : values_{to_value(values)...}, count_(sizeof...(Values)) {}

  std::span<const Value> values() const { return std::span(values_).first(count_); }

 private:
  std::array<Value, 12> values_;
  std::size_t count_;
};

}  // namespace izpo::sql
