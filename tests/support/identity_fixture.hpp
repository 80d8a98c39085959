#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "adapters/sqlite/store.hpp"
#include "adapters/system/password_hasher.hpp"
#include "adapters/system/random.hpp"
#include "adapters/system/token_signer.hpp"
#include "services/accounts.hpp"
#include "services/sessions.hpp"
#include "support/fixed_clock.hpp"
#include "support/recording_live_rooms.hpp"
#include "support/run_task.hpp"
#include "support/temporary_directory.hpp"

namespace izpo::testing {

inline constexpr std::string_view kPassword = "correcto-caballo";
inline constexpr std::string_view kAddress = "192.0.2.1";

// Accounts and sessions over real parts, but for the clock, which stands, and the rooms, where nobody is;
// passwords are hashed as cheaply as can be.
class IdentityFixture : public ::testing::Test {
 protected:
  static services::SessionRules rules() {
    return {.login_limits = {.account_at_address = {3, std::chrono::seconds(60)}}};
  }

  IdentityFixture() {
    auto opened = sqlite::Store::open({.file = directory_.path() / "chat.db"});
    if (!opened) throw std::runtime_error(opened.error().log_detail);
    store_ = *std::move(opened);
    if (auto migrated = store_->migrate(clock_.now()); !migrated) {
      throw std::runtime_error(migrated.error().log_detail);
    }
    sessions_ = make_sessions();
    accounts_ = std::make_unique<services::Accounts>(store_->users(), hasher_, clock_, *sessions_);
  }

  // As another process on the same database would have them.
  std::unique_ptr<services::Sessions> make_sessions() {
    return std::make_unique<services::Sessions>(services::Sessions::Ports{.users = store_->users(),
                                                                          .sessions = store_->sessions(),
                                                                          .passwords = hasher_,
                                                                          .tokens = signer_,
                                                                          .random = random_,
                                                                          .clock = clock_,
                                                                          .live = live_},
                                                rules());
  }

  User add_user(std::string name) {
    std::string email = name + "@example.com";
    return run_task(accounts_->register_user({.username = std::move(name),
                                              .email = std::move(email),
                                              .password = std::string(kPassword),
                                              .full_name = std::nullopt}))
        .value();
  }

  Result<services::Login> log_in(std::string login, std::string_view password = kPassword,
                                 std::string_view address = kAddress) {
    return run_task(sessions_->log_in(std::move(login), std::string(password), std::string(address)));
  }

  Result<Principal> authenticate(const std::string& access_token) {
    return run_task(sessions_->authenticate(access_token));
  }

  // The caller that a new login of `name` makes.
  Principal caller(std::string name) {
    return authenticate(log_in(std::move(name)).value().access_token).value();
  }

  TemporaryDirectory directory_;
  FixedClock clock_;
  system::SystemRandom random_;
  system::JwtSigner signer_{"a-key-of-this-test-alone-0123456789abcdef", "HS256"};
  system::Argon2PasswordHasher hasher_{
      {.passes = 1, .memory_bytes = 8192, .wrong_answer_after = std::chrono::milliseconds(1)}};
  RecordingLiveRooms live_;
  std::unique_ptr<sqlite::Store> store_;
  std::unique_ptr<services::Sessions> sessions_;
  std::unique_ptr<services::Accounts> accounts_;
};

}  // namespace izpo::testing
