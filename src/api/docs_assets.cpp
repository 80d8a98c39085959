#include "api/docs_assets.hpp"

#include <algorithm>
#include <array>

// A file as bytes between two symbols: an array of as many numbers would take the compiler minutes.
// NOLINTBEGIN(cppcoreguidelines-macro-usage,bugprone-macro-parentheses): made of names and literals
#define IZPO_EMBED(symbol, file)                           \
  asm(".pushsection .rodata\n" #symbol                     \
      ":\n"                                                \
      ".incbin \"" IZPO_DOCS_UI "/" file ".gz\"\n" #symbol \
      "_end:\n"                                            \
      ".popsection\n");                                    \
  extern "C" const char symbol[];                          \
  extern "C" const char symbol##_end[]
// NOLINTEND(cppcoreguidelines-macro-usage,bugprone-macro-parentheses)

IZPO_EMBED(izpo_swagger_ui_css, "swagger-ui.css");
IZPO_EMBED(izpo_swagger_ui_js, "swagger-ui-bundle.js");
IZPO_EMBED(izpo_swagger_ui_licenses, "swagger-ui-bundle.js.LICENSE.txt");
IZPO_EMBED(izpo_redoc_js, "redoc.standalone.js");
IZPO_EMBED(izpo_redoc_licenses, "redoc.standalone.js.LICENSE.txt");

namespace izpo::api {

namespace {

constexpr std::string_view kScript = "text/javascript; charset=utf-8";
constexpr std::string_view kStyle = "text/css; charset=utf-8";
constexpr std::string_view kText = "text/plain; charset=utf-8";

}  // namespace

std::optional<DocsAsset> find_docs_asset(std::string_view name) {
  const std::array assets{
      DocsAsset{"swagger-ui.css", kStyle, {izpo_swagger_ui_css, izpo_swagger_ui_css_end}},
      DocsAsset{"swagger-ui-bundle.js", kScript, {izpo_swagger_ui_js, izpo_swagger_ui_js_end}},
      DocsAsset{"swagger-ui-bundle.js.LICENSE.txt",
                kText,
                {izpo_swagger_ui_licenses, izpo_swagger_ui_licenses_end}},
      DocsAsset{"redoc.standalone.js", kScript, {izpo_redoc_js, izpo_redoc_js_end}},
      DocsAsset{"redoc.standalone.js.LICENSE.txt", kText, {izpo_redoc_licenses, izpo_redoc_licenses_end}},
  };
  const auto found = std::ranges::find(assets, name, &DocsAsset::name);
  return found == assets.end() ? std::nullopt : std::optional(*found);
}

}  // namespace izpo::api
