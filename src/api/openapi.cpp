#include "api/openapi.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "api/problem.hpp"
#include "api/router.hpp"
#include "api/texts.hpp"

namespace izpo::api {

namespace {

namespace json = boost::json;

constexpr std::string_view kAbout =
    "Rooms, members, messages and who is online, for teams.\n\n"
    "* A slash at the end of a path changes nothing, and is never answered with a redirect.\n"
    "* Times are ISO 8601 in UTC with microseconds.\n"
    "* Sentences come in Spanish, or in English when `Accept-Language` prefers it; the `code` of an error is "
    "the "
    "same in every language.\n"
    "* Unknown fields of a request are ignored, and `null` for a field with a default means the default.\n"
    "* A whole number beyond 64 bits is cut to the nearest that has 64: as an id it names nothing.\n"
    "* A private room is 404 to those who are not in it.\n"
    "* HEAD is answered wherever GET is, and OPTIONS everywhere.";

struct Tag {
  std::string_view name;
  std::string_view description;
};

constexpr Tag kTags[] = {
    {"logins", "Tokens: how to get them, renew them and give them back"},
    {"accounts", "People and their accounts"},
    {"rooms", "Rooms and their owners"},
    {"members", "Who is in a room"},
    {"messages", "Reading and writing"},
    {"files", "Uploads, downloads and the space they take"},
    {"socket", "Live events"},
    {"server", "The server itself"},
};

constexpr std::string_view kProblemSchema = R"({
  "title": "Problem", "type": "object", "required": ["detail", "code", "request_id"],
  "properties": {
    "detail": {"type": "string", "description": "A sentence for a person."},
    "message": {"type": "string",
      "description": "Where `detail` is fixed for old clients: the sentence in the caller's language."},
    "code": {"type": "string", "description": "Stable: this is what a program compares."},
    "request_id": {"type": "string", "description": "Stands in the server's log too."}}})";

constexpr std::string_view kValidationProblemSchema = R"({
  "title": "ValidationProblem", "type": "object", "required": ["detail", "code", "request_id"],
  "properties": {
    "detail": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/FieldProblem"}},
    "code": {"type": "string", "description": "Stable: this is what a program compares."},
    "request_id": {"type": "string", "description": "Stands in the server's log too."}}})";

constexpr std::string_view kFieldProblemSchema = R"({
  "title": "FieldProblem", "type": "object", "required": ["loc", "msg", "type"],
  "properties": {
    "loc": {"type": "array", "items": {"type": ["string", "integer"]}, "examples": [["body", "email"]]},
    "msg": {"type": "string", "description": "A sentence for a person."},
    "type": {"type": "string", "description": "As pydantic v2 names it.", "examples": ["missing"]}}})";

constexpr std::string_view kOtherProblem = R"({
  "description": "Any other problem, such as `internal_error`, `overloaded` or `shutting_down`",
  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})";

constexpr std::string_view kSecuritySchemes = R"({
  "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
  "token_in_query": {"type": "apiKey", "in": "query", "name": "token",
    "description": "For clients that cannot send a header. Prefer the header: addresses end up in logs."}})";

json::object content(std::string_view media_type, json::object media) {
  return {{media_type, std::move(media)}};
}

std::string_view status_phrase(int status) {
  switch (status) {
    case 101: return "Switching protocols";
    case 201: return "Created";
    case 206: return "The range that was asked for";
    case 304: return "The copy is still good";
    case 307: return "It is at the address in `Location`";
    default: return "Success";
  }
}

// The errors that an operation has without saying so.
std::vector<Reason> errors_of(const Route& route) {
  std::vector<Reason> errors;
  if (route.spec.auth == Auth::kRequired) errors.push_back(reason::kNotAuthenticated);
  if (route.spec.auth != Auth::kNone) {
    errors.insert(errors.end(), {reason::kInvalidToken, reason::kTokenExpired, reason::kLoginEnded});
  }
  errors.insert(errors.end(), route.spec.errors.begin(), route.spec.errors.end());
  if (route.takes_body) errors.push_back(reason::kBodyTooLarge);
  if (route.takes_input) errors.push_back(reason::kValidation);
  return errors;
}

std::vector<ErrorDetail> example_details(const Reason& reason) {
  if (reason == reason::kFileTooLarge)
    return {{"max_file_size", 52'428'800}, {"max_file_size_mb", 50}, {"max_files", 10}};
  if (reason == reason::kQuotaExceeded) return {{"quota", 10'737'418'240}, {"used", 10'737'000'000}};
  if (reason == reason::kTooManyFiles) return {{"max_files", 10}};
  if (reason == reason::kTypeNotAllowed) return {{"filename", "juego.exe"}};
  if (reason == reason::kEmptyFile) return {{"filename", "notas.txt"}};
  if (reason == reason::kTypeMismatch) {
    return {{"filename", "plano.pdf"}, {"named_type", "application/pdf"}, {"found_type", "text/plain"}};
  }
  return {};
}

json::object error_example(const Reason& reason) {
  Error error(reason);
  if (reason == reason::kValidation) error.fields.push_back({{"body", "email"}, "missing", ""});
  error.details = example_details(reason);
  const Response response = problem(error, Language::kEnglish, "5f0c2a7e91d34b68");
  return {{"value", json::parse(response.body)}};
}

// One response for each status, its reasons as examples.
void add_errors(json::object& responses, const Route& route) {
  std::map<int, std::vector<Reason>> by_status;
  for (const Reason& reason : errors_of(route)) by_status[status_of(reason)].push_back(reason);
  for (const auto& [status, reasons] : by_status) {
    std::string codes;
    json::object examples;
    for (const Reason& reason : reasons) {
      if (!codes.empty()) codes += ", ";
      (codes += '`') += reason.name;
      codes += '`';
      examples.emplace(reason.name, error_example(reason));
    }
    json::object media = {
        {"schema", schema::reference_document(status == 422 ? "ValidationProblem" : "Problem")},
        {"examples", std::move(examples)}};
    responses.emplace(
        std::to_string(status),
        json::object{{"description", codes}, {"content", content("application/json", std::move(media))}});
  }
}

json::object responses_of(const Route& route, json::object answer) {
  json::object responses;
  for (const int status : {route.spec.other_status, route.spec.status}) {
    if (status == 0) continue;
    json::object response{{"description", status_phrase(status)}};
    if (!answer.empty()) {
      response.emplace("content", content("application/json", {{"schema", answer}}));
    } else if (status == 200 && !route.spec.media_type.empty()) {
      response.emplace("content", content(route.spec.media_type, {}));
    }
    responses.emplace(std::to_string(status), std::move(response));
  }
  for (const int status : route.spec.more_statuses) {
    responses.emplace(std::to_string(status), json::object{{"description", status_phrase(status)}});
  }
  add_errors(responses, route);
  responses.emplace("default", json::object{{"$ref", "#/components/responses/OtherProblem"}});
  return responses;
}

json::array security_of(const Spec& spec) {
  json::array security;
  if (spec.auth == Auth::kNone) return security;
  security.push_back(json::object{{"bearer", json::array{}}});
  if (spec.token_in_query) security.push_back(json::object{{"token_in_query", json::array{}}});
  if (spec.auth == Auth::kOptional) security.push_back(json::object{});
  return security;
}

// Several files when the field is called so.
json::object form_of(const Spec& spec) {
  json::object file{{"type", "string"}, {"contentMediaType", "application/octet-stream"}};
  if (spec.form_file == "files") file = {{"type", "array"}, {"items", std::move(file)}};
  json::object schema{{"type", "object"},
                      {"required", json::array{spec.form_file}},
                      {"properties", json::object{{spec.form_file, std::move(file)}}}};
  return {{"required", true}, {"content", content("multipart/form-data", {{"schema", std::move(schema)}})}};
}

json::object operation_of(const Route& route, json::object& components) {
  Shape shape = route.shape(components);
  const Spec& spec = route.spec;
  json::object operation{{"tags", json::array{spec.tag}}, {"summary", spec.summary}};
  if (!spec.description.empty()) operation.emplace("description", spec.description);
  operation.emplace("operationId", spec.name);
  operation.emplace("security", security_of(spec));
  if (!shape.parameters.empty()) operation.emplace("parameters", std::move(shape.parameters));
  if (!shape.body.empty()) {
    operation.emplace(
        "requestBody",
        json::object{{"required", true},
                     {"content", content("application/json", {{"schema", std::move(shape.body)}})}});
  }
  if (!spec.form_file.empty()) operation.emplace("requestBody", form_of(spec));
  operation.emplace("responses", responses_of(route, std::move(shape.answer)));
  return operation;
}

// "{file...}" is "{file}" to OpenAPI.
std::string path_of(std::string_view pattern) {
  std::string path(pattern);
  if (const auto dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
  return path;
}

std::string lower_case(std::string_view name) {
  std::string lowered(name);
  for (char& letter : lowered) letter = static_cast<char>(letter - 'A' + 'a');
  return lowered;
}

bool is_flat(const json::array& array) {
  return std::ranges::all_of(array, [](const json::value& element) { return !element.is_structured(); });
}

void write_indented(const json::value& value, std::size_t depth, std::string& out);

template <class Elements, class Write>
void write_elements(char open, char close, const Elements& elements, std::size_t depth, std::string& out,
                    Write write) {
  out += open;
  for (bool first = true; const auto& element : elements) {
    out += std::exchange(first, false) ? "\n" : ",\n";
    out.append(2 * (depth + 1), ' ');
    write(element);
  }
  if (!elements.empty()) (out += '\n').append(2 * depth, ' ');
  out += close;
}

void write_indented(const json::value& value, std::size_t depth, std::string& out) {
  if (const json::object* object = value.if_object()) {
    write_elements('{', '}', *object, depth, out, [&](const json::key_value_pair& field) {
      schema::encode(std::string_view(field.key()), out);
      out += ": ";
      write_indented(field.value(), depth + 1, out);
    });
  } else if (const json::array* array = value.if_array(); array != nullptr && !is_flat(*array)) {
    write_elements('[', ']', *array, depth, out,
                   [&](const json::value& element) { write_indented(element, depth + 1, out); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string openapi_document(const Routes& routes) {
  json::object schemas;
  json::object paths;
  for (const Route& route : routes.all()) {
    if (!route.spec.documented) continue;
    auto& path = paths[path_of(route.pattern)];
    if (!path.is_object()) path.emplace_object();
    path.as_object().emplace(lower_case(method_name(route.method)), operation_of(route, schemas));
  }
  schemas.emplace("Problem", json::parse(kProblemSchema));
  schemas.emplace("ValidationProblem", json::parse(kValidationProblemSchema));
  schemas.emplace("FieldProblem", json::parse(kFieldProblemSchema));

  json::array tags;
  for (const Tag& tag : kTags)
    tags.push_back(json::object{{"name", tag.name}, {"description", tag.description}});
  const json::value document = json::object{
      {"openapi", "3.1.0"},
      {"info", json::object{{"title", "IzpoChat"},
                            {"version", IZPO_VERSION},
                            {"description", kAbout},
                            {"license", json::object{{"name", "MIT"}, {"identifier", "MIT"}}}}},
      {"servers", json::array{json::object{{"url", "/"}}}},
      {"tags", std::move(tags)},
      {"paths", std::move(paths)},
      {"components", json::object{{"schemas", std::move(schemas)},
                                  {"responses", json::object{{"OtherProblem", json::parse(kOtherProblem)}}},
                                  {"securitySchemes", json::parse(kSecuritySchemes)}}}};
  std::string text;
  write_indented(document, 0, text);
  text += '\n';
  return text;
}

}  // namespace izpo::api
