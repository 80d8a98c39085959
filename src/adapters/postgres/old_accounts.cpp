#include "adapters/postgres/old_accounts.hpp"

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

#include "domain/email.hpp"
#include "domain/username.hpp"

namespace izpo::postgres {
namespace {

// Hands out keys, each once.
class Keys {
 public:
  // `wanted`, or, when that is taken or no key that may be had, the exact key of `text`; and when that is
  // taken too (two accounts with the same text, which the old tables forbade), one with the number, by which
  // nobody is found.
  std::string take(std::string wanted, const std::string& text, std::int64_t id) {
    shared_ = false;
    // What begins like an exact key could be somebody else's.
    if (!wanted.starts_with('@')) {
      if (taken_.insert(wanted).second) return wanted;
      shared_ = true;
    }
    std::string exact = exact_key(text);
    if (taken_.insert(exact).second) return exact;
    shared_ = true;
    std::string numbered = fmt::format("{}@{}", exact, id);
    taken_.insert(numbered);
    return numbered;
  }

  bool shared() const { return shared_; }

 private:
  std::unordered_set<std::string> taken_;
  bool shared_ = false;
};

}  // namespace

KeyedAccounts keys_of(std::span<const OldAccount> accounts) {
  KeyedAccounts result;
  result.keys.reserve(accounts.size());
  Keys names;
  Keys looks;
  Keys emails;
  for (const OldAccount& account : accounts) {
    UsernameKeys keys = username_keys(account.username);
    // A name with '@' is looked for to the letter only: what has one is read as an address otherwise.
    if (account.username.contains('@')) keys = {.folded = "@", .skeleton = "@"};
    AccountKeys& taken = result.keys.emplace_back();
    taken.id = account.id;
    taken.username_key = names.take(std::move(keys.folded), account.username, account.id);
    if (names.shared()) result.shared_names.push_back(account.username);
    taken.username_skeleton = looks.take(std::move(keys.skeleton), account.username, account.id);
    if (looks.shared() && !names.shared()) result.shared_looks.push_back(account.username);
    taken.email_key = emails.take(email_key(account.email), account.email, account.id);
    if (emails.shared()) result.shared_emails.push_back(account.email);
  }
  return result;
}

}  // namespace izpo::postgres
