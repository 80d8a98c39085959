#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/asyncapi.hpp"
#include "api/html.hpp"

namespace izpo::api {

namespace {

namespace json = boost::json;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>IzpoChat events</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/events.css">
</head>
<body>
)";

constexpr std::string_view kStyle = R"(:root { color-scheme: light dark; --line: light-dark(#d7dde6, #2c3542);
  --soft: light-dark(#566375, #9aa7b8); --code: light-dark(#eef2f7, #1c232d); --link: light-dark(#0b5cad, #79b8ff); }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 15rem minmax(0, 1fr); font: 1rem/1.55 system-ui, sans-serif;
  color: light-dark(#1c2430, #e6eaf0); background: light-dark(#fff, #12161d); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1.25rem;
  border-right: 1px solid var(--line); font-size: 0.9rem; }
nav h2 { margin: 1.25rem 0 0.25rem; font-size: 0.75rem; text-transform: uppercase; letter-spacing: 0.06em;
  color: var(--soft); }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: 0.1rem 0; }
main { max-width: 60rem; padding: 1.5rem 2rem 6rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
h1, h2, h3, h4 { line-height: 1.25; scroll-margin-top: 1rem; }
h1 { margin: 0; font-size: 2rem; }
main > section > h2 { margin: 3rem 0 0.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
h3 { margin: 2rem 0 0; color: var(--soft); }
article { margin: 1.25rem 0; }
article h4 { margin: 0; font: 600 1.05rem ui-monospace, monospace; }
article p { margin: 0.15rem 0 0.5rem; }
code { padding: 0.1em 0.3em; border-radius: 0.25em; background: var(--code);
  font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-top: 1px solid var(--line); text-align: left;
  vertical-align: top; }
th { font-weight: 400; width: 11rem; }
td:nth-child(2) { width: 13rem; color: var(--soft); }
.optional { color: var(--soft); font-size: 0.85em; }
@media (max-width: 48rem) { body { display: block; } nav { position: static; height: auto; border: 0; }
  main { padding: 1rem; } th, td { display: block; width: auto !important; border: 0; padding: 0; }
  tr { display: block; padding: 0.4rem 0; border-top: 1px solid var(--line); } }
)";

// What stands between backticks is code.
std::string prose(std::string_view text) {
  std::string html;
  bool code = false;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('`', start), text.size());
    html += escaped_html(text.substr(start, end - start));
    if (end < text.size()) html += (code = !code) ? "<code>" : "</code>";
    start = end + 1;
  }
  return html;
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? std::string_view() : std::string_view(value->as_string());
}

// "#/components/schemas/User" → "User"
std::string_view last_step(std::string_view reference) {
  return reference.substr(reference.rfind('/') + 1);
}

std::string type_of(const json::object& schema) {
  if (const auto* reference = schema.if_contains("$ref")) {
    const auto name = escaped_html(last_step(reference->as_string()));
    return fmt::format(R"(<a href="#schema-{}">{}</a>)", name, name);
  }
  if (const auto* constant = schema.if_contains("const")) {
    return fmt::format("<code>{}</code>", escaped_html(json::serialize(*constant)));
  }
  std::vector<std::string> parts;
  if (const auto* choices = schema.if_contains("enum")) {
    for (const auto& choice : choices->as_array()) {
      parts.push_back(fmt::format("<code>{}</code>", escaped_html(json::serialize(choice))));
    }
    return fmt::format("{}", fmt::join(parts, " or "));
  }
  for (const auto* alternatives : {schema.if_contains("anyOf"), schema.if_contains("oneOf")}) {
    if (alternatives == nullptr) continue;
    for (const auto& each : alternatives->as_array()) parts.push_back(type_of(each.as_object()));
    return fmt::format("{}", fmt::join(parts, " or "));
  }
  const auto& type = schema.at("type");
  if (type.is_array()) {
    for (const auto& each : type.as_array()) parts.push_back(escaped_html(each.as_string()));
  } else {
    parts.push_back(escaped_html(type.as_string()));
  }
  if (parts.front() == "array") parts.front() += " of " + type_of(schema.at("items").as_object());
  if (text_of(schema, "format") == "date-time") parts.front() = "time";
  return fmt::format("{}", fmt::join(parts, " or "));
}

std::string fields_of(const json::object& schema) {
  std::string html = "<table>\n";
  const auto* required = schema.if_contains("required");
  for (const auto& [name, value] : schema.at("properties").as_object()) {
    const auto& field = value.as_object();
    const bool must = required != nullptr && std::ranges::find(required->as_array(), json::value(name)) !=
                                                 required->as_array().end();
    html += fmt::format("<tr><th><code>{}</code>{}</th><td>{}</td><td>{}</td></tr>\n", escaped_html(name),
                        must ? "" : R"( <span class="optional">optional</span>)", type_of(field),
                        prose(text_of(field, "description")));
  }
  return html += "</table>\n";
}

class Page {
 public:
  explicit Page(const json::object& document)
      : document_(document), components_(document.at("components").as_object()) {}

  std::string html() {
    const auto& info = document_.at("info").as_object();
    std::string body = fmt::format("<h1>{} events</h1>\n<p>{}</p>\n", escaped_html(text_of(info, "title")),
                                   prose(text_of(info, "description")));
    for (const auto& [name, channel] : document_.at("channels").as_object()) {
      body += channel_of(name, channel.as_object());
    }
    body += objects();
    return fmt::format(
        "{}<nav><a href=\"/asyncapi.json\">asyncapi.json</a>{}</nav>\n<main>\n{}</main>\n</body>\n</html>\n",
        kHead, links_, body);
  }

 private:
  std::string channel_of(std::string_view id, const json::object& channel) {
    std::string html =
        fmt::format("<section>\n<h2 id=\"{}\">{}</h2>\n<p><code>GET {}</code></p>\n<p>{}</p>\n",
                    escaped_html(id), escaped_html(text_of(channel, "title")),
                    escaped_html(text_of(channel, "address")), prose(text_of(channel, "description")));
    html += "<h3>In the address</h3>\n" + fields_of(channel.at("bindings").at("ws").at("query").as_object());
    for (const auto& [name, value] : document_.at("operations").as_object()) {
      const auto& operation = value.as_object();
      if (last_step(text_of(operation.at("channel").as_object(), "$ref")) != id) continue;
      links_ += fmt::format("<h2>{}, {}</h2>\n<ul>\n", escaped_html(text_of(channel, "address")),
                            escaped_html(text_of(operation, "summary")));
      html += fmt::format("<h3>{}</h3>\n", escaped_html(text_of(operation, "summary")));
      for (const auto& message : operation.at("messages").as_array()) {
        html += message_of(id, last_step(text_of(message.as_object(), "$ref")));
      }
      links_ += "</ul>\n";
    }
    return html += "</section>\n";
  }

  std::string message_of(std::string_view channel, std::string_view key) {
    const auto& message = components_.at("messages").at(key).as_object();
    const auto anchor = escaped_html(fmt::format("{}-{}", channel, key));
    const auto name = escaped_html(text_of(message, "name"));
    links_ += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", anchor, name);
    return fmt::format("<article>\n<h4 id=\"{}\">{}</h4>\n<p>{}</p>\n{}</article>\n", anchor, name,
                       prose(text_of(message, "summary")), fields_of(message.at("payload").as_object()));
  }

  std::string objects() {
    std::string html = "<section>\n<h2>Objects</h2>\n";
    links_ += "<h2>Objects</h2>\n<ul>\n";
    for (const auto& [key, schema] : components_.at("schemas").as_object()) {
      const auto name = escaped_html(key);
      links_ += fmt::format("<li><a href=\"#schema-{}\">{}</a></li>\n", name, name);
      html += fmt::format("<article>\n<h4 id=\"schema-{}\">{}</h4>\n{}</article>\n", name, name,
                          fields_of(schema.as_object()));
    }
    links_ += "</ul>\n";
    return html += "</section>\n";
  }

  const json::object& document_;
  const json::object& components_;
  std::string links_;  // of the list beside the text
};

}  // namespace

std::string events_page(std::string_view document) {
  const auto parsed = json::parse(document);
  return Page(parsed.as_object()).html();
}

std::string_view events_style() {
  return kStyle;
}

}  // namespace izpo::api
