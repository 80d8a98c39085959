#include "api/client_address.hpp"
#include "api/objects.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"

namespace izpo::api {

namespace {

struct LoginJson {
  std::string username;
  std::string password;

  static constexpr std::string_view kName = "Login";
  static constexpr std::array kRules{
      schema::Rule{.field = "username", .description = "Or the e-mail address.", .example = R"("marisol")"},
      schema::Rule{.field = "password", .example = R"("una frase larga")", .format = "password"}};
};
BOOST_DESCRIBE_STRUCT(LoginJson, (), (username, password))

struct RefreshJson {
  std::string refresh_token;

  static constexpr std::string_view kName = "Refresh";
  static constexpr std::array kRules{schema::Rule{.field = "refresh_token", .max_length = 512}};
};
BOOST_DESCRIBE_STRUCT(RefreshJson, (), (refresh_token))

struct TokensJson {
  std::string access_token;
  std::string token_type = "bearer";
  std::string refresh_token;
  std::int64_t expires_in = 0;

  static constexpr std::string_view kName = "Tokens";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "access_token",
                   .description = "Goes into `Authorization: Bearer …`. Its `sub` is the user's id."},
      schema::Rule{.field = "token_type", .example = R"("bearer")"},
      schema::Rule{.field = "refresh_token",
                   .description = "Good for one refresh; using it twice ends the login."},
      schema::Rule{
          .field = "expires_in", .description = "Seconds until the access token ends.", .example = "1800"}};
};
BOOST_DESCRIBE_STRUCT(TokensJson, (), (access_token, token_type, refresh_token, expires_in))

TokensJson tokens_json(services::Login login) {
  return {.access_token = std::move(login.access_token),
          .refresh_token = std::move(login.refresh_token),
          .expires_in = login.expires_in};
}

Task<Result<TokensJson>> log_in(Call& call, Body<LoginJson> body) {
  IZPO_CO_TRY(auto login,
              co_await call.services.sessions.log_in(std::move(body->username), std::move(body->password),
                                                     client_address(call.request)));
  co_return tokens_json(std::move(login));
}

Task<Result<TokensJson>> refresh(Call& call, Body<RefreshJson> body) {
  IZPO_CO_TRY(auto login, co_await call.services.sessions.refresh(std::move(body->refresh_token)));
  co_return tokens_json(std::move(login));
}

Task<Result<NoticeJson>> log_out(Call& call) {
  IZPO_CO_CHECK(co_await call.services.sessions.log_out(*call.caller));
  co_return NoticeJson{std::string(sentence(Phrase::kLoggedOut, call.language))};
}

}  // namespace

void add_logins(Routes& routes) {
  routes.add(Method::kPost, "/api/users/login",
             {.name = "log_in",
              .tag = "logins",
              .summary = "Log in",
              .description =
                  "Attempts that fail are slowed down for the account and for the address they come from.",
              .auth = Auth::kNone,
              .errors = {reason::kInvalidCredentials, reason::kInactiveUser, reason::kTooManyLogins}},
             log_in);
  routes.add(Method::kPost, "/api/users/refresh",
             {.name = "refresh",
              .tag = "logins",
              .summary = "Trade a refresh token for new tokens",
              .auth = Auth::kNone,
              .errors = {reason::kInvalidRefreshToken}},
             refresh);
  routes.add(Method::kPost, "/api/users/logout",
             {.name = "log_out",
              .tag = "logins",
              .summary = "End this login",
              .description = "Its tokens are good for nothing from now on, and its sockets close with 4401."},
             log_out);
}

}  // namespace izpo::api
