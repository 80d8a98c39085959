#include "app/dotenv.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>

namespace izpo::app {
namespace {

// The bytes of the white space character that `text` starts with (Python's str.isspace), or 0.
std::size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  const char first = text.front();
  if (first == ' ' || (first >= '\t' && first <= '\r') || (first >= '\x1c' && first <= '\x1f')) return 1;
  static constexpr std::array<std::string_view, 19> kWide{
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  for (const std::string_view space : kWide) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

std::string with_unix_line_ends(std::string_view text) {
  if (text.starts_with("\ufeff")) text.remove_prefix(std::string_view("\ufeff").size());
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      plain += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      plain += '\n';
    }
  }
  return plain;
}

// `quote` decides which backslash pairs mean something; every other backslash stays.
std::string unescape(std::string_view text, char quote) {
  static constexpr std::string_view kNames = "\\'\"abfnrtv";
  static constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
  const std::size_t known = quote == '"' ? kNames.size() : 2;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t which =
        text[i] == '\\' && i + 1 < text.size() ? kNames.find(text[i + 1]) : std::string_view::npos;
    if (which < known) {
      plain += kMeanings[which];
      ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

struct Statement {
  std::optional<std::string> name;  // none: a comment
  std::optional<std::string> value;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return rest().empty(); }

  void skip_space_and_lines() {
    while (const std::size_t space = leading_space(rest())) at_ += space;
  }

  int line() const { return 1 + static_cast<int>(std::ranges::count(text_.substr(0, at_), '\n')); }

  // False: unreadable; what was read of it stays read.
  bool statement(Statement& out) {
    skip_export();
    if (!name(out.name)) return false;
    skip_blanks();
    if (peek() == '=' && !value(out.value.emplace())) return false;
    skip_blanks();
    if (peek() == '#') skip_line();
    if (at_end()) return true;
    if (peek() != '\n') return false;
    ++at_;
    return true;
  }

  void skip_rest_of_line() {
    skip_line();
    if (!at_end()) ++at_;
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  std::size_t blanks() const {  // white space on this line from here
    std::size_t count = 0;
    while (at_ + count < text_.size() && text_[at_ + count] != '\n') {
      const std::size_t space = leading_space(rest().substr(count));
      if (space == 0) break;
      count += space;
    }
    return count;
  }
  void skip_blanks() { at_ += blanks(); }

  void skip_export() {
    static constexpr std::string_view kExport = "export";
    if (!rest().starts_with(kExport)) return;
    at_ += kExport.size();
    const std::size_t gap = blanks();
    if (gap == 0) at_ -= kExport.size();
    at_ += gap;
  }

  bool name(std::optional<std::string>& out) {
    if (peek() == '#') return true;
    if (peek() == '\'') {
      const std::size_t end = text_.find('\'', at_ + 1);
      if (end == std::string_view::npos || end == at_ + 1) return false;
      out = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return true;
    }
    const std::size_t start = at_;
    while (!at_end() && peek() != '=' && peek() != '#' && leading_space(rest()) == 0) ++at_;
    out = text_.substr(start, at_ - start);
    return at_ > start;
  }

  bool value(std::string& out) {
    ++at_;  // the equals sign
    const std::size_t gap = blanks();
    at_ += gap;
    if (gap > 0 && peek() == '#') return true;
    if (peek() == '\'' || peek() == '"') return quoted_value(out);
    out = unquoted_value();
    return true;
  }

  bool quoted_value(std::string& out) {
    const char quote = peek();
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return false;
    out = unescape(text_.substr(at_ + 1, end - at_ - 1), quote);
    at_ = end + 1;
    return true;
  }

  std::string unquoted_value() {
    const std::size_t start = at_;
    skip_line();
    const std::string_view line = text_.substr(start, at_ - start);
    std::size_t end = 0;  // after the last character that is not white space
    for (std::size_t i = 0; i < line.size();) {
      const std::size_t space = leading_space(line.substr(i));
      if (space == 0 && line[i] == '#' && end < i) break;
      i += space == 0 ? 1 : space;
      if (space == 0) end = i;
    }
    return std::string(line.substr(0, end));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Expander {
 public:
  explicit Expander(const EnvironmentLookup& environment) : environment_(environment) {}

  std::string expand(std::string_view value) const {
    std::string out;
    while (!value.empty()) {
      const std::size_t start = value.find("${");
      out += value.substr(0, start);
      if (start == std::string_view::npos) break;
      value.remove_prefix(start);
      const std::size_t close = value.find('}');
      if (close == std::string_view::npos) return out.append(value);
      const std::string_view inside = value.substr(2, close - 2);
      const std::size_t colon = inside.find(':');
      if (colon != std::string_view::npos && !inside.substr(colon).starts_with(":-")) {
        out += "${";  // no variable, but one may start inside
        value.remove_prefix(2);
        continue;
      }
      const std::string_view fallback = colon == std::string_view::npos ? "" : inside.substr(colon + 2);
      out += look_up(std::string(inside.substr(0, colon))).value_or(std::string(fallback));
      value.remove_prefix(close + 1);
    }
    return out;
  }

  void remember(const std::string& name, std::string value) { seen_[name] = std::move(value); }

 private:
  std::optional<std::string> look_up(const std::string& name) const {
    if (auto value = environment_(name)) return value;
    const auto found = seen_.find(name);
    if (found == seen_.end()) return std::nullopt;
    return found->second;
  }

  const EnvironmentLookup& environment_;
  std::map<std::string, std::string, std::less<>> seen_;
};

}  // namespace

std::optional<std::string_view> Dotenv::find(std::string_view name) const {
  for (const auto& [candidate, value] : values | std::views::reverse) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

Dotenv parse_dotenv(std::string_view text, const EnvironmentLookup& environment) {
  const std::string plain = with_unix_line_ends(text);
  Reader reader(plain);
  Expander expander(environment);
  Dotenv result;
  while (true) {
    reader.skip_space_and_lines();
    if (reader.at_end()) return result;
    const int line = reader.line();
    Statement statement;
    if (!reader.statement(statement)) {
      reader.skip_rest_of_line();
      result.unreadable_lines.push_back(line);
      continue;
    }
    if (!statement.name) continue;
    // Known but without a value: empty for the lines below, not set for anybody else.
    std::string value = expander.expand(statement.value.value_or(""));
    expander.remember(*statement.name, value);
    if (statement.value) {
      result.values.emplace_back(std::move(*statement.name), std::move(value));
    } else {
      std::erase_if(result.values, [&](const auto& earlier) { return earlier.first == *statement.name; });
    }
  }
}

}  // namespace izpo::app
