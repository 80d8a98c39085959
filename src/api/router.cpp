#include "api/router.hpp"

#include <algorithm>
#include <stdexcept>

#include "api/target.hpp"

namespace izpo::api {

namespace {

bool is_any(std::string_view segment) {
  return segment.starts_with('{');
}

bool is_rest(std::string_view segment) {
  return segment.ends_with("...}");
}

// The segments of a path or pattern; the empty one that a slash at the end makes is left out.
template <class Visitor>
void for_each_segment(std::string_view path, Visitor visit) {
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty()) {
    const auto end = path.find('/');
    visit(path.substr(0, end));
    if (end == std::string_view::npos) return;
    path.remove_prefix(end + 1);
  }
}

std::string_view parameter_name(std::string_view segment) {
  segment.remove_prefix(1);
  return segment.substr(0, segment.find_first_of(".}"));
}

}  // namespace

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
    case Method::kDelete: return "DELETE";
    case Method::kOptions: return "OPTIONS";
    case Method::kOther: return "OTHER";
  }
  std::unreachable();
}

Router::Router(const Routes& routes) : nodes_(1) {
  for (const Route& route : routes.all()) {
    std::size_t node = 0;
    for_each_segment(route.pattern, [&](std::string_view segment) { node = child_for(node, segment); });
    const Route*& place = nodes_[node].routes.at(static_cast<std::size_t>(route.method));
    if (place != nullptr) throw std::logic_error("two operations at " + std::string(route.pattern));
    place = &route;
    nodes_[node].has_routes = true;
  }
}

std::size_t Router::new_node() {
  nodes_.emplace_back();
  return nodes_.size() - 1;
}

std::size_t Router::child_for(std::size_t node, std::string_view segment) {
  const auto made = [&](std::size_t Node::* child) {
    if (nodes_[node].*child == 0) {
      const std::size_t fresh = new_node();
      nodes_[node].*child = fresh;
    }
    return nodes_[node].*child;
  };
  if (is_rest(segment)) return made(&Node::rest);
  if (is_any(segment)) return made(&Node::any);
  const auto found =
      std::ranges::find(nodes_[node].literals, segment, &std::pair<std::string_view, std::size_t>::first);
  if (found != nodes_[node].literals.end()) return found->second;
  const std::size_t fresh = new_node();
  nodes_[node].literals.emplace_back(segment, fresh);
  return fresh;
}

// The node where segments[at...] end, the better branches tried first.
const Router::Node* Router::descend(std::size_t index, std::vector<std::string>& segments,
                                    std::size_t at) const {
  const Node& node = nodes_[index];
  if (at == segments.size()) return node.has_routes ? &node : nullptr;
  for (const auto& [literal, child] : node.literals) {
    if (literal != segments[at]) continue;
    if (const Node* end = descend(child, segments, at + 1)) return end;
  }
  if (node.any != 0 && !segments[at].empty()) {
    if (const Node* end = descend(node.any, segments, at + 1)) return end;
  }
  if (node.rest == 0) return nullptr;
  for (std::size_t next = at + 1; next < segments.size(); ++next) (segments[at] += '/') += segments[next];
  segments.resize(at + 1);
  return &nodes_[node.rest];
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  std::vector<std::string> segments;
  segments.reserve(8);
  for_each_segment(path, [&](std::string_view segment) { segments.push_back(percent_decoded(segment)); });
  const Node* node = descend(0, segments, 0);
  if (node == nullptr) return match;

  const auto route_of = [node](Method wanted) { return node->routes[static_cast<std::size_t>(wanted)]; };
  if (method != Method::kOther) match.route = route_of(method);
  if (method == Method::kHead && match.route == nullptr) match.route = route_of(Method::kGet);
  if (match.route == nullptr) {
    for (const Method each : {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
      if (route_of(each) == nullptr) continue;
      (match.allow += method_name(each)) += ", ";
      if (each == Method::kGet) match.allow += "HEAD, ";
    }
    match.allow += "OPTIONS";
    return match;
  }
  std::size_t at = 0;
  for_each_segment(match.route->pattern, [&](std::string_view segment) {
    if (is_any(segment)) match.path.emplace_back(parameter_name(segment), std::move(segments[at]));
    ++at;
  });
  return match;
}

}  // namespace izpo::api
