#include "api/schema_encode.hpp"

#include "wire/json.hpp"

namespace izpo::api::schema {

void encode(std::string_view text, std::string& out) {
  wire::append_json(out, text);
}

void encode(std::int64_t number, std::string& out) {
  wire::append_json(out, number);
}

void encode(Timestamp time, std::string& out) {
  wire::append_json(out, time);
}

}  // namespace izpo::api::schema
