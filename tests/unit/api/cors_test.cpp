#include "api/cors.hpp"

#include <gtest/gtest.h>

namespace izpo::api {
namespace {

Request request_from(std::string origin, Method method = Method::kGet) {
  Request request;
  request.method = method;
  if (!origin.empty()) request.headers.add("Origin", std::move(origin));
  return request;
}

std::optional<std::string_view> allowed_origin(const Cors& cors, const Request& request) {
  static Response response;
  response = {};
  cors.allow(request, response);
  return response.headers.find("Access-Control-Allow-Origin");
}

TEST(CorsTest, OnlyListedOriginsAreAllowed) {
  const Cors cors({"https://chat.example.org/", "http://localhost:3000"});
  EXPECT_EQ(allowed_origin(cors, request_from("https://chat.example.org")), "https://chat.example.org");
  EXPECT_EQ(allowed_origin(cors, request_from("http://localhost:3000")), "http://localhost:3000");
  EXPECT_EQ(allowed_origin(cors, request_from("http://localhost:3001")), std::nullopt);
  EXPECT_EQ(allowed_origin(cors, request_from("https://chat.example.org.evil.example")), std::nullopt);
  EXPECT_EQ(allowed_origin(cors, request_from("null")), std::nullopt);
  EXPECT_EQ(allowed_origin(cors, request_from("")), std::nullopt);
}

TEST(CorsTest, AStarAnswersWithTheCallersOrigin) {
  const Cors cors({"*"});
  Response response;
  cors.allow(request_from("https://anywhere.example"), response);
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Origin"), "https://anywhere.example");
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(response.headers.find("Vary"), "Origin");
}

TEST(CorsTest, APreflightGetsWhatItAskedFor) {
  const Cors cors({"https://chat.example.org"});
  Request request = request_from("https://chat.example.org", Method::kOptions);
  EXPECT_FALSE(Cors::is_preflight(request));
  request.headers.add("Access-Control-Request-Method", "PUT");
  request.headers.add("Access-Control-Request-Headers", "x-client, x-trace");
  ASSERT_TRUE(Cors::is_preflight(request));
  const Response response = cors.preflight(request);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Origin"), "https://chat.example.org");
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Headers"),
            "Authorization, Content-Type, x-client, x-trace");
  EXPECT_TRUE(response.headers.find("Access-Control-Allow-Methods")->contains("PUT"));
}

TEST(CorsTest, APreflightOfAnotherOriginAllowsNothing) {
  const Cors cors({"https://chat.example.org"});
  Request request = request_from("https://other.example", Method::kOptions);
  request.headers.add("Access-Control-Request-Method", "PUT");
  const Response response = cors.preflight(request);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Origin"), std::nullopt);
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Methods"), std::nullopt);
}

TEST(CorsTest, OnlyFieldNamesAreSentBack) {
  const Cors cors({"*"});
  Request request = request_from("https://anywhere.example", Method::kOptions);
  request.headers.add("Access-Control-Request-Method", "PUT");
  request.headers.add("Access-Control-Request-Headers", "x-a\"<script>");
  EXPECT_EQ(cors.preflight(request).headers.find("Access-Control-Allow-Headers"),
            "Authorization, Content-Type");
}

TEST(HeadersTest, NamesHaveNoCase) {
  Headers headers;
  headers.add("X-One", "1");
  headers.add("x-one", "2");
  EXPECT_EQ(headers.find("X-ONE"), "1");
  headers.set("x-One", "3");
  EXPECT_EQ(headers.find("X-One"), "3");
  EXPECT_EQ(headers.all().size(), 1U);
}

}  // namespace
}  // namespace izpo::api
