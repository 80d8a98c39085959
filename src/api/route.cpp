#include "api/route.hpp"

#include <boost/json/parse.hpp>

namespace izpo::api {

std::string Call::base_url() const {
  if (!options.public_url.empty()) return options.public_url;
  const std::string_view host = request.headers.find("Host").value_or("localhost");
  return (request.tls ? "https://" : "http://") + std::string(host);
}

Task<Result<std::string>> read_body(BodySource& source, std::size_t limit) {
  const auto declared = source.declared_size();
  if (declared && *declared > limit) co_return fail(reason::kBodyTooLarge);
  // With the size known, one byte more than it shows the end without growing the buffer again.
  constexpr std::size_t kChunk = 4096;
  std::string body;
  std::size_t filled = 0;
  for (;;) {
    if (filled == body.size()) body.resize(declared && filled == 0 ? *declared + 1 : filled + kChunk);
    IZPO_CO_TRY(const std::size_t read, co_await source.read({body.data() + filled, body.size() - filled}));
    if (read == 0) break;
    filled += read;
    if (filled > limit) co_return fail(reason::kBodyTooLarge);
  }
  body.resize(filled);
  co_return body;
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers.add("Content-Type", "application/json");
  return response;
}

namespace detail {

void append_parameter(boost::json::array& parameters, std::string_view where, const schema::Rule& rule,
                      bool required, boost::json::object document, std::string_view encoded_default) {
  // The sentence and the example belong to the parameter, the default to its schema.
  schema::describe(document, {.field = rule.field}, encoded_default);
  boost::json::object parameter{{"name", rule.field}, {"in", where}, {"required", required}};
  if (!rule.description.empty()) parameter.emplace("description", rule.description);
  parameter.emplace("schema", std::move(document));
  if (!rule.example.empty()) parameter.emplace("example", boost::json::parse(rule.example));
  parameters.push_back(std::move(parameter));
}

}  // namespace detail

}  // namespace izpo::api
