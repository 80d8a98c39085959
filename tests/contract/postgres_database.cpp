#include "contract/postgres_database.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <vector>

#include "contract/postgres_instance.hpp"

namespace izpo::testing {
namespace {

postgres::Address address_of(const std::string& database) {
  auto address = postgres::Address::parse(test_postgres_url());
  if (!address) throw std::runtime_error(address.error());
  if (!database.empty()) {
    for (auto& [keyword, value] : address->parameters) {
      if (keyword == "dbname") value = database;
    }
  }
  return *std::move(address);
}

void execute_on(const postgres::Address& address, const std::string& statement) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : address.parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  const postgres::Handle handle(PQconnectdbParams(keywords.data(), values.data(), 0));
  const postgres::Answer answer(PQexec(handle.get(), statement.c_str()));
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(handle.get()));
}

}  // namespace

PostgresDatabase::PostgresDatabase()
    : name_(fmt::format("contract_{}_{:08x}", ::getpid(), std::random_device{}())) {
  execute_on(address_of(""), "CREATE DATABASE " + name_);
}

PostgresDatabase::~PostgresDatabase() {
  try {
    execute_on(address_of(""), "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it goes with its PostgreSQL
  }
}

postgres::DatabaseOptions PostgresDatabase::options() const {
  return {.address = address_of(name_), .loops = {}};
}

void PostgresDatabase::execute(const std::string& statement) const {
  execute_on(address_of(name_), statement);
}

}  // namespace izpo::testing
