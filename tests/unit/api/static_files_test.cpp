#include "api/static_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "api/accept.hpp"
#include "api/conditional.hpp"
#include "domain/reasons.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::api {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    fs::create_directories(root_ / "css");
    write(root_ / "css" / "a.css", "body{}");
    write(root_ / "a b.SVG", "<svg/>");
    write(root_ / "data", "x");
    write(root_ / ".env", "SECRET");
    fs::create_directories(root_ / ".git");
    write(root_ / ".git" / "config", "SECRET");
    write(directory_.path() / "outside.txt", "SECRET");
    fs::create_symlink(directory_.path() / "outside.txt", root_ / "link.txt");
    fs::create_symlink(root_ / "css", root_ / "styles");
    fs::create_directories(directory_.path() / "static-other");
    write(directory_.path() / "static-other" / "b.txt", "SECRET");
    fs::create_symlink(directory_.path() / "static-other" / "b.txt", root_ / "sibling.txt");
  }

  static void write(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }

  Result<Response> get(std::string_view path, const Headers& request = {}) const {
    return static_file(root_.string(), path, request);
  }

  testing::TemporaryDirectory directory_;
  fs::path root_ = directory_.path() / "static";
};

TEST_F(StaticFilesTest, ServesAFileWithItsType) {
  const auto css = get("css/a.css");
  ASSERT_TRUE(css);
  EXPECT_EQ(css->status, 200);
  EXPECT_EQ(css->body, "body{}");
  EXPECT_EQ(css->headers.find("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(get("a b.SVG")->headers.find("Content-Type"), "image/svg+xml");
  EXPECT_EQ(get("data")->headers.find("Content-Type"), "application/octet-stream");
  EXPECT_EQ(get("styles/a.css")->body, "body{}") << "a link that stays inside";
}

TEST_F(StaticFilesTest, NothingElseCanBeReached) {
  for (const std::string_view path :
       {"", ".", "..", ".env", ".git/config", "css/../.env", "../outside.txt", "css/../../outside.txt",
        "css//a.css", "/etc/passwd", "css", "css/", "nothing.txt", "link.txt", "sibling.txt", "css\\a.css",
        "css/a.css/x"}) {
    const auto found = get(path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().reason, reason::kPathNotFound) << path;
  }
  EXPECT_FALSE(get(std::string_view("data\0.css", 9)));
}

TEST_F(StaticFilesTest, ACopyThatIsStillGoodIsNotSentAgain) {
  const auto first = get("data");
  ASSERT_TRUE(first);
  Headers by_tag;
  by_tag.add("If-None-Match", "\"other\", " + std::string(*first->headers.find("ETag")));
  EXPECT_EQ(get("data", by_tag)->status, 304);
  EXPECT_EQ(get("data", by_tag)->body, "");
  Headers by_date;
  by_date.add("If-Modified-Since", std::string(*first->headers.find("Last-Modified")));
  EXPECT_EQ(get("data", by_date)->status, 304);

  write(root_ / "data", "xy");
  EXPECT_EQ(get("data", by_tag)->status, 200);
}

TEST_F(StaticFilesTest, WithoutTheDirectoryThereIsNothing) {
  EXPECT_FALSE(static_file((directory_.path() / "gone").string(), "data", {}));
}

TEST(ConditionalTest, TheTagGoesBeforeTheDate) {
  Headers request;
  request.add("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_TRUE(is_unchanged(request, "\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT"));
  EXPECT_FALSE(is_unchanged(request, "\"a\"", "Sun, 06 Nov 1994 08:49:38 GMT"));
  EXPECT_FALSE(is_unchanged(request, "\"a\"", ""));
  request.add("If-None-Match", "\"b\"");
  EXPECT_FALSE(is_unchanged(request, "\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT"));
  EXPECT_TRUE(is_unchanged(request, "W/\"b\"", ""));
  request.set("If-None-Match", "*");
  EXPECT_TRUE(is_unchanged(request, "\"a\"", ""));
  EXPECT_FALSE(is_unchanged({}, "\"a\"", ""));
}

TEST(AcceptTest, TellsHowMuchAValueIsWanted) {
  EXPECT_EQ(quality_in("text/html, */*;q=0.8", "text/html"), 1000);
  EXPECT_EQ(quality_in("text/html;level=1;q=0.25", "TEXT/html"), 250);
  EXPECT_EQ(quality_in("application/json", "text/html"), 0);
  EXPECT_EQ(quality_in("gzip;q=0", "gzip"), 0);
}

}  // namespace
}  // namespace izpo::api
