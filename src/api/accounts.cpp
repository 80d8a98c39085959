#include "api/objects.hpp"
#include "api/pages.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"
#include "domain/email.hpp"
#include "domain/text.hpp"
#include "domain/username.hpp"

namespace izpo::api {

namespace {

// The fields of a registration that a profile change may change too.
constexpr schema::Rule kUsernameRule{.field = "username",
                                     .description = "Letters and digits of any script, `_`, `.` and `-`.",
                                     .example = R"("marisol")",
                                     .min_length = kMinUsername,
                                     .max_length = kMaxUsername,
                                     .check = schema::checked_by<check_username>};
constexpr schema::Rule kEmailRule{.field = "email",
                                  .example = R"("marisol@example.org")",
                                  .format = "email",
                                  .max_length = kMaxEmail,
                                  .check = schema::checked_by<check_email>};

struct RegistrationJson {
  std::string username;
  std::string email;
  std::string password;
  std::optional<std::string> full_name;

  static constexpr std::string_view kName = "Registration";
  static constexpr std::array kRules{kUsernameRule, kEmailRule,
                                     schema::Rule{.field = "password",
                                                  .example = R"("una frase larga")",
                                                  .format = "password",
                                                  .min_length = kMinPassword,
                                                  .max_length = kMaxPassword,
                                                  .check = schema::checked_by<check_new_password>},
                                     schema::Rule{.field = "full_name",
                                                  .example = R"("Marisol Inventada")",
                                                  .max_length = kMaxFullName,
                                                  .check = schema::checked_by<clean_full_name>}};
};
BOOST_DESCRIBE_STRUCT(RegistrationJson, (), (username, email, password, full_name))

struct ProfileChangeJson {
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<std::string> full_name;

  static constexpr std::string_view kName = "ProfileChange";
  static constexpr std::array kRules{kUsernameRule, kEmailRule,
                                     schema::Rule{.field = "full_name",
                                                  .description = "An empty text takes the name away.",
                                                  .example = R"("Marisol Inventada")",
                                                  .max_length = kMaxFullName,
                                                  .check = schema::checked_by<clean_full_name>}};
};
BOOST_DESCRIBE_STRUCT(ProfileChangeJson, (), (username, email, full_name))

struct PasswordChangeJson {
  std::string current_password;
  std::string new_password;

  static constexpr std::string_view kName = "PasswordChange";
  static constexpr std::array kRules{
      schema::Rule{.field = "current_password", .example = R"("una frase larga")", .format = "password"},
      schema::Rule{.field = "new_password",
                   .example = R"("otra frase aún más larga")",
                   .format = "password",
                   .min_length = kMinPassword,
                   .max_length = kMaxPassword,
                   .check = schema::checked_by<check_new_password>}};
};
BOOST_DESCRIBE_STRUCT(PasswordChangeJson, (), (current_password, new_password))

struct UserPath {
  UserId id;
};
BOOST_DESCRIBE_STRUCT(UserPath, (), (id))

struct UsernamePath {
  std::string username;
};
BOOST_DESCRIBE_STRUCT(UsernamePath, (), (username))

using UserPage = PageParameters<kDefaultPage>;

Task<Result<UserJson>> register_user(Call& call, Body<RegistrationJson> body) {
  IZPO_CO_TRY(auto user,
              co_await call.services.accounts.register_user({.username = std::move(body->username),
                                                             .email = std::move(body->email),
                                                             .password = std::move(body->password),
                                                             .full_name = std::move(body->full_name)}));
  const UserId own = user.id;
  co_return user_json(std::move(user), own);
}

Task<Result<UserJson>> me(Call& call) {
  co_return user_json(call.caller->user, call.viewer());
}

Task<Result<UserJson>> change_me(Call& call, Body<ProfileChangeJson> body) {
  services::ProfileChange change{
      .username = std::move(body->username), .email = std::move(body->email), .full_name = {}};
  if (body->full_name) {
    auto& full_name = *body->full_name;
    change.full_name = trim(full_name).empty() ? std::nullopt : std::optional(std::move(full_name));
  }
  IZPO_CO_TRY(auto user, co_await call.services.accounts.change_profile(*call.caller, std::move(change)));
  co_return user_json(std::move(user), call.viewer());
}

Task<Result<NoticeJson>> change_password(Call& call, Body<PasswordChangeJson> body) {
  IZPO_CO_CHECK(co_await call.services.accounts.change_password(
      *call.caller, std::move(body->current_password), std::move(body->new_password)));
  co_return NoticeJson{std::string(sentence(Phrase::kPasswordChanged, call.language))};
}

Task<Result<std::vector<UserJson>>> list_users(Call& call, Parameters<UserPage> parameters) {
  IZPO_CO_TRY(const auto page, page_of(parameters.value));
  IZPO_CO_TRY(auto users, co_await call.services.accounts.list(page));
  co_return users_json(std::move(users), call.viewer());
}

Task<Result<UserJson>> get_user(Call& call, Path<UserPath> path) {
  IZPO_CO_TRY(auto user, co_await call.services.accounts.get(path->id));
  co_return user_json(std::move(user), call.viewer());
}

Task<Result<UserJson>> get_user_by_name(Call& call, Path<UsernamePath> path) {
  IZPO_CO_TRY(auto user, co_await call.services.accounts.get_by_username(path->username));
  co_return user_json(std::move(user), call.viewer());
}

}  // namespace

void add_accounts(Routes& routes) {
  routes.add(Method::kPost, "/api/users/register",
             {.name = "register",
              .tag = "accounts",
              .summary = "Make an account",
              .auth = Auth::kNone,
              .status = 201,
              .errors = {reason::kEmailTaken, reason::kUsernameTaken}},
             register_user);
  routes.add(Method::kGet, "/api/users/me", {.name = "me", .tag = "accounts", .summary = "Your own account"},
             me);
  routes.add(Method::kPut, "/api/users/me",
             {.name = "change_me",
              .tag = "accounts",
              .summary = "Change your account",
              .description = "What is missing or null stays as it is.",
              .errors = {reason::kEmailTaken, reason::kUsernameTaken}},
             change_me);
  routes.add(Method::kPut, "/api/users/me/password",
             {.name = "change_password",
              .tag = "accounts",
              .summary = "Change your password",
              .description = "Your other logins end.",
              .errors = {reason::kWrongCurrentPassword, reason::kTooManyLogins}},
             change_password);
  routes.add(Method::kGet, "/api/users", {.name = "list_users", .tag = "accounts", .summary = "All users"},
             list_users);
  routes.add(Method::kGet, "/api/users/{id}",
             {.name = "get_user", .tag = "accounts", .summary = "A user", .errors = {reason::kUserNotFound}},
             get_user);
  routes.add(Method::kGet, "/api/users/username/{username}",
             {.name = "get_user_by_name",
              .tag = "accounts",
              .summary = "A user, by name",
              .errors = {reason::kUserNotFound}},
             get_user_by_name);
}

}  // namespace izpo::api
