#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "api/texts.hpp"
#include "app/backend.hpp"
#include "app/block_on.hpp"
#include "app/commands.hpp"
#include "app/installation.hpp"
#include "app/terminal.hpp"
#include "app/user_texts.hpp"
#include "domain/text.hpp"
#include "domain/username.hpp"

namespace izpo::app {
namespace {

using Action = UserCommand::Action;
using PasswordFrom = UserCommand::PasswordFrom;

template <class... Arguments>
std::string fill(std::string_view text, const Arguments&... arguments) {
  return fmt::format(fmt::runtime(text), arguments...);
}

// 100 random bits, in letters and digits that are not taken for one another.
std::string make_password(Random& random) {
  static constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<unsigned char, 20> bytes{};
  random.fill(bytes);
  std::string password;
  for (const unsigned char byte : bytes) {
    if (password.size() % 6 == 5) password += '-';
    password += kAlphabet[byte % kAlphabet.size()];
  }
  return password;
}

class UserManager {
 public:
  UserManager(const UserCommand& command, Backend& backend, boost::asio::io_context& loop)
      : command_(command),
        backend_(backend),
        loop_(loop),
        language_(terminal_language()),
        texts_(user_texts(language_)) {}

  int run() {
    switch (command_.action) {
      case Action::kCreate: return create();
      case Action::kSetPassword: return set_password();
      case Action::kActivate: return set_active(true, texts_.activated);
      case Action::kDeactivate: return set_active(false, texts_.deactivated);
      case Action::kList: return list();
    }
    return kMisused;
  }

 private:
  int create() {
    auto password = new_password();
    if (!password) return password.error();
    services::Registration registration;
    registration.username = command_.username;
    registration.email = command_.email;
    registration.password = *password;
    if (!command_.full_name.empty()) registration.full_name = command_.full_name;
    const auto made = block_on(loop_, backend_.accounts.register_user(std::move(registration)));
    if (!made) return refuse(made.error());
    say(fill(texts_.created, made->username, made->id.value));
    show_made(*password);
    return kDone;
  }

  int set_password() {
    const auto user = find();
    if (!user) return kFailed;
    auto password = new_password();
    if (!password) return password.error();
    if (const auto checked = check_new_password(*password); !checked) {
      return report_failure(api::sentence(checked.error(), language_));
    }
    auto hash = block_on(loop_, backend_.passwords.hash(*password));
    if (!hash) return refuse(hash.error());
    const auto set =
        block_on(loop_, backend_.store->users().set_password(user->id, *std::move(hash), std::nullopt,
                                                             std::nullopt, backend_.clock.now()));
    if (!set) return refuse(set.error());
    say(fill(texts_.password_set, user->username));
    show_made(*password);
    return kDone;
  }

  int set_active(bool active, std::string_view done) {
    const auto user = find();
    if (!user) return kFailed;
    const auto changed =
        block_on(loop_, backend_.store->users().set_active(user->id, active, backend_.clock.now()));
    if (!changed) return refuse(changed.error());
    say(fill(done, changed->username));
    return kDone;
  }

  // Tab-separated under the API's names, for people and scripts alike.
  int list() {
    fmt::print("id\tusername\temail\tis_active\tcreated_at\n");
    Page page;
    page.limit = kMaxPageSize;
    while (true) {
      const auto users = block_on(loop_, backend_.store->users().list(page));
      if (!users) return refuse(users.error());
      for (const User& user : *users) {
        fmt::print("{}\t{}\t{}\t{}\t{}\n", user.id.value, user.username, user.email, user.is_active,
                   iso8601(user.created_at));
      }
      if (users->size() < static_cast<std::size_t>(page.limit)) return kDone;
      page.after = users->back().id.value;
    }
  }

  std::optional<User> find() {
    auto found = block_on(loop_, services::find_named(backend_.store->users(), command_.username));
    if (!found) {
      refuse(found.error());
      return std::nullopt;
    }
    if (!*found) report_failure(fill(texts_.no_such_user, command_.username));
    return *std::move(found);
  }

  // The error is the exit status; it was said why.
  std::expected<std::string, int> new_password() {
    std::optional<std::string> password;
    switch (command_.password_from) {
      case PasswordFrom::kMade: return make_password(backend_.random);
      case PasswordFrom::kStdin: password = read_line(); break;
      case PasswordFrom::kPrompt:
        if (!stdin_is_terminal()) break;
        password = ask_unseen(std::string(texts_.ask_password));
        if (password && ask_unseen(std::string(texts_.ask_again)) != password) {
          return std::unexpected(report_failure(texts_.passwords_differ));
        }
        break;
    }
    if (password) return *std::move(password);
    report_failure(texts_.no_password);
    return std::unexpected(kMisused);
  }

  void show_made(const std::string& password) {
    if (command_.password_from == PasswordFrom::kMade) say(fill(texts_.made_password, password));
  }

  int refuse(const Error& error) {
    for (const FieldError& fault : error.fields) {
      report_failure(fmt::format("{}: {}", fault.loc.back(), api::sentence(fault, language_)));
    }
    if (!error.fields.empty()) return kFailed;
    return report_failure(
        error.log_detail.empty()
            ? std::string(api::sentence(error.reason, language_))
            : fmt::format("{} ({})", api::sentence(error.reason, language_), error.log_detail));
  }

  static void say(std::string_view line) { fmt::print("{}\n", line); }

  const UserCommand& command_;
  Backend& backend_;
  boost::asio::io_context& loop_;
  const api::Language language_;
  const UserTexts& texts_;
};

}  // namespace

int manage_users(const UserCommand& command, const Settings& settings) {
  // A mistyped directory must not become a new, empty installation.
  if (!settings.uses_postgres()) {
    const auto has = has_database(settings);
    if (!has) return report_failure(has.error());
    if (!*has)
      return report_failure(
          fill(user_texts(terminal_language()).no_database, settings.database_path().string()));
  }
  auto opened = open_store(settings);
  if (!opened) return report_failure(opened.error());
  auto key = signing_key(settings);
  if (!key) return report_failure(key.error());
  boost::asio::io_context loop(1);
  Backend backend(settings, *std::move(key), std::move(opened->store), {loop.get_executor()});
  const int status = UserManager(command, backend, loop).run();
  backend.store->close();
  return status;
}

}  // namespace izpo::app
