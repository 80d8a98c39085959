#pragma once

#include <string>
#include <string_view>

namespace izpo::api {

// The events of both sockets as an AsyncAPI 3 document: docs/asyncapi.json, as it is in the binary.
std::string_view asyncapi_document();

// The same for people: a page without any script, made from the document. Its style sheet is
// /docs/assets/events.css.
std::string events_page(std::string_view document);
std::string_view events_style();

}  // namespace izpo::api
