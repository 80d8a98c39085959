#pragma once

#include <string>
#include <string_view>

namespace izpo::api {

// Text as HTML shows it, also between double quotes.
std::string escaped_html(std::string_view text);

}  // namespace izpo::api
