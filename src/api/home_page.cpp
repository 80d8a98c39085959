#include "api/home_page.hpp"

#include <fmt/format.h>

#include "api/html.hpp"
#include "api/texts.hpp"

namespace izpo::api {

namespace {

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/home.css">
</head>
<body>
<main>
<h1>{name}</h1>
<p class="state"><span aria-hidden="true"></span>{state} · {version}</p>
<p>{about}</p>
<nav>
<a class="first" href="/docs">{docs}</a>
<a href="/redoc">{reference}</a>
<a href="/openapi.json">{document}</a>
<a href="/docs/events">{events}</a>
</nav>
</main>
</body>
</html>
)";

constexpr std::string_view kStyle = R"(:root { color-scheme: light dark; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 1.0625rem/1.6 system-ui, sans-serif; color: light-dark(#1c2430, #e6eaf0);
  background: light-dark(#f5f7fa, #12161d);
}
main { max-width: 34rem; padding: 2rem; }
h1 { margin: 0; font-size: 2.25rem; line-height: 1.2; letter-spacing: -0.02em; overflow-wrap: anywhere; }
.state { margin: 0.5rem 0 1.5rem; color: light-dark(#52606f, #a3afbd); }
.state span {
  display: inline-block; width: 0.6rem; height: 0.6rem; margin-right: 0.5rem; border-radius: 50%;
  background: #1f9d57;
}
nav { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 2rem; }
a {
  padding: 0.5rem 1rem; border: 1px solid light-dark(#c3ccd6, #3a4553); border-radius: 0.5rem;
  color: inherit; text-decoration: none;
}
a:hover { border-color: currentcolor; }
a.first { background: #1d5fd1; border-color: #1d5fd1; color: #fff; }
a:focus-visible { outline: 3px solid #6ea3ff; outline-offset: 2px; }
)";

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

}  // namespace

Response home_page(const Options& options, Language language) {
  using fmt::arg;
  Response response;
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Content-Language", std::string(language_tag(language)));
  response.headers.add("Content-Security-Policy", std::string(kPolicy));
  response.headers.add("Vary", "Accept, Accept-Language");
  response.body = fmt::format(
      kPage, arg("language", language_tag(language)), arg("name", escaped_html(options.app_name)),
      arg("version", escaped_html(options.version)), arg("state", sentence(Phrase::kHomeState, language)),
      arg("about", sentence(Phrase::kHomeAbout, language)),
      arg("docs", sentence(Phrase::kHomeDocs, language)),
      arg("reference", sentence(Phrase::kHomeReference, language)),
      arg("document", sentence(Phrase::kHomeDocument, language)),
      arg("events", sentence(Phrase::kHomeEvents, language)));
  return response;
}

std::string_view home_style() {
  return kStyle;
}

}  // namespace izpo::api
