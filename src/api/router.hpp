#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http_types.hpp"
#include "api/route.hpp"

namespace izpo::api {

// Finds the operation of a method and a path: a tree with one step a segment. Immutable once made, so safe
// from any loop. It refers to the routes and must not outlive them.
//
// A slash at the end changes nothing. A literal segment goes before a "{name}", and that before a
// "{name...}".
class Router {
 public:
  explicit Router(const Routes& routes);

  struct Match {
    const Route* route = nullptr;  // nullptr: no operation of that method
    std::vector<std::pair<std::string_view, std::string>> path;
    std::string allow;  // the methods that the path has; empty: there is no such path
  };

  // HEAD finds the operation of GET. `path` is percent-encoded, without the query.
  Match find(Method method, std::string_view path) const;

 private:
  static constexpr std::size_t kMethods = static_cast<std::size_t>(Method::kOther);

  struct Node {
    std::vector<std::pair<std::string_view, std::size_t>> literals;
    std::size_t any = 0;   // the "{name}" below; 0: none, the root is nobody's child
    std::size_t rest = 0;  // the "{name...}" below
    std::array<const Route*, kMethods> routes{};
    bool has_routes = false;
  };

  std::size_t child_for(std::size_t node, std::string_view segment);
  std::size_t new_node();
  const Node* descend(std::size_t node, std::vector<std::string>& segments, std::size_t at) const;

  std::vector<Node> nodes_;
};

// The method's name, and the methods as Router's Allow header has them.
std::string_view method_name(Method method);

}  // namespace izpo::api
