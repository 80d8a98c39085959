#include "app/dotenv.hpp"

#include <gtest/gtest.h>

#include <map>

namespace izpo::app {
namespace {

using Values = std::map<std::string, std::string>;

std::optional<std::string> environment(const std::string& name) {
  if (name == "HOME") return "/home/ana";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Values values_of(std::string_view text) {
  const Dotenv parsed = parse_dotenv(text, environment);
  Values values;
  for (const auto& [name, value] : parsed.values) values.insert_or_assign(name, value);
  return values;
}

struct Row {
  std::string_view text;
  Values expected;
};

// Every row was held against python-dotenv 1.2.4: load_dotenv(override=False) with the same environment.
class DotenvTable : public testing::TestWithParam<Row> {};

TEST_P(DotenvTable, ReadsAsPythonDotenv) {
  EXPECT_EQ(values_of(GetParam().text), GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Plain, DotenvTable,
                         testing::Values(Row{"", {}}, Row{"A=1", {{"A", "1"}}}, Row{"A = 1 ", {{"A", "1"}}},
                                         Row{"\n\n  A=1\n\tB=2\n", {{"A", "1"}, {"B", "2"}}},
                                         Row{"A=1\r\nB=2\rC=3", {{"A", "1"}, {"B", "2"}, {"C", "3"}}},
                                         Row{"\xef\xbb\xbf"
                                             "A=1",
                                             {{"A", "1"}}},
                                         Row{"A=", {{"A", ""}}}, Row{"A", {}},
                                         Row{"export A=1", {{"A", "1"}}}, Row{"export\tA=1", {{"A", "1"}}},
                                         Row{"export=1", {{"export", "1"}}},
                                         Row{"exported=1", {{"exported", "1"}}},
                                         Row{"'A B'=1", {{"A B", "1"}}}, Row{"A=a b  c", {{"A", "a b  c"}}},
                                         Row{"A=1\nA=2", {{"A", "2"}}}, Row{"A=1\nA", {}},
                                         Row{"A==", {{"A", "="}}}, Row{"A=b=c", {{"A", "b=c"}}},
                                         Row{"\u00a0A=\u00a0ñ\u2003", {{"A", "ñ"}}}));

INSTANTIATE_TEST_SUITE_P(Comments, DotenvTable,
                         testing::Values(Row{"# A=1", {}}, Row{"A=1 # one", {{"A", "1"}}},
                                         Row{"A=1# one", {{"A", "1# one"}}}, Row{"A=#1", {{"A", "#1"}}},
                                         Row{"A= #1", {{"A", ""}}}, Row{"A=a #b #c", {{"A", "a"}}},
                                         Row{"A='1' # one", {{"A", "1"}}}, Row{"A=\"1\"#one", {{"A", "1"}}},
                                         Row{"A=\"a # b\"", {{"A", "a # b"}}},
                                         Row{"A # no value\nB=2", {{"B", "2"}}}));

INSTANTIATE_TEST_SUITE_P(
    Quotes, DotenvTable,
    testing::Values(Row{"A='a b'", {{"A", "a b"}}}, Row{"A=\" a \"", {{"A", " a "}}},
                    Row{R"(A="\\ \' \" \n \t \q")", {{"A", "\\ ' \" \n \t \\q"}}},
                    Row{R"(A="\a\b\f\r\v")", {{"A", "\a\b\f\r\v"}}},
                    Row{R"(A='\\ \' \" \n')", {{"A", R"(\ ' \" \n)"}}}, Row{R"(A=a\nb)", {{"A", R"(a\nb)"}}},
                    Row{R"(A="a\\")", {{"A", "a\\"}}}, Row{"A=\"a\nb\"\nB=2", {{"A", "a\nb"}, {"B", "2"}}},
                    Row{"A='a\r\nb'", {{"A", "a\nb"}}}, Row{"A=\"a\\\nb\"", {{"A", "a\\\nb"}}},
                    Row{"A=it's", {{"A", "it's"}}},
                    Row{R"(A=["http://a.example","http://b.example"])",
                        {{"A", R"(["http://a.example","http://b.example"])"}}}));

INSTANTIATE_TEST_SUITE_P(Unreadable, DotenvTable,
                         testing::Values(Row{"A='x\nB=2", {{"B", "2"}}}, Row{"A=\"x\" y\nB=2", {{"B", "2"}}},
                                         Row{"=1\nB=2", {{"B", "2"}}}, Row{"A B=1\nC=2", {{"C", "2"}}},
                                         Row{"'A=1\nB=2", {{"B", "2"}}}, Row{"A=\"x\\", {}}));

INSTANTIATE_TEST_SUITE_P(Expansion, DotenvTable,
                         testing::Values(Row{"A=${HOME}/x", {{"A", "/home/ana/x"}}},
                                         Row{"HOME=/b\nA=${HOME}", {{"HOME", "/b"}, {"A", "/home/ana"}}},
                                         Row{"A=1\nB=${A}${A}", {{"A", "1"}, {"B", "11"}}},
                                         Row{"A='${HOME}'", {{"A", "/home/ana"}}},
                                         Row{"A=$HOME", {{"A", "$HOME"}}}, Row{"A=${NOBODY}", {{"A", ""}}},
                                         Row{"A=${NOBODY:-b:c}", {{"A", "b:c"}}},
                                         Row{"A=${EMPTY:-b}", {{"A", ""}}},
                                         Row{"A=${B}\nB=1", {{"A", ""}, {"B", "1"}}},
                                         Row{"A\nB=${A:-c}", {{"B", ""}}}, Row{"A=${HOME", {{"A", "${HOME"}}},
                                         Row{"A=${X:y${HOME}}", {{"A", "${X:y/home/ana}"}}},
                                         Row{"A=$${HOME}", {{"A", "$/home/ana"}}}, Row{"A=${}", {{"A", ""}}},
                                         Row{"A=${NOBODY:-${HOME}}", {{"A", "${HOME}"}}}));

TEST(Dotenv, NamesTheLinesItCannotRead) {
  EXPECT_EQ(parse_dotenv("A=1\n\nB='x\nC=3\nD E=4\n", environment).unreadable_lines, (std::vector{3, 5}));
}

TEST(Dotenv, FindsTheLastOfAName) {
  const Dotenv parsed = parse_dotenv("A=1\nA=2", environment);
  EXPECT_EQ(parsed.find("A"), "2");
  EXPECT_EQ(parsed.find("B"), std::nullopt);
}

}  // namespace
}  // namespace izpo::app
