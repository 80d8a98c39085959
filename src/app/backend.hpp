#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/system/clock.hpp"
#include "adapters/system/password_hasher.hpp"
#include "adapters/system/random.hpp"
#include "adapters/system/token_signer.hpp"
#include "app/settings.hpp"
#include "ports/stores.hpp"
#include "realtime/catch_up.hpp"
#include "realtime/hub.hpp"
#include "realtime/write_queue.hpp"
#include "services/access.hpp"
#include "services/accounts.hpp"
#include "services/messages.hpp"
#include "services/neighbours.hpp"
#include "services/rooms.hpp"
#include "services/sessions.hpp"
#include "services/signed_links.hpp"

namespace izpo::app {

// Everything behind the API, put together: with settings/serve the only place that names adapters. The
// members stand in the order in which they need each other.
struct Backend {
  // `loops` are where sockets live; the first one is the write queue's home too. Takes an open, migrated
  // store.
  Backend(const Settings& settings, const std::string& secret_key, std::unique_ptr<Stores> opened,
          const std::vector<Executor>& loops);

  system::SystemClock clock;
  system::SystemRandom random;
  system::Argon2PasswordHasher passwords;
  system::JwtSigner tokens;
  std::unique_ptr<Stores> store;

  services::SignedLinks links;

  realtime::Hub hub;
  realtime::WriteQueue write_queue;
  realtime::CatchUp catch_up;

  services::Access access;
  services::Sessions sessions;
  services::Accounts accounts;
  services::Rooms rooms;
  std::optional<services::Neighbours> neighbours;  // where other processes may serve the database
  services::PostingBudget posting_budget;
  services::Messages messages;
};

}  // namespace izpo::app
