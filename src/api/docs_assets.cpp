#include "api/docs_assets.hpp"

#include <algorithm>
#include <array>

#include "api/embed.hpp"

IZPO_EMBED(izpo_swagger_ui_css, IZPO_DOCS_UI "/swagger-ui.css.gz");
IZPO_EMBED(izpo_swagger_ui_js, IZPO_DOCS_UI "/swagger-ui-bundle.js.gz");
IZPO_EMBED(izpo_swagger_ui_licenses, IZPO_DOCS_UI "/swagger-ui-bundle.js.LICENSE.txt.gz");
IZPO_EMBED(izpo_redoc_js, IZPO_DOCS_UI "/redoc.standalone.js.gz");
IZPO_EMBED(izpo_redoc_licenses, IZPO_DOCS_UI "/redoc.standalone.js.LICENSE.txt.gz");

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
