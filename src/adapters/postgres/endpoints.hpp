#pragma once

#include <string>
#include <vector>

#include "adapters/postgres/address.hpp"

namespace izpo::postgres {

// One place where a PostgreSQL may be, in libpq's words; an empty one is libpq's usual.
struct Endpoint {
  std::string host;      // also the name that its certificate must have
  std::string hostaddr;  // where that is: a number, so that it need not be looked up
  std::string port;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Of an address that names several hosts each one, and of a name each place that it stands for now, in the
// order in which they are to be tried. Blocks while names are looked up; what is not found stands there by
// its name. What libpq would refuse (two hosts and three ports) is one endpoint, as it was written. Never
// empty.
std::vector<Endpoint> endpoints_of(const Address& address);

}  // namespace izpo::postgres
