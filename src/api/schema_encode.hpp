#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "api/schema.hpp"

// From the plain structs of api/schema to JSON text, written straight into a string: no tree in between.
namespace izpo::api::schema {

inline constexpr std::size_t kMostReserved = 65'536;  // for a list, in bytes

void encode(std::string_view text, std::string& out);
void encode(std::int64_t number, std::string& out);
void encode(Timestamp time, std::string& out);

inline void encode(const std::string& text, std::string& out) {
  encode(std::string_view(text), out);
}
inline void encode(bool value, std::string& out) {
  out += value ? "true" : "false";
}
template <class Tag>
void encode(StrongId<Tag> id, std::string& out) {
  encode(id.value, out);
}
template <class T>
void encode(const std::optional<T>& value, std::string& out);
template <class T>
void encode(const Encoded<T>& value, std::string& out);
template <class T>
void encode(const std::vector<T>& values, std::string& out);
template <Described T>
void encode(const T& object, std::string& out);

template <class T>
void encode(const std::optional<T>& value, std::string& out) {
  if (value) {
    encode(*value, out);
  } else {
    out += "null";
  }
}

template <class T>
void encode(const Encoded<T>& value, std::string& out) {
  out += *value.json;
}

template <class T>
Encoded<T> encoded(const T& value) {
  std::string json;
  encode(value, json);
  return {std::make_shared<const std::string>(std::move(json))};
}

template <class T>
void encode(const std::vector<T>& values, std::string& out) {
  out += '[';
  const std::size_t start = out.size();
  for (bool first = true; const T& value : values) {
    if (!first) out += ',';
    encode(value, out);
    // Room for as many of about this size, so that a long list is not moved again and again.
    if (std::exchange(first, false)) {
      out.reserve(out.size() + std::min((out.size() - start) * values.size(), kMostReserved));
    }
  }
  out += ']';
}

// ,"name":
template <class Member>
inline constexpr auto kFollowingKey = [] {
  constexpr std::string_view kName = Member::name;
  std::array<char, kName.size() + 4> key{',', '"'};
  std::ranges::copy(kName, key.begin() + 2);
  key[key.size() - 2] = '"';
  key[key.size() - 1] = ':';
  return key;
}();

template <Described T>
void encode(const T& object, std::string& out) {
  static_assert(rules_name_fields<T>());
  const std::size_t start = out.size();
  for_each_member<T>([&](auto member) {
    constexpr auto& kKey = kFollowingKey<decltype(member)>;
    out.append(kKey.data(), kKey.size());
    encode(object.*member.pointer, out);
  });
  out[start] = '{';
  out += '}';
}

}  // namespace izpo::api::schema
