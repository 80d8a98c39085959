#include "api/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "api/route.hpp"

namespace izpo::api {
namespace {

Task<Result<Response>> nothing(Call& /*call*/) {
  co_return Response{};
}

Routes few_routes() {
  Routes routes;
  const auto add = [&routes](Method method, std::string_view pattern) {
    routes.add(method, pattern, {.name = pattern, .tag = "t", .summary = "s"}, nothing);
  };
  add(Method::kGet, "/");
  add(Method::kGet, "/users");
  add(Method::kPost, "/users");
  add(Method::kGet, "/users/me");
  add(Method::kPut, "/users/me");
  add(Method::kGet, "/users/me/rooms");
  add(Method::kGet, "/users/{id}");
  add(Method::kDelete, "/users/{id}/rooms/{room}");
  add(Method::kGet, "/static/{file...}");
  return routes;
}

class RouterTest : public testing::Test {
 protected:
  // The pattern and what its names stand for: "/users/{id} id=7".
  std::string found(Method method, std::string_view path) const {
    const auto match = router_.find(method, path);
    if (match.route == nullptr) return match.allow.empty() ? "404" : "405 " + match.allow;
    std::string text(match.route->pattern);
    for (const auto& [name, value] : match.path) ((text += ' ') += name) += "=" + value;
    return text;
  }

  Routes routes_ = few_routes();
  Router router_{routes_};
};

TEST_F(RouterTest, LiteralsGoBeforeNames) {
  EXPECT_EQ(found(Method::kGet, "/"), "/");
  EXPECT_EQ(found(Method::kGet, "/users"), "/users");
  EXPECT_EQ(found(Method::kGet, "/users/me"), "/users/me");
  EXPECT_EQ(found(Method::kGet, "/users/7"), "/users/{id} id=7");
  EXPECT_EQ(found(Method::kDelete, "/users/7/rooms/8"), "/users/{id}/rooms/{room} id=7 room=8");
}

TEST_F(RouterTest, ComesBackFromALiteralThatLedNowhere) {
  EXPECT_EQ(found(Method::kDelete, "/users/me/rooms/8"), "/users/{id}/rooms/{room} id=me room=8");
}

TEST_F(RouterTest, ASlashAtTheEndChangesNothing) {
  EXPECT_EQ(found(Method::kGet, "/users/"), "/users");
  EXPECT_EQ(found(Method::kGet, "/users/7/"), "/users/{id} id=7");
  EXPECT_EQ(found(Method::kGet, "/users//"), "404");
  EXPECT_EQ(found(Method::kGet, "//users"), "404");
}

TEST_F(RouterTest, SegmentsAreDecodedAfterTheyAreCut) {
  EXPECT_EQ(found(Method::kGet, "/users/jos%C3%A9"), "/users/{id} id=josé");
  EXPECT_EQ(found(Method::kGet, "/users/a%2Fb"), "/users/{id} id=a/b");
  EXPECT_EQ(found(Method::kGet, "/%75sers"), "/users");
  EXPECT_EQ(found(Method::kGet, "/users/100%"), "/users/{id} id=100%");
}

TEST_F(RouterTest, TheRestTakesSlashes) {
  EXPECT_EQ(found(Method::kGet, "/static/css/a.css"), "/static/{file...} file=css/a.css");
  EXPECT_EQ(found(Method::kGet, "/static/a"), "/static/{file...} file=a");
  EXPECT_EQ(found(Method::kGet, "/static"), "404");
}

TEST_F(RouterTest, HeadFindsGet) {
  EXPECT_EQ(found(Method::kHead, "/users/7"), "/users/{id} id=7");
}

TEST_F(RouterTest, TellsTheMethodsOfAPath) {
  EXPECT_EQ(found(Method::kDelete, "/users"), "405 GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(found(Method::kOther, "/users/me"), "405 GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(found(Method::kHead, "/users/7/rooms/8"), "405 DELETE, OPTIONS");
  EXPECT_EQ(found(Method::kGet, "/nobody"), "404");
  EXPECT_EQ(found(Method::kGet, "/users/7/nothing"), "404");
}

TEST(RouterMadeTest, TwoOperationsAtOnePlaceAreABug) {
  Routes routes = few_routes();
  routes.add(Method::kGet, "/users/", {.name = "again", .tag = "t", .summary = "s"}, nothing);
  EXPECT_THROW(Router{routes}, std::logic_error);
}

}  // namespace
}  // namespace izpo::api
