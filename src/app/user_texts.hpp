#pragma once

#include <string_view>

#include "api/language.hpp"

// What `izpochat user` says. {} is replaced by fmt, in order.
namespace izpo::app {

struct UserTexts {
  std::string_view created;        // name, id
  std::string_view activated;      // name
  std::string_view deactivated;    // name
  std::string_view password_set;   // name
  std::string_view made_password;  // the password
  std::string_view ask_password;
  std::string_view ask_again;
  std::string_view passwords_differ;
  std::string_view no_password;
  std::string_view no_such_user;  // name
  std::string_view no_database;   // file
};

const UserTexts& user_texts(api::Language language);

}  // namespace izpo::app
