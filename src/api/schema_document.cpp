#include "api/schema_document.hpp"

#include <boost/json/parse.hpp>

namespace izpo::api::schema {

boost::json::object scalar_document(std::string_view type, const Rule& rule) {
  boost::json::object document{{"type", type}};
  if (!rule.format.empty()) document.emplace("format", rule.format);
  if (rule.min_length) document.emplace("minLength", *rule.min_length);
  if (rule.max_length) document.emplace("maxLength", *rule.max_length);
  if (rule.at_least) document.emplace("minimum", *rule.at_least);
  return document;
}

boost::json::object reference_document(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

boost::json::object nullable_document(boost::json::object document) {
  if (document.contains("$ref")) {
    return {{"anyOf", boost::json::array{std::move(document), boost::json::object{{"type", "null"}}}}};
  }
  boost::json::value& type = document.at("type");
  type = boost::json::array{type, "null"};
  return document;
}

void describe(boost::json::object& document, const Rule& rule, std::string_view encoded_default) {
  if (!encoded_default.empty()) document.emplace("default", boost::json::parse(encoded_default));
  if (!rule.description.empty()) document.emplace("description", rule.description);
  if (!rule.example.empty())
    document.emplace("examples", boost::json::array{boost::json::parse(rule.example)});
}

}  // namespace izpo::api::schema
