#pragma once

#include <boost/asio/io_context.hpp>

#include "adapters/sql/database.hpp"
#include "base/result.hpp"

namespace izpo::app {

// Gives the database a name that it never had: every client throws its copy away and loads again. No server
// may run on it. Runs `loop`.
Result<void> begin_new_epoch(boost::asio::io_context& loop, sql::Database& database);

}  // namespace izpo::app
