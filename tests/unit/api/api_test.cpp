#include "api/api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/api_fixture.hpp"

namespace izpo::api {
namespace {

using ::testing::ElementsAre;
using testing::Reply;

class ApiTest : public testing::ApiFixture {
 protected:
  static std::string_view code(const Reply& reply) {
    return reply.json.is_object() ? std::string_view(reply.json.at("code").as_string()) : std::string_view();
  }
};

TEST_F(ApiTest, UnknownPathsAndMethodsAreToldApart) {
  const Reply unknown = get("/api/nothing");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(code(unknown), "path_not_found");
  const Reply wrong = remove("/api/users/me", "");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.find("Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(code(wrong), "method_not_allowed");
  EXPECT_EQ(wrong.json.at("request_id"), "test-request");
}

TEST_F(ApiTest, ASlashAtTheEndIsNoOtherPath) {
  const std::string ana = newcomer("ana");
  EXPECT_EQ(get("/api/users/me/", ana).text, get("/api/users/me", ana).text);
  EXPECT_EQ(get("/api/rooms/").status, 200);
  EXPECT_EQ(get("/api/rooms").status, 200);
}

TEST_F(ApiTest, EveryAnswerCarriesTheGuardHeaders) {
  for (const Reply& reply : {get("/health"), get("/api/users/me"), get("/nothing"), get("/docs")}) {
    EXPECT_EQ(reply.headers.find("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply.headers.find("Referrer-Policy"), "no-referrer");
    EXPECT_TRUE(reply.headers.find("Content-Security-Policy"));
    EXPECT_TRUE(reply.headers.find("Cache-Control"));
  }
}

TEST_F(ApiTest, ErrorsMayBeReadByAllowedPages) {
  Request cross = request(Method::kGet, "/nothing");
  cross.headers.add("Origin", "https://web.example.org");
  EXPECT_EQ(send(cross).headers.find("Access-Control-Allow-Origin"), "https://web.example.org");
  cross.headers.set("Origin", "https://other.example");
  EXPECT_EQ(send(cross).headers.find("Access-Control-Allow-Origin"), std::nullopt);
}

TEST_F(ApiTest, PreflightsAreAnsweredOnEveryPath) {
  for (const char* path : {"/api/rooms", "/api/rooms/3/messages", "/nothing/at/all"}) {
    Request preflight = request(Method::kOptions, path);
    preflight.headers.add("Origin", "https://web.example.org");
    preflight.headers.add("Access-Control-Request-Method", "DELETE");
    const Reply reply = send(preflight);
    EXPECT_EQ(reply.status, 204) << path;
    EXPECT_EQ(reply.headers.find("Access-Control-Allow-Origin"), "https://web.example.org") << path;
  }
  const Reply plain = send(request(Method::kOptions, "/api/rooms"));
  EXPECT_EQ(plain.status, 204);
  EXPECT_EQ(plain.headers.find("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(send(request(Method::kOptions, "*")).status, 204);
  EXPECT_EQ(send(request(Method::kOptions, "/nothing")).status, 404);
}

TEST_F(ApiTest, WhoIsNobodyHearsHowToLogIn) {
  const Reply nobody = get("/api/users/me");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(code(nobody), "not_authenticated");
  EXPECT_EQ(nobody.headers.find("WWW-Authenticate"), "Bearer");
  for (const char* authorization : {"Bearer x.y.z", "Bearer", "Bearer ", "Basic YTpi", "bearer null"}) {
    Request bad = request(Method::kGet, "/api/users/me");
    bad.headers.add("Authorization", authorization);
    EXPECT_EQ(code(send(bad)), "invalid_token") << authorization;
    bad.target = "/api/rooms";
    EXPECT_EQ(code(send(bad)), "invalid_token") << "where a token is optional: " << authorization;
  }
  Request lower = request(Method::kGet, "/api/users/me");
  lower.headers.add("Authorization", "bearer   " + newcomer("ana"));
  EXPECT_EQ(send(lower).status, 200);
}

TEST_F(ApiTest, ATokenInTheQueryCountsOnlyWhereItMay) {
  const std::string ana = newcomer("ana");
  const auto room = post("/api/rooms", ana, R"({"name":"r"})").json.at("id").as_int64();
  EXPECT_EQ(get("/api/ws/rooms/" + std::to_string(room) + "/online?token=" + ana).status, 200);
  EXPECT_EQ(get("/api/users/me?token=" + ana).status, 401);
}

TEST_F(ApiTest, ErrorsComeInTheLanguageThatIsAskedFor) {
  EXPECT_EQ(get("/api/users/me").json.at("detail"), "You have to log in to do this.");
  Request spanish = request(Method::kGet, "/api/users/me");
  spanish.headers.set("Accept-Language", "es-ES");
  EXPECT_EQ(send(spanish).json.at("detail"), "Tienes que iniciar sesión para hacer esto.");
}

TEST_F(ApiTest, BodiesHaveALimitWhetherTheyTellTheirSizeOrNot) {
  const std::string large(kMaxJsonBody + 1, ' ');
  Request declared = request(Method::kPost, "/api/users/login");
  testing::TextBody declared_body(large);
  declared.body = &declared_body;
  EXPECT_EQ(testing::run_task(api_->handle(declared)).status, 413);
  EXPECT_EQ(declared_body.bytes_read(), 0U) << "refused before it was asked for";

  Request chunked = request(Method::kPost, "/api/users/login");
  testing::TextBody chunked_body(large, false);
  chunked.body = &chunked_body;
  EXPECT_EQ(testing::run_task(api_->handle(chunked)).status, 413);

  Request fits = request(Method::kPost, "/api/users/login");
  testing::TextBody fitting_body(std::string(kMaxJsonBody - 2, ' ') + "{}", false);
  fits.body = &fitting_body;
  EXPECT_EQ(testing::run_task(api_->handle(fits)).status, 422);
}

TEST_F(ApiTest, PathQueryAndBodyAreJudgedTogether) {
  const std::string ana = newcomer("ana");
  const Reply reply = put("/api/rooms/x", ana, R"({"name":5,"is_private":"perhaps"})");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(code(reply), "validation_error");
  std::vector<std::string> types;
  for (const auto& fault : reply.json.at("detail").as_array()) {
    types.emplace_back(boost::json::serialize(fault.at("loc")) + std::string(fault.at("type").as_string()));
  }
  EXPECT_THAT(types, ElementsAre(R"(["path","id"]int_parsing)", R"(["body","name"]string_type)",
                                 R"(["body","is_private"]bool_parsing)"));
}

TEST_F(ApiTest, ARefusalOfTheTransportLooksTheSame) {
  const Response response = api_->refuse(reason::kMalformedRequest, request(Method::kOther, ""));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(boost::json::parse(response.body).at("code"), "malformed_request");
  EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff");
}

TEST_F(ApiTest, BrowsersMeetAPageAtTheRootAndProgramsJson) {
  const Reply program = get("/");
  EXPECT_EQ(program.json.at("status"), "running");
  EXPECT_EQ(program.json.at("docs"), "/docs");
  Request browser = request(Method::kGet, "/");
  browser.headers.add("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
  make_api({.app_name = "Chat <del> equipo & \"co\"", .access_log = false});
  const Reply page = send(browser);
  EXPECT_EQ(page.headers.find("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(page.text.contains("<h1>Chat &lt;del&gt; equipo &amp; &quot;co&quot;</h1>"));
  EXPECT_TRUE(page.text.contains("lang=\"en\""));
  Request json = request(Method::kGet, "/");
  json.headers.add("Accept", "application/json, text/html;q=0.5");
  EXPECT_EQ(send(json).json.at("status"), "running");
}

TEST_F(ApiTest, TheDocsAskNoOtherHost) {
  for (const char* path : {"/docs", "/redoc"}) {
    const Reply page = get(path);
    EXPECT_EQ(page.status, 200);
    EXPECT_FALSE(page.text.contains("://")) << path;
    EXPECT_TRUE(
        page.headers.find("Content-Security-Policy")->starts_with("default-src 'none'; script-src 'self';"));
    // Every script and style that it names is there, packed or not.
    for (auto at = page.text.find("/docs/assets/"); at != std::string::npos;
         at = page.text.find("/docs/assets/", at + 1)) {
      const std::string asset = page.text.substr(at, page.text.find('"', at) - at);
      const Reply plain = get(asset);
      EXPECT_EQ(plain.status, 200) << asset;
      EXPECT_FALSE(plain.headers.find("Content-Encoding")) << asset;
      Request packed = request(Method::kGet, asset);
      packed.headers.add("Accept-Encoding", "br, gzip");
      const Reply small = send(packed);
      if (!small.headers.find("Content-Encoding")) continue;
      EXPECT_LT(small.text.size(), plain.text.size()) << asset;
      packed.headers.add("If-None-Match", std::string(*small.headers.find("ETag")));
      EXPECT_EQ(send(packed).status, 304) << asset;
    }
  }
  EXPECT_EQ(get("/docs/assets/nothing.js").status, 404);
  EXPECT_EQ(get("/openapi.json").json.at("openapi"), "3.1.0");
}

TEST_F(ApiTest, StaticFilesAreServed) {
  std::filesystem::create_directories(directory_.path() / "static" / "img");
  std::ofstream(directory_.path() / "static" / "img" / "logo.svg") << "<svg/>";
  const Reply found = get("/static/img/logo.svg");
  EXPECT_EQ(found.text, "<svg/>");
  EXPECT_EQ(found.headers.find("Content-Type"), "image/svg+xml");
  EXPECT_EQ(get("/static/img/%2e%2e/%2e%2e/chat.db").status, 404);
  EXPECT_EQ(get("/static/..%2fchat.db").status, 404);
}

}  // namespace
}  // namespace izpo::api
