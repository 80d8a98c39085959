#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include "base/error.hpp"
#include "base/strong_id.hpp"
#include "base/time.hpp"

// One declaration of a JSON type: a plain struct, its fields named to Boost.Describe, and what the fields
// promise beyond their C++ type as `kRules`. Decoding with validation (schema_decode), encoding
// (schema_encode) and the OpenAPI schema (schema_document) all come from it:
//
//   struct RoomDraftJson {
//     std::string name;
//     bool is_private = false;
//
//     static constexpr std::string_view kName = "RoomDraft";
//     static constexpr std::array kRules{
//         schema::Rule{.field = "name", .max_length = 100, .example = R"("Equipo azul")"},
//         schema::Rule{.field = "is_private", .defaulted = true}};
//   };
//   BOOST_DESCRIBE_STRUCT(RoomDraftJson, (), (name, is_private))
//
// Fields are std::string, bool, std::int64_t, a StrongId, a Timestamp, another such struct, or a vector,
// optional or Encoded of one. An optional field may be missing or null; any other is required
// unless its rule says `defaulted`: then missing and null both mean the value that the struct is born with.
namespace izpo::api::schema {

// Judges a text that has the right type: what is wrong with it, or nullopt. Its `loc` is filled in by the
// caller.
using Check = std::optional<FieldError> (*)(std::string_view);

// A rule of the domain (a Checked<T> of a text) as a Check. The use case that stores the text applies it
// again: here it is asked so that a client hears of every wrong field at once.
template <auto DomainRule>
std::optional<FieldError> checked_by(std::string_view text) {
  auto checked = DomainRule(text);
  return checked ? std::nullopt : std::optional(std::move(checked).error());
}

struct Rule {
  std::string_view field;
  std::string_view description = {};
  std::string_view example = {};               // JSON text
  std::string_view format = {};                // JSON Schema's `format`
  std::optional<std::size_t> min_length = {};  // code points
  std::optional<std::size_t> max_length = {};  // code points
  std::optional<std::int64_t> at_least = {};   // pydantic's `ge`
  bool defaulted = false;
  Check check = nullptr;  // with it, the lengths are documentation: the check alone judges
};

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && std::is_class_v<T>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// The JSON of a value that many values of one answer share: written once (`encoded` of schema_encode makes
// it).
template <class T>
struct Encoded {
  using value_type = T;
  std::shared_ptr<const std::string> json;
};

template <class T>
inline constexpr bool kIsEncoded = false;
template <class T>
inline constexpr bool kIsEncoded<Encoded<T>> = true;

template <class T>
inline constexpr bool kIsId = false;
template <class Tag>
inline constexpr bool kIsId<StrongId<Tag>> = true;

// An answer (it says `kAnswer`) has all of its fields, null or not; of a request, optional ones may be
// missing.
template <class T>
inline constexpr bool kIsAnswer = requires { T::kAnswer; };

template <class T>
concept HasRules = requires { T::kRules; };

template <Described T>
constexpr Rule rule_of(std::string_view field) {
  if constexpr (HasRules<T>) {
    for (const Rule& rule : T::kRules) {
      if (rule.field == field) return rule;
    }
  }
  return {.field = field};
}

template <Described T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

// Calls `visit(descriptor)` for each field in the order of declaration: `descriptor.name`,
// `descriptor.pointer`.
template <Described T, class Visitor>
constexpr void for_each_member(Visitor&& visit) {
  boost::mp11::mp_for_each<Members<T>>(visit);
}

// A rule for a field that is not there would promise nothing: a declaration with one does not compile.
template <Described T>
consteval bool rules_name_fields() {
  if constexpr (HasRules<T>) {
    for (const Rule& rule : T::kRules) {
      bool found = false;
      for_each_member<T>([&](auto member) { found = found || rule.field == member.name; });
      if (!found) return false;
    }
  }
  return true;
}

}  // namespace izpo::api::schema
