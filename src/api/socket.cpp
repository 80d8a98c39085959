#include <charconv>
#include <utility>

#include "api/accept.hpp"
#include "api/bearer.hpp"
#include "api/chat_socket.hpp"
#include "api/routes.hpp"

namespace izpo::api {

namespace {

// A browser can set no header on a WebSocket but this list, so the access token may come as an offer in it,
// beside the one that is accepted (RFC 6455 §4.1).
constexpr std::string_view kSubprotocol = "izpochat";
constexpr std::string_view kBearerOffer = "bearer.";

struct SocketPath {
  std::string room_id;  // text: what is wrong with it is told on the open socket

  static constexpr std::array kRules{
      schema::Rule{.field = "room_id", .description = "A room's id", .example = R"("7")"}};
};
BOOST_DESCRIBE_STRUCT(SocketPath, (), (room_id))

struct AllRoomsQuery {
  std::optional<std::string> token;

  static constexpr std::array kRules{schema::Rule{
      .field = "token",
      .description =
          "The access token. Safer: `Authorization`, or the subprotocols `izpochat, bearer.<token>`"}};
};
BOOST_DESCRIBE_STRUCT(AllRoomsQuery, (), (token))

struct SocketQuery {
  std::optional<std::string> token;
  std::optional<std::string> after_seq;
  std::optional<std::string> epoch;

  static constexpr std::array kRules{
      schema::Rule{
          .field = "token",
          .description =
              "The access token. Safer: `Authorization`, or the subprotocols `izpochat, bearer.<token>`"},
      schema::Rule{.field = "after_seq",
                   .description = "The highest `seq` the client has: replay what came after it"},
      schema::Rule{.field = "epoch", .description = "The `epoch` that `after_seq` was counted under"}};
};
BOOST_DESCRIBE_STRUCT(SocketQuery, (), (token, after_seq, epoch))

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Offers {
  bool chat = false;
  std::optional<std::string> token;
};

Offers offers_of(const Headers& headers) {
  Offers offers;
  for_each_weighted(headers.find("Sec-WebSocket-Protocol").value_or(""), [&](std::string_view offer, int) {
    if (offer == kSubprotocol) offers.chat = true;
    if (offer.starts_with(kBearerOffer)) offers.token = std::string(offer.substr(kBearerOffer.size()));
  });
  return offers;
}

// The three ways to say who one is, the safest one first.
std::optional<std::string> token_of(const Call& call, const Offers& offers,
                                    std::optional<std::string> in_query) {
  if (const auto authorization = call.request.headers.find("Authorization")) {
    return std::string(bearer_token(*authorization));
  }
  if (offers.token) return offers.token;
  return in_query;
}

Response upgrade(const Offers& offers, std::unique_ptr<realtime::SocketHandler> handler) {
  Response response;
  response.status = 101;
  if (offers.chat) response.headers.add("Sec-WebSocket-Protocol", std::string(kSubprotocol));
  response.socket = std::move(handler);
  return response;
}

Task<Result<Response>> all_rooms(Call& call, Parameters<AllRoomsQuery> query) {
  if (!call.request.upgrade_websocket) co_return fail(reason::kUpgradeRequired);
  const auto offers = offers_of(call.request.headers);
  AllRoomsRequest request{.token = token_of(call, offers, std::move(query.value.token)),
                          .connection_id = std::string(call.request.request_id),
                          .language = call.language,
                          .base_url = call.base_url()};
  co_return upgrade(offers, call.services.chat_sockets.accept(std::move(request)));
}

Task<Result<Response>> socket(Call& call, Path<SocketPath> path, Parameters<SocketQuery> query) {
  if (!call.request.upgrade_websocket) co_return fail(reason::kUpgradeRequired);
  const auto offers = offers_of(call.request.headers);
  ChatSocketRequest request{.token = token_of(call, offers, std::move(query.value.token)),
                            .room = std::nullopt,
                            .after_seq = std::nullopt,
                            .epoch = std::move(query.value.epoch),
                            .language = call.language,
                            .base_url = call.base_url()};
  if (const auto id = number(path->room_id)) request.room = RoomId(*id);
  // A number that cannot be read is one that no room has reached: the client is told to load again.
  if (query->after_seq) request.after_seq = Seq(number(*query->after_seq).value_or(INT64_MAX));
  co_return upgrade(offers, call.services.chat_sockets.accept(std::move(request)));
}

}  // namespace

void add_socket(Routes& routes) {
  routes.add(
      Method::kGet, "/api/ws",
      {.name = "all_rooms",
       .tag = "socket",
       .summary = "Open the WebSocket of all your rooms",
       .description = "The upgrade is always accepted; whoever is not logged in gets an `error` event and a "
                      "close with 1008. The events are described in docs/protocol.md.",
       .auth = Auth::kNone,
       .status = 101,
       .media_type = {},
       .errors = {reason::kUpgradeRequired}},
      all_rooms);
  routes.add(
      Method::kGet, "/api/ws/{room_id}",
      {.name = "socket",
       .tag = "socket",
       .summary = "Open a room's WebSocket",
       .description =
           "The upgrade is always accepted; whoever may not enter gets an `error` event and a close with "
           "1008. The events are described in docs/protocol.md.",
       .auth = Auth::kNone,
       .status = 101,
       .media_type = {},
       .errors = {reason::kUpgradeRequired}},
      socket);
}

}  // namespace izpo::api
