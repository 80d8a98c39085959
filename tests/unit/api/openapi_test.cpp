#include "api/openapi.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "api/router.hpp"
#include "api/routes.hpp"

namespace izpo::api {
namespace {

TEST(RoutesTest, NoTwoOperationsShareAPlaceOrAName) {
  const Routes routes = make_routes();
  EXPECT_NO_THROW(Router{routes});
  std::set<std::string_view> names;
  for (const Route& route : routes.all())
    EXPECT_TRUE(names.insert(route.spec.name).second) << route.spec.name;
}

TEST(OpenApiTest, TheCommittedDocumentIsThatOfTheRoutes) {
  std::ifstream file(IZPO_OPENAPI_JSON);
  const std::string committed{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(committed == openapi_document(make_routes())) << "run: izpochat openapi > docs/openapi.json";
}

// Every "$ref" of the document points to something in it.
void expect_references_lead_somewhere(const boost::json::value& document, const boost::json::value& part) {
  if (const auto* object = part.if_object()) {
    for (const auto& [key, value] : *object) {
      if (key != "$ref") {
        expect_references_lead_somewhere(document, value);
        continue;
      }
      boost::json::error_code error;
      EXPECT_NE(document.find_pointer(std::string_view(value.as_string()).substr(1), error), nullptr)
          << value;
    }
  } else if (const auto* array = part.if_array()) {
    for (const auto& value : *array) expect_references_lead_somewhere(document, value);
  }
}

TEST(OpenApiTest, ReferencesLeadSomewhere) {
  const auto document = boost::json::parse(openapi_document(make_routes()));
  expect_references_lead_somewhere(document, document);
}

TEST(OpenApiTest, EveryNameInAPathIsDescribed) {
  const auto document = boost::json::parse(openapi_document(make_routes()));
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      std::set<std::string> described;
      if (const auto* parameters = operation.as_object().if_contains("parameters")) {
        for (const auto& parameter : parameters->as_array()) {
          if (parameter.at("in") == "path") described.emplace(parameter.at("name").as_string());
        }
      }
      std::set<std::string> named;
      const std::string_view text(path);
      for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        named.emplace(text.substr(open + 1, text.find('}', open) - open - 1));
      }
      EXPECT_EQ(described, named) << method << " " << path;
    }
  }
}

}  // namespace
}  // namespace izpo::api
