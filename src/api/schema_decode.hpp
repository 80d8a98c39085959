#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/schema.hpp"

// From JSON, a path or a query to the plain structs of api/schema. What pydantic v2's lax mode takes is
// taken, and what it refuses is refused with its `type` names: "5" is an int, "yes" is a bool, 5 is no
// string.
//
// Whole numbers beyond 64 bits are cut to the nearest: as an id they name nothing, as a limit they are large.
namespace izpo::api::schema {

using Fault = std::optional<FieldError>;  // its loc is empty

// Where a field stands, for FieldError::loc. Lives on the stack of the decoding functions.
struct Place {
  const Place* parent = nullptr;
  std::string_view name;

  std::vector<std::string> path() const;
};

// Deeper JSON is refused: what is decoded here has two levels.
inline constexpr std::size_t kMaxDepth = 32;

// `storage` must outlive the value. A failure is the one entry json_invalid, whose loc is "body" and the
// offset in bytes.
std::optional<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr storage,
                                             std::vector<FieldError>& errors);

Fault decode_scalar(const boost::json::value& value, std::string& out, const Rule& rule);
Fault decode_scalar(const boost::json::value& value, bool& out, const Rule& rule);
Fault decode_scalar(const boost::json::value& value, std::int64_t& out, const Rule& rule);

// The same from the text of a path or query parameter.
Fault decode_scalar(std::string_view text, std::string& out, const Rule& rule);
Fault decode_scalar(std::string_view text, bool& out, const Rule& rule);
Fault decode_scalar(std::string_view text, std::int64_t& out, const Rule& rule);

template <class Source, class Tag>
Fault decode_scalar(const Source& source, StrongId<Tag>& out, const Rule& rule) {
  return decode_scalar(source, out.value, rule);
}
template <class Source, class T>
Fault decode_scalar(const Source& source, std::optional<T>& out, const Rule& rule) {
  return decode_scalar(source, out.emplace(), rule);
}

void report(FieldError fault, const Place& place, std::vector<FieldError>& errors);
FieldError missing();

// A missing (nullptr) or given field.
template <class Source, class T>
void decode_field(const Source* source, T& out, const Rule& rule, const Place& place,
                  std::vector<FieldError>& errors) {
  if (source == nullptr) {
    if (!kIsOptional<T> && !rule.defaulted) report(missing(), place, errors);
    return;
  }
  if (Fault fault = decode_scalar(*source, out, rule)) report(*std::move(fault), place, errors);
}

// Decodes a JSON object. Fields that T does not name are ignored.
template <Described T>
T decode_object(const boost::json::value& value, const Place& place, std::vector<FieldError>& errors) {
  static_assert(rules_name_fields<T>());
  T out{};
  const boost::json::object* object = value.if_object();
  if (object == nullptr) {
    report({.loc = {}, .type = "model_attributes_type", .argument = {}}, place, errors);
    return out;
  }
  for_each_member<T>([&](auto member) {
    constexpr Rule kRule = rule_of<T>(decltype(member)::name);
    using Field = std::remove_reference_t<decltype(out.*member.pointer)>;
    const boost::json::value* field = object->if_contains(decltype(member)::name);
    const bool null_is_missing = kIsOptional<Field> || kRule.defaulted;
    if (field != nullptr && field->is_null() && null_is_missing) field = nullptr;
    decode_field(field, out.*member.pointer, kRule, Place{&place, decltype(member)::name}, errors);
  });
  return out;
}

// Decodes a body of JSON text; an empty body is a missing one.
template <Described T>
T decode_body(std::string_view text, std::vector<FieldError>& errors) {
  const Place body{.parent = nullptr, .name = "body"};
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    report(missing(), body, errors);
    return {};
  }
  std::array<unsigned char, 2048> buffer;
  boost::json::monotonic_resource resource(buffer.data(), buffer.size());
  const auto value = parse_json(text, &resource, errors);
  return value ? decode_object<T>(*value, body, errors) : T{};
}

// Decodes parameters: `find(name)` gives the decoded text of one, or nullopt. `where` is "path" or "query".
template <Described T, class Find>
T decode_parameters(std::string_view where, Find find, std::vector<FieldError>& errors) {
  static_assert(rules_name_fields<T>());
  T out{};
  const Place place{.parent = nullptr, .name = where};
  for_each_member<T>([&](auto member) {
    constexpr Rule kRule = rule_of<T>(decltype(member)::name);
    const std::optional<std::string_view> text = find(std::string_view(decltype(member)::name));
    decode_field(text ? &*text : nullptr, out.*member.pointer, kRule, Place{&place, decltype(member)::name},
                 errors);
  });
  return out;
}

}  // namespace izpo::api::schema
