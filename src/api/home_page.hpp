#pragma once

#include <string_view>

#include "api/http_types.hpp"
#include "api/language.hpp"
#include "api/services.hpp"

namespace izpo::api {

// What a browser sees at `/`: what this server is, that it runs, and the way to the docs.
Response home_page(const Options& options, Language language);

// The page's style sheet, at /docs/assets/home.css.
std::string_view home_style();

}  // namespace izpo::api
