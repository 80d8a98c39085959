#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/language.hpp"
#include "base/error.hpp"

// Every sentence that a client can be shown, in Spanish and in English.
namespace izpo::api {

// What happened and what to do about it. A reason that is in none of the tables gets the sentence of
// internal_error; the compiler refuses to leave one of domain/reasons out.
std::string_view sentence(const Reason& reason, Language language);

// The same, with the error's details where the sentence has a place for them.
std::string sentence(const Error& error, Language language);

// What is wrong with one field.
std::string sentence(const FieldError& fault, Language language);

enum class Phrase : std::uint8_t {
  kJoined,
  kAlreadyMember,
  kLeft,
  kMemberRemoved,
  kRoomDeleted,
  kPasswordChanged,
  kLoggedOut,
  kFileDeleted,
  kRunning,  // the answer of `GET /`
  kHomeAbout,
  kHomeState,
  kHomeDocs,
  kHomeReference,
  kHomeDocument,
  kHomeEvents,
  kWelcome,  // the first event on a socket
};

std::string_view sentence(Phrase phrase, Language language);

}  // namespace izpo::api
