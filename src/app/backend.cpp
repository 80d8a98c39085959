#include "app/backend.hpp"

#include <utility>

#include "app/thumbnailing.hpp"

namespace izpo::app {
namespace {

services::SessionRules session_rules(const Settings& settings) {
  services::SessionRules rules;
  rules.access_token_lifetime = settings.access_token_lifetime;
  rules.refresh_token_lifetime = settings.refresh_token_lifetime;
  return rules;
}

realtime::PresenceRules presence_rules(const Settings& settings) {
  realtime::PresenceRules rules;
  rules.grace = settings.presence_grace;
  return rules;
}

}  // namespace

Backend::Backend(const Settings& settings, const std::string& secret_key, std::unique_ptr<Stores> opened,
                 const std::vector<Executor>& loops)
    : tokens(secret_key, settings.algorithm),
      store(std::move(opened)),
      links(secret_key, settings.file_link_lifetime(), clock, thumbnail_program(settings).has_value(),
            settings.old_bucket_url()),
      hub(loops, clock, links, presence_rules(settings),
          {.of_user = settings.max_sockets_per_user, .in_room = settings.max_sockets_per_room}),
      write_queue(store->messages(), hub, clock, loops.front(), {}),
      catch_up(
          store->messages(), hub, write_queue, loops.front(),
          {.ask_every = store->room_news() != nullptr ? settings.node_poll : std::chrono::milliseconds(0)}),
      access({.users = store->users(),
              .rooms = store->rooms(),
              .members = store->members(),
              .files = store->files(),
              .live = hub,
              .clock = clock}),
      sessions({.users = store->users(),
                .sessions = store->sessions(),
                .passwords = passwords,
                .tokens = tokens,
                .random = random,
                .clock = clock,
                .live = hub},
               session_rules(settings)),
      accounts(store->users(), passwords, clock, sessions),
      rooms({.users = store->users(),
             .rooms = store->rooms(),
             .members = store->members(),
             .live = hub,
             .clock = clock,
             .access = access}),
      posting_budget({.per_second = settings.messages_per_second, .burst = settings.message_burst}, clock),
      messages(store->messages(), write_queue, access, posting_budget) {
  if (auto* const news = store->room_news(); news != nullptr) {
    neighbours.emplace(services::Neighbours::Ports{.news = *news,
                                                   .rooms = store->rooms(),
                                                   .members = store->members(),
                                                   .users = store->users(),
                                                   .live = hub,
                                                   .access = access,
                                                   .clock = clock});
  }
}

}  // namespace izpo::app
