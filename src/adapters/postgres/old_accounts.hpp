#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace izpo::postgres {

// An account of the FastAPI version, which compared names and addresses letter by letter.
struct OldAccount {
  std::int64_t id = 0;
  std::string username;
  std::string email;
};

// The keys by which it is found from now on. No two accounts share one.
struct AccountKeys {
  std::int64_t id = 0;
  std::string username_key;
  std::string username_skeleton;
  std::string email_key;
};

struct KeyedAccounts {
  std::vector<AccountKeys> keys;  // in the order of the accounts
  std::vector<std::string>
      shared_names;  // of accounts whose name differs from another's only in case or form
  std::vector<std::string> shared_looks;  // only in look-alikes
  std::vector<std::string> shared_emails;
};

// Of several accounts that have a key in common the first one has it, and each of the others its exact key
// (domain/username.hpp). `accounts` are sorted by id.
KeyedAccounts keys_of(std::span<const OldAccount> accounts);

}  // namespace izpo::postgres
