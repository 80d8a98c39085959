#include "api/asyncapi.hpp"

#include "api/embed.hpp"

IZPO_EMBED(izpo_asyncapi_json, IZPO_ASYNCAPI_JSON);

namespace izpo::api {

std::string_view asyncapi_document() {
  return {izpo_asyncapi_json, izpo_asyncapi_json_end};
}

}  // namespace izpo::api
