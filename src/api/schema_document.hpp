#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "api/schema.hpp"
#include "api/schema_encode.hpp"

// From the plain structs of api/schema to JSON Schema 2020-12, as OpenAPI 3.1 wants it.
namespace izpo::api::schema {

boost::json::object scalar_document(std::string_view type, const Rule& rule);
boost::json::object reference_document(std::string_view name);
boost::json::object nullable_document(boost::json::object document);
void describe(boost::json::object& document, const Rule& rule, std::string_view encoded_default);

// One field's schema. Named structs go into `components`, once, and are referred to.
template <class T>
boost::json::object document_of(const Rule& rule, boost::json::object& components);

template <Described T>
boost::json::object object_document(boost::json::object& components) {
  static_assert(rules_name_fields<T>());
  boost::json::object properties;
  boost::json::array required;
  const T born{};
  for_each_member<T>([&](auto member) {
    constexpr Rule kRule = rule_of<T>(decltype(member)::name);
    using Field = std::remove_cvref_t<decltype(born.*member.pointer)>;
    auto document = document_of<Field>(kRule, components);
    std::string encoded_default;
    if constexpr (kRule.defaulted) encode(born.*member.pointer, encoded_default);
    describe(document, kRule, encoded_default);
    properties.emplace(decltype(member)::name, std::move(document));
    const bool may_be_missing = (kIsOptional<Field> && !kIsAnswer<T>) || kRule.defaulted;
    if (!may_be_missing) required.emplace_back(decltype(member)::name);
  });
  boost::json::object document{{"type", "object"}, {"title", T::kName}};
  if (!required.empty()) document.emplace("required", std::move(required));
  document.emplace("properties", std::move(properties));
  return document;
}

template <class T>
boost::json::object document_of(const Rule& rule, boost::json::object& components) {
  if constexpr (kIsOptional<T>) {
    return nullable_document(document_of<typename T::value_type>(rule, components));
  } else if constexpr (kIsEncoded<T>) {
    return document_of<typename T::value_type>(rule, components);
  } else if constexpr (kIsVector<T>) {
    return {{"type", "array"}, {"items", document_of<typename T::value_type>({}, components)}};
  } else if constexpr (Described<T>) {
    if (!components.contains(T::kName)) {
      components.emplace(T::kName, nullptr);  // keeps the place: outer before inner
      auto document = object_document<T>(components);
      components.at(T::kName) = std::move(document);
    }
    return reference_document(T::kName);
  } else if constexpr (std::same_as<T, bool>) {
    return scalar_document("boolean", rule);
  } else if constexpr (std::same_as<T, std::int64_t> || kIsId<T>) {
    return scalar_document("integer", rule);
  } else if constexpr (std::same_as<T, Timestamp>) {
    return {{"type", "string"}, {"format", "date-time"}};
  } else {
    static_assert(std::same_as<T, std::string>);
    return scalar_document("string", rule);
  }
}

}  // namespace izpo::api::schema
