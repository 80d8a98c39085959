#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "adapters/sql/statement.hpp"

// What take_over asks of PostgreSQL, and the repairs it makes.
namespace izpo::postgres {

extern const sql::Statement kIsOld;      // flag: the tables are those of the FastAPI version
extern const sql::Statement kObstacles;  // text, a row each: what would break, or break it
extern const sql::Statement kMissing;    // text, a row each: tables that should be there
extern const sql::Statement kCounts;     // users, rooms, messages, files
extern const sql::Statement kPolicies;   // text, a row each: policies that go

extern const sql::Statement kRoomsWithoutOwner;  // their number
extern const sql::Statement kLostMessages;       // the number of messages whose room is gone
extern const sql::Statement kFindOwner;          // $1 a username; id of who is called so, to the letter first

extern const sql::Statement kAddNobody;    // $1 now; the id of an account for what has no user, or no row
extern const sql::Statement kAddLostRoom;  // $1 owner; the id of a room for messages without one, or no row

extern const sql::Statement kAccounts;  // id, username, email, by id
extern const sql::Statement kSetKeys;   // $1 a JSON array of objects: id, n(ame), s(keleton), e(-mail)

// A statement that changes rows and returns one number, how many; and what is said of them when there are
// any.
struct Repair {
  enum class Wants : std::uint8_t {
    kNothing,
    kNow,    // $1, a time
    kOwner,  // $1, the id of --owner's account
    kUser,   // $1, the id that kAddNobody returned
    kRoom,   // $1, the id that kAddLostRoom returned
  };
  std::string_view says;  // with one {} for the number; empty: nothing to be said of it
  const sql::Statement& statement;
  Wants wants = Wants::kNothing;
};

// In this order: accounts before kAddNobody, then the rest, all between kReshape and kNumberMessages.
std::span<const Repair> account_repairs();
std::span<const Repair> other_repairs();

}  // namespace izpo::postgres
