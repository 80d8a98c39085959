#include "api/web_client.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "support/api_fixture.hpp"

namespace izpo::api {
namespace {

using namespace std::string_view_literals;
using testing::Reply;

// Each text as gzip packs it.
constexpr std::string_view kPageText = "<!doctype html>";
constexpr std::string_view kGzippedPage =
    "\037\213\010\000\000\000\000\000\002\003\263\121\114\311\117\056\251\054\110\125\310\050\311\315\261\003\000\110\354\271\207\017\000\000\000"sv;
constexpr std::string_view kScriptText = "let a";
constexpr std::string_view kGzippedScript =
    "\037\213\010\000\000\000\000\000\002\003\313\111\055\121\110\004\000\200\337\321\152\005\000\000\000"sv;

constexpr std::string_view kBrowser = "text/html,application/xhtml+xml,*/*;q=0.8";

constexpr std::array kAssets{
    WebAsset{"assets/app-1a.js", "text/javascript; charset=utf-8", R"(W/"s1")", "script in Brotli",
             kGzippedScript},
    WebAsset{"index.html", "text/html; charset=utf-8", R"(W/"p1")", "page in Brotli", kGzippedPage},
};

class WebClientTest : public testing::ApiFixture {
 protected:
  WebClientTest() { make_api({.access_log = false, .web_client = kAssets}); }

  Reply fetch(std::string target, std::string_view accept, std::string_view encodings = {},
              Method method = Method::kGet) {
    Request wanted = request(method, std::move(target));
    wanted.headers.add("Accept", std::string(accept));
    wanted.headers.add("Accept-Encoding", std::string(encodings));
    return send(std::move(wanted));
  }
};

TEST_F(WebClientTest, BrowsersGetThePageAndOtherClientsJson) {
  EXPECT_EQ(fetch("/", kBrowser).text, kPageText);
  EXPECT_EQ(fetch("/", "application/json").json.at("status"), "running");
  EXPECT_EQ(get("/").json.at("status"), "running");
}

TEST_F(WebClientTest, ThePageIsAtEveryAddressOfAView) {
  for (const char* view : {"/rooms/7", "/browse", "/something/else"}) {
    EXPECT_EQ(fetch(view, kBrowser).text, kPageText) << view;
    EXPECT_EQ(fetch(view, kBrowser, {}, Method::kHead).status, 200) << view;
    EXPECT_EQ(get(view).status, 404) << view;
    EXPECT_EQ(fetch(view, kBrowser, {}, Method::kPost).status, 404) << view;
  }
}

TEST_F(WebClientTest, ThePageHidesNothingThatTheServerHasOrHasNot) {
  EXPECT_EQ(fetch("/health", kBrowser).json.at("status"), "healthy");
  for (const char* target :
       {"/api", "/api/nothing", "/api/rooms/7/nothing", "/assets/nothing.js", "/static/a.html"}) {
    EXPECT_EQ(fetch(target, kBrowser).status, 404) << target;
  }
  EXPECT_EQ(fetch("/assets/index.html", kBrowser).status, 404) << "only what is below assets/";
}

TEST_F(WebClientTest, TheBestEncodingThatTheClientTakesIsSent) {
  const Reply brotli = fetch("/", kBrowser, "gzip, deflate, br");
  EXPECT_EQ(brotli.text, "page in Brotli");
  EXPECT_EQ(brotli.headers.find("Content-Encoding"), "br");
  const Reply gzipped = fetch("/", kBrowser, "gzip, br;q=0");
  EXPECT_EQ(gzipped.text, kGzippedPage);
  EXPECT_EQ(gzipped.headers.find("Content-Encoding"), "gzip");
  const Reply plain = fetch("/assets/app-1a.js", "*/*");
  EXPECT_EQ(plain.text, kScriptText);
  EXPECT_FALSE(plain.headers.find("Content-Encoding"));
}

TEST_F(WebClientTest, WhatHasAHashInItsNameIsKeptForeverAndThePageIsAskedFor) {
  const Reply script = fetch("/assets/app-1a.js", "*/*");
  EXPECT_EQ(script.headers.find("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(script.headers.find("Vary"), "Accept-Encoding");
  EXPECT_EQ(script.headers.find("Content-Type"), "text/javascript; charset=utf-8");
  const Reply page = fetch("/rooms/7", kBrowser);
  EXPECT_EQ(page.headers.find("Cache-Control"), "no-cache");
  EXPECT_EQ(page.headers.find("Vary"), "Accept, Accept-Encoding");

  Request again = request(Method::kGet, "/rooms/8");
  again.headers.add("Accept", std::string(kBrowser));
  again.headers.add("If-None-Match", std::string(page.headers.find("ETag").value()));
  const Reply unchanged = send(std::move(again));
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.text, "");
  // Else the browser's copy takes over the policy of an answer of the API, under which a page that is loaded
  // again may not even load its script.
  EXPECT_FALSE(unchanged.headers.find("Content-Security-Policy"));
}

TEST_F(WebClientTest, ThePageRunsNoScriptButItsOwnFiles) {
  const Reply page = fetch("/", kBrowser);
  const auto policy = page.headers.find("Content-Security-Policy").value();
  EXPECT_NE(policy.find("default-src 'none'; script-src 'self';"), std::string_view::npos) << policy;
}

TEST_F(WebClientTest, WithoutAClientBrowsersAreToldWhatTheServerIsInTheirLanguage) {
  make_api({.access_log = false});
  const Reply english = fetch("/", kBrowser);
  EXPECT_NE(english.text.find("/docs"), std::string::npos);
  EXPECT_NE(english.text.find(R"(lang="en")"), std::string::npos);
  Request wanted = request(Method::kGet, "/");
  wanted.headers.add("Accept", std::string(kBrowser));
  wanted.headers.set("Accept-Language", "es");
  EXPECT_NE(send(std::move(wanted)).text.find(R"(lang="es")"), std::string::npos);
  EXPECT_EQ(fetch("/rooms/7", kBrowser).status, 404);
}

}  // namespace
}  // namespace izpo::api
