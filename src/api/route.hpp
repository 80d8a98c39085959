#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/http_types.hpp"
#include "api/language.hpp"
#include "api/links.hpp"
#include "api/schema_decode.hpp"
#include "api/schema_document.hpp"
#include "api/schema_encode.hpp"
#include "api/services.hpp"
#include "api/target.hpp"
#include "base/worker_pool.hpp"
#include "domain/reasons.hpp"
#include "domain/session.hpp"

// One declaration an operation: the router, the check of the login, the decoding of what comes in and the
// OpenAPI document are all made from it.
//
//   routes.add(Method::kPut, "/api/rooms/{id}",
//              {.name = "update_room", .tag = "rooms", .summary = "Change a room", .errors =
//              {reason::kNotOwner}},
//              [](Call& call, Path<RoomPath> path, Body<RoomChangeJson> body) -> Task<Result<RoomJson>> {…});
namespace izpo::api {

class Routes;

enum class Auth : std::uint8_t {
  kNone,
  kOptional,  // nobody may call, but a bad token is still refused
  kRequired,
};

// One request on its way through its operation. Lives until the answer is made.
struct Call {
  Request& request;
  const Services& services;
  const Options& options;
  const Routes& routes;
  WorkerPool& disk;  // for what blocks on files
  Language language;
  Query query;
  std::vector<std::pair<std::string_view, std::string>> path;  // the pattern's names and what stood there
  std::optional<Principal> caller = {};                        // set when the operation's Auth is kRequired
  int status = 200;  // the operation's; it may set another one that it declares

  std::optional<UserId> viewer() const { return caller ? std::optional(caller->user.id) : std::nullopt; }

  // Where absolute links start: "https://chat.example.org", without a slash at the end.
  std::string base_url() const;
  Links links() const { return {.files = services.links, .base_url = base_url()}; }
};

// What an operation takes, by where it comes from. Each is decoded and validated before the operation runs;
// what is wrong in any of them is told in one answer.
template <class T>
struct Path {
  T value;
  const T* operator->() const { return &value; }
};
template <class T>
struct Parameters {
  T value;
  const T* operator->() const { return &value; }
};
template <class T>
struct Body {
  T value;
  T* operator->() { return &value; }
};

// For an operation whose answer is empty or not JSON, the media type in the document.
struct Spec {
  std::string_view name;  // OpenAPI's operationId
  std::string_view tag;
  std::string_view summary;
  std::string_view description = {};
  Auth auth = Auth::kRequired;
  bool token_in_query = false;  // ?token= counts like the header
  int status = 200;
  int other_status = 0;                 // a second good outcome with the same answer
  std::vector<int> more_statuses = {};  // further good outcomes, without an answer of JSON
  std::string_view media_type = "application/json";
  std::vector<Reason> errors = {};  // beyond those that its Auth and what it takes bring along
  std::string_view form_file = {};  // takes a form with a file of that name, and reads it by itself
  bool documented = true;
};

// The part of the OpenAPI document that comes from an operation's C++ types.
struct Shape {
  boost::json::array parameters;
  boost::json::object body;    // empty: takes none
  boost::json::object answer;  // empty: not JSON
};

struct Route {
  Method method;
  std::string_view pattern;  // "/api/rooms/{id}"; a last segment "{name...}" takes the rest, slashes and all
  Spec spec;
  bool takes_input = false;  // can fail with kValidation
  bool takes_body = false;
  std::function<Task<Result<Response>>(Call&)> run;
  Shape (*shape)(boost::json::object& components);
};

// JSON bodies larger than this are refused with 413.
inline constexpr std::size_t kMaxJsonBody = std::size_t{1} << 20;

Task<Result<std::string>> read_body(BodySource& source, std::size_t limit);
Response json_response(int status, std::string body);

namespace detail {

template <class T>
inline constexpr bool kMayBePage = false;
template <class T>
inline constexpr bool kMayBePage<std::variant<T, Response>> = true;

template <class T>
inline constexpr bool kIsPath = false;
template <class T>
inline constexpr bool kIsPath<Path<T>> = true;
template <class T>
inline constexpr bool kIsBody = false;
template <class T>
inline constexpr bool kIsBody<Body<T>> = true;

template <class Input>
Input decode_input(const Call& call, std::string_view body, std::vector<FieldError>& errors) {
  using T = decltype(Input::value);
  if constexpr (kIsBody<Input>) {
    return {schema::decode_body<T>(body, errors)};
  } else if constexpr (kIsPath<Input>) {
    const auto find = [&call](std::string_view name) -> std::optional<std::string_view> {
      for (const auto& [candidate, value] : call.path) {
        if (candidate == name) return value;
      }
      return std::nullopt;
    };
    return {schema::decode_parameters<T>("path", find, errors)};
  } else {
    const auto find = [&call](std::string_view name) { return call.query.find(name); };
    return {schema::decode_parameters<T>("query", find, errors)};
  }
}

template <class Answer>
Response encoded_response(int status, const Answer& answer) {
  std::string encoded;
  schema::encode(answer, encoded);
  return json_response(status, std::move(encoded));
}

template <class Answer, class... Inputs>
Task<Result<Response>> run(Call& call, Task<Result<Answer>> (*handler)(Call&, Inputs...)) {
  std::string body;
  if constexpr ((kIsBody<Inputs> || ...)) {
    IZPO_CO_TRY(body, co_await read_body(*call.request.body, kMaxJsonBody));
  }
  std::vector<FieldError> errors;
  // Braces, so that they are decoded in the order in which they are declared.
  std::tuple<Inputs...> inputs{decode_input<Inputs>(call, body, errors)...};
  if (!errors.empty()) {
    Error error(reason::kValidation);
    error.fields = std::move(errors);
    co_return fail(std::move(error));
  }
  auto task = std::apply([&](Inputs&... each) { return handler(call, std::move(each)...); }, inputs);
  IZPO_CO_TRY(Answer answer, co_await std::move(task));
  if constexpr (std::same_as<Answer, Response>) {
    co_return answer;
  } else if constexpr (kMayBePage<Answer>) {
    if (auto* page = std::get_if<Response>(&answer)) co_return std::move(*page);
    co_return encoded_response(call.status, std::get<0>(answer));
  } else {
    co_return encoded_response(call.status, answer);
  }
}

void append_parameter(boost::json::array& parameters, std::string_view where, const schema::Rule& rule,
                      bool required, boost::json::object document, std::string_view encoded_default);

template <class Input>
void describe_input(Shape& shape, boost::json::object& components) {
  using T = decltype(Input::value);
  if constexpr (kIsBody<Input>) {
    shape.body = schema::document_of<T>({}, components);
  } else {
    const T born{};
    schema::for_each_member<T>([&](auto member) {
      constexpr schema::Rule kRule = schema::rule_of<T>(decltype(member)::name);
      using Field = std::remove_cvref_t<decltype(born.*member.pointer)>;
      std::string encoded_default;
      if constexpr (kRule.defaulted) schema::encode(born.*member.pointer, encoded_default);
      // A parameter is there or not, never null: the schema is that of what an optional holds.
      auto document = [&] {
        if constexpr (schema::kIsOptional<Field>) {
          return schema::document_of<typename Field::value_type>(kRule, components);
        } else {
          return schema::document_of<Field>(kRule, components);
        }
      }();
      append_parameter(shape.parameters, kIsPath<Input> ? "path" : "query", kRule,
                       !schema::kIsOptional<Field> && !kRule.defaulted, std::move(document), encoded_default);
    });
  }
}

template <class Answer, class... Inputs>
Shape shape_of(boost::json::object& components) {
  Shape shape;
  (describe_input<Inputs>(shape, components), ...);
  if constexpr (kMayBePage<Answer>) {
    shape.answer = schema::document_of<std::variant_alternative_t<0, Answer>>({}, components);
  } else if constexpr (!std::same_as<Answer, Response>) {
    shape.answer = schema::document_of<Answer>({}, components);
  }
  return shape;
}

}  // namespace detail

// Every operation, in the order of declaration.
class Routes {
 public:
  // `handler` is a function or a lambda without captures: (Call&, Path<P>, Parameters<Q>, Body<B>), each of
  // the last three or not, to Task<Result<Answer>>; Answer is a described struct, a vector of such, a
  // std::variant of one and Response (a page for browsers), or Response for anything else.
  template <class Handler>
  void add(Method method, std::string_view pattern, Spec spec, Handler handler) {
    add_function(method, pattern, std::move(spec), +handler);
  }

  std::span<const Route> all() const { return routes_; }

 private:
  template <class Answer, class... Inputs>
  void add_function(Method method, std::string_view pattern, Spec&& spec,
                    Task<Result<Answer>> (*handler)(Call&, Inputs...)) {
    routes_.push_back({.method = method,
                       .pattern = pattern,
                       .spec = std::move(spec),
                       .takes_input = sizeof...(Inputs) > 0,
                       .takes_body = (detail::kIsBody<Inputs> || ...),
                       .run = [handler](Call& call) { return detail::run<Answer, Inputs...>(call, handler); },
                       .shape = &detail::shape_of<Answer, Inputs...>});
  }

  std::vector<Route> routes_;
};

}  // namespace izpo::api
