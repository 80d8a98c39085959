#include <gtest/gtest.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "api/schema_decode.hpp"
#include "api/schema_document.hpp"
#include "api/schema_encode.hpp"
#include "domain/ids.hpp"
#include "domain/username.hpp"

namespace izpo::api {
namespace {

struct Inner {
  RoomId id;
  std::optional<std::string> note;

  static constexpr std::string_view kName = "Inner";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (id, note))

struct Outer {
  std::string text;
  bool flag = false;
  std::int64_t number = 7;
  Timestamp time;
  std::vector<Inner> list;
  schema::Encoded<Inner> shared = {std::make_shared<const std::string>("{}")};

  static constexpr std::string_view kName = "Outer";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (text, flag, number, time, list, shared))

struct Form {
  std::string name;
  std::optional<std::string> note;
  bool flag = true;
  std::optional<std::int64_t> number;
  std::optional<std::string> username;

  static constexpr std::string_view kName = "Form";
  static constexpr std::array kRules{
      schema::Rule{.field = "name", .example = R"("x")", .min_length = 2, .max_length = 4},
      schema::Rule{.field = "flag", .description = "A flag.", .defaulted = true},
      schema::Rule{.field = "number", .at_least = 1},
      schema::Rule{.field = "username", .check = schema::checked_by<check_username>}};
};
BOOST_DESCRIBE_STRUCT(Form, (), (name, note, flag, number, username))

// The faults as "body.field type(argument)", one after the other.
std::string shown(const std::vector<FieldError>& errors) {
  std::string text;
  for (const auto& error : errors) {
    if (!text.empty()) text += "; ";
    for (bool first = true; const auto& step : error.loc) {
      if (!std::exchange(first, false)) text += '.';
      text += step;
    }
    text += ' ' + error.type;
    if (!error.argument.empty()) text += '(' + error.argument + ')';
  }
  return text;
}

std::string faults_of(std::string_view body) {
  std::vector<FieldError> errors;
  schema::decode_body<Form>(body, errors);
  return shown(errors);
}

Form decoded(std::string_view body) {
  std::vector<FieldError> errors;
  Form form = schema::decode_body<Form>(body, errors);
  EXPECT_EQ(shown(errors), "") << body;
  return form;
}

TEST(SchemaDecodeTest, TakesWhatIsRight) {
  const Form form = decoded(R"({"name":"ana","note":"n","flag":false,"number":3,"extra":{"deep":[1]}})");
  EXPECT_EQ(form.name, "ana");
  EXPECT_EQ(form.note, "n");
  EXPECT_FALSE(form.flag);
  EXPECT_EQ(form.number, 3);
}

TEST(SchemaDecodeTest, NullMeansTheDefault) {
  const Form form = decoded(R"({"name":"ana","note":null,"flag":null,"number":null})");
  EXPECT_EQ(form.note, std::nullopt);
  EXPECT_TRUE(form.flag);
  EXPECT_EQ(form.number, std::nullopt);
}

TEST(SchemaDecodeTest, WhatPydanticTakesInLaxMode) {
  for (const char* flag : {"0", "0.0", R"("0")", R"("off")", R"("F")", R"("false")", R"("n")", R"("No")"}) {
    EXPECT_FALSE(decoded(std::string(R"({"name":"ana","flag":)") + flag + "}").flag) << flag;
  }
  for (const char* flag : {"1", R"("1")", R"("ON")", R"("t")", R"("TRUE")", R"("y")", R"("yes")"}) {
    EXPECT_TRUE(decoded(std::string(R"({"name":"ana","flag":)") + flag + "}").flag) << flag;
  }
  for (const char* number : {"5", "5.0", R"("5")", R"(" +5 ")", R"("005")", R"("5.00")", "5e0"}) {
    EXPECT_EQ(decoded(std::string(R"({"name":"ana","number":)") + number + "}").number, 5) << number;
  }
  EXPECT_EQ(decoded(R"({"name":"ana","number":"1_000"})").number, 1000);
  EXPECT_EQ(decoded(R"({"name":"ana","number":true})").number, 1);
}

TEST(SchemaDecodeTest, NumbersBeyond64BitsAreCut) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  for (const char* number : {"9223372036854775807", "9223372036854775808", "18446744073709551616",
                             "123456789012345678901234567890", R"("123456789012345678901234567890")",
                             R"("9223372036854775808")", "1e30"}) {
    EXPECT_EQ(decoded(std::string(R"({"name":"ana","number":)") + number + "}").number, kMost) << number;
  }
  std::int64_t number = 0;
  EXPECT_EQ(schema::decode_scalar(std::string_view("-123456789012345678901234567890"), number, {}),
            std::nullopt);
  EXPECT_EQ(number, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(schema::decode_scalar(std::string_view("-9223372036854775808"), number, {}), std::nullopt);
  EXPECT_EQ(number, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(schema::decode_scalar(std::string_view("-9223372036854775807"), number, {}), std::nullopt);
  EXPECT_EQ(number, std::numeric_limits<std::int64_t>::min() + 1);
}

TEST(SchemaDecodeTest, FaultsHavePydanticsNames) {
  struct Row {
    const char* body;
    const char* faults;
  };
  constexpr Row kRows[] = {
      {R"({})", "body.name missing"},
      {R"({"name":null})", "body.name string_type"},
      {R"({"name":5})", "body.name string_type"},
      {R"({"name":["ana"]})", "body.name string_type"},
      {R"({"name":"a"})", "body.name string_too_short(2)"},
      {R"({"name":"ñandú"})", "body.name string_too_long(4)"},
      {R"({"name":"a\u0000na"})", "body.name value_error(text)"},
      {R"({"name":"ana","flag":"maybe"})", "body.flag bool_parsing"},
      {R"({"name":"ana","flag":2})", "body.flag bool_parsing"},
      {R"({"name":"ana","flag":0.5})", "body.flag bool_type"},
      {R"({"name":"ana","flag":[]})", "body.flag bool_type"},
      {R"({"name":"ana","number":"x"})", "body.number int_parsing"},
      {R"({"name":"ana","number":""})", "body.number int_parsing"},
      {R"({"name":"ana","number":"--1"})", "body.number int_parsing"},
      {R"({"name":"ana","number":"1__0"})", "body.number int_parsing"},
      {R"({"name":"ana","number":"_1"})", "body.number int_parsing"},
      {R"({"name":"ana","number":"1.5"})", "body.number int_parsing"},
      {R"({"name":"ana","number":1.5})", "body.number int_from_float"},
      {R"({"name":"ana","number":{}})", "body.number int_type"},
      {R"({"name":"ana","number":0})", "body.number greater_than_equal(1)"},
      {R"({"name":"ana","number":-123456789012345678901234567890})", "body.number greater_than_equal(1)"},
      {R"({"name":"ana","username":"a b c"})", "body.username value_error(username_characters)"},
      {R"({"name":"ana","username":"ab"})", "body.username string_too_short(3)"},
      {R"({"number":"x","flag":3})", "body.name missing; body.flag bool_parsing; body.number int_parsing"},
      {"", "body missing"},
      {" \n", "body missing"},
      {"[]", "body model_attributes_type"},
      {"null", "body model_attributes_type"},
      {R"("name")", "body model_attributes_type"},
  };
  for (const Row& row : kRows) EXPECT_EQ(faults_of(row.body), row.faults) << row.body;
}

TEST(SchemaDecodeTest, BrokenJsonIsOneFault) {
  const std::string deep(1000, '[');
  for (const std::string& body :
       {std::string("{"), std::string(R"({"name":"ana"}x)"), std::string(R"({"name":})"),
        std::string("{'name':'ana'}"), std::string(R"({"name":"\ud800"})"),
        std::string(R"({"name":"\udc00x"})"), std::string("{\"name\":\"\xff\"}"),
        std::string("{\"name\":\"a\nb\"}"), std::string("NaN"), deep,
        R"({"name":)" + deep + std::string(1000, ']') + "}"}) {
    std::vector<FieldError> errors;
    schema::decode_body<Form>(body, errors);
    ASSERT_EQ(errors.size(), 1U) << body;
    EXPECT_EQ(errors[0].type, "json_invalid") << body;
    ASSERT_EQ(errors[0].loc.size(), 2U);
    EXPECT_EQ(errors[0].loc[0], "body");
  }
}

TEST(SchemaDecodeTest, JsonMayBeAsDeepAsTheLimit) {
  const auto nested = [](std::size_t depth) {
    return R"({"name":"ana","extra":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(faults_of(nested(schema::kMaxDepth - 1)), "");
  EXPECT_TRUE(faults_of(nested(schema::kMaxDepth)).ends_with("json_invalid"));
}

TEST(SchemaDecodeTest, ParametersComeFromText) {
  const auto decode = [](std::string_view number, std::vector<FieldError>& errors) {
    const auto find = [number](std::string_view name) -> std::optional<std::string_view> {
      if (name == "name") return "ana";
      if (name == "flag") return "no";
      if (name == "number") return number;
      return std::nullopt;
    };
    return schema::decode_parameters<Form>("query", find, errors);
  };
  std::vector<FieldError> errors;
  const Form form = decode("12", errors);
  EXPECT_EQ(form.name, "ana");
  EXPECT_FALSE(form.flag);
  EXPECT_EQ(form.number, 12);
  EXPECT_EQ(shown(errors), "");
  decode("twelve", errors);
  EXPECT_EQ(shown(errors), "query.number int_parsing");
}

TEST(SchemaEncodeTest, WritesEveryKindOfField) {
  Outer outer;
  outer.text = "\"\n\u00e9";
  outer.time = from_micros(1'758'651'943'511'000);
  outer.list = {{RoomId(1), "a"}, {RoomId(-2), std::nullopt}};
  outer.shared = schema::encoded(Inner{});
  std::string out;
  schema::encode(outer, out);
  EXPECT_EQ(out, R"({"text":"\"\né","flag":false,"number":7,"time":"2025-09-23T18:25:43.511000Z",)"
                 R"("list":[{"id":1,"note":"a"},{"id":-2,"note":null}],"shared":{"id":0,"note":null}})");
}

TEST(SchemaEncodeTest, EveryByteThatJsonEscapesComesBack) {
  std::string text;
  for (char letter = 1; letter < 0x7f; ++letter) text += letter;
  text += "\x7f\u2028\U0001F600";
  std::string out;
  schema::encode(text, out);
  EXPECT_EQ(boost::json::value_to<std::string>(boost::json::parse(out)), text);
}

TEST(SchemaDocumentTest, RequestsAndAnswersDifferInWhatIsRequired) {
  boost::json::object components;
  const auto form = schema::document_of<Form>({}, components);
  EXPECT_EQ(boost::json::serialize(form), R"({"$ref":"#/components/schemas/Form"})");
  const auto& document = components.at("Form").as_object();
  EXPECT_EQ(document.at("required"), boost::json::array{"name"});
  EXPECT_EQ(boost::json::serialize(document.at("properties").at("name")),
            R"({"type":"string","minLength":2,"maxLength":4,"examples":["x"]})");
  EXPECT_EQ(boost::json::serialize(document.at("properties").at("flag")),
            R"({"type":"boolean","default":true,"description":"A flag."})");
  EXPECT_EQ(boost::json::serialize(document.at("properties").at("number")),
            R"({"type":["integer","null"],"minimum":1})");

  schema::document_of<Outer>({}, components);
  EXPECT_EQ(components.at("Inner").at("required"), (boost::json::array{"id", "note"}));
  EXPECT_EQ(boost::json::serialize(components.at("Outer").at("properties").at("list")),
            R"({"type":"array","items":{"$ref":"#/components/schemas/Inner"}})");
}

}  // namespace
}  // namespace izpo::api
