#include "api/problem.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "api/texts.hpp"
#include "domain/checked.hpp"
#include "domain/reasons.hpp"

namespace izpo::api {
namespace {

boost::json::object body(const Response& response) {
  return boost::json::parse(response.body).as_object();
}

TEST(TextsTest, EveryReasonHasItsOwnSentenceInBothLanguages) {
  std::set<std::string_view> seen;
  for (const Reason& reason : reason::kAll) {
    const auto spanish = sentence(reason, Language::kSpanish);
    const auto english = sentence(reason, Language::kEnglish);
    EXPECT_FALSE(spanish.empty()) << reason.name;
    EXPECT_FALSE(english.empty()) << reason.name;
    EXPECT_TRUE(seen.insert(spanish).second) << reason.name;
    EXPECT_TRUE(seen.insert(english).second) << reason.name;
  }
}

TEST(TextsTest, FieldSentencesCarryTheirNumber) {
  const FieldError fault{{}, "string_too_short", "8"};
  EXPECT_EQ(sentence(fault, Language::kSpanish), "Debe tener al menos 8 caracteres");
  EXPECT_EQ(sentence(fault, Language::kEnglish), "String should have at least 8 characters");
  EXPECT_EQ(sentence(FieldError{{}, "string_too_short", "1"}, Language::kEnglish),
            "String should have at least 1 character");
}

TEST(TextsTest, EveryRuleOfTheDomainHasItsSentence) {
  const auto general = sentence(FieldError{{}, "value_error", "unheard_of"}, Language::kSpanish);
  for (const auto argument : {rule::kUsernameCharacters, rule::kEmail, rule::kText, rule::kSingleLineText}) {
    EXPECT_NE(sentence(FieldError{{}, "value_error", std::string(argument)}, Language::kSpanish), general)
        << argument;
  }
}

// docs/errors.md ends with a table of all reasons, in their order.
TEST(TextsTest, TheErrorsPageListsEveryReasonAsItIs) {
  std::ifstream file(IZPO_ERRORS_MD);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  std::string table;
  for (const Reason& reason : reason::kAll) {
    table += fmt::format("| `{}` | {} | {} | {} | {} |\n", reason.name, status_of(reason),
                         static_cast<int>(close_code(reason)), sentence(reason, Language::kEnglish),
                         sentence(reason, Language::kSpanish));
  }
  EXPECT_TRUE(page.ends_with("|---|---|---|---|---|\n" + table)) << "the table should be:\n" << table;
}

struct Row {
  Reason reason;
  int status;
  realtime::CloseCode close;
};

TEST(ProblemTest, ReasonsBecomeStatusAndCloseCode) {
  using realtime::CloseCode;
  const Row rows[] = {
      {reason::kEmailTaken, 400, CloseCode::kPolicy},
      {reason::kValidation, 422, CloseCode::kPolicy},
      {reason::kInvalidToken, 401, CloseCode::kPolicy},
      {reason::kLoginEnded, 401, CloseCode::kPolicy},
      {reason::kNotOwner, 403, CloseCode::kPolicy},
      {reason::kRoomNotFound, 404, CloseCode::kPolicy},
      {reason::kRoomGone, 404, CloseCode::kRoomGone},
      {reason::kMethodNotAllowed, 405, CloseCode::kPolicy},
      {reason::kRequestTimeout, 408, CloseCode::kHeartbeat},
      {reason::kClientIdConflict, 409, CloseCode::kPolicy},
      {reason::kBodyTooLarge, 413, CloseCode::kTooBig},
      {reason::kTextFramesOnly, 415, CloseCode::kPolicy},
      {reason::kUpgradeRequired, 426, CloseCode::kPolicy},
      {reason::kRateLimited, 429, CloseCode::kTooMany},
      {reason::kHeadersTooLarge, 431, CloseCode::kTooBig},
      {reason::kInternal, 500, CloseCode::kInternal},
      {reason::kOverloaded, 503, CloseCode::kOverload},
      {reason::kShuttingDown, 503, CloseCode::kRestart},
      {reason::kSlowConsumer, 503, CloseCode::kTooSlow},
      {reason::kStorageFull, 507, CloseCode::kOverload},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(problem(row.reason, Language::kSpanish, "r").status, row.status) << row.reason.name;
    EXPECT_EQ(close_code(row.reason), row.close) << row.reason.name;
  }
}

TEST(ProblemTest, TheBodyHasDetailCodeAndRequestId) {
  const Response response = problem(reason::kRoomNotFound, Language::kEnglish, "r-1");
  EXPECT_EQ(body(response),
            (boost::json::object{{"detail", "There is no such room, or you have no access to it."},
                                 {"code", "room_not_found"},
                                 {"request_id", "r-1"}}));
  EXPECT_EQ(response.headers.find("content-type"), "application/json");
  EXPECT_EQ(response.headers.find("Content-Language"), "en");
}

TEST(ProblemTest, DetailsThatOldClientsCompareAreNotTranslated) {
  const auto email = body(problem(reason::kEmailTaken, Language::kSpanish, "r"));
  EXPECT_EQ(email.at("detail"), "Email already registered");
  EXPECT_EQ(email.at("message").as_string(), sentence(reason::kEmailTaken, Language::kSpanish));
  const auto username = body(problem(reason::kUsernameTaken, Language::kEnglish, "r"));
  EXPECT_EQ(username.at("detail"), "Username already taken");
  EXPECT_EQ(username.at("message").as_string(), sentence(reason::kUsernameTaken, Language::kEnglish));
}

TEST(ProblemTest, ValidationErrorsAreAnArray) {
  Error error(reason::kValidation);
  error.fields = {{{"body", "email"}, "missing", ""}, {{"body", "17"}, "json_invalid", ""}};
  const auto shown = body(problem(error, Language::kEnglish, "r"));
  EXPECT_EQ(boost::json::serialize(shown.at("detail")),
            R"([{"loc":["body","email"],"msg":"Field required","type":"missing"},)"
            R"({"loc":["body",17],"msg":"JSON decode error","type":"json_invalid"}])");
  EXPECT_EQ(shown.at("code"), "validation_error");
  EXPECT_EQ(shown.at("request_id"), "r");
}

TEST(ProblemTest, ABrokenRuleWithoutAFieldIsOneOfTheBody) {
  const auto shown = body(problem(reason::kInvalidText, Language::kEnglish, "r"));
  EXPECT_EQ(shown.at("code"), "invalid_text");
  EXPECT_EQ(shown.at("detail").at(0).at("loc"), boost::json::array{"body"});
}

TEST(ProblemTest, HeadersThatBelongToTheStatus) {
  EXPECT_EQ(problem(reason::kNotAuthenticated, Language::kSpanish, "r").headers.find("WWW-Authenticate"),
            "Bearer");
  EXPECT_EQ(problem(reason::kNotOwner, Language::kSpanish, "r").headers.find("WWW-Authenticate"),
            std::nullopt);
  EXPECT_EQ(problem(reason::kOverloaded, Language::kSpanish, "r").headers.find("Retry-After"), "1");
  Error slow(reason::kTooManyLogins);
  slow.retry_after = std::chrono::milliseconds(41'001);
  EXPECT_EQ(problem(slow, Language::kSpanish, "r").headers.find("Retry-After"), "42");
  EXPECT_EQ(problem(reason::kUpgradeRequired, Language::kSpanish, "r").headers.find("Upgrade"), "websocket");
}

}  // namespace
}  // namespace izpo::api
