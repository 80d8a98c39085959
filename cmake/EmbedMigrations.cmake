# Run by izpo_embed_migrations at build time: writes OUTPUT from the files in FOLDER that belong to DIALECT.
file(GLOB files LIST_DIRECTORIES false "${FOLDER}/*.sql")
list(SORT files)
set(entries "")
set(last 0)
foreach(file IN LISTS files)
  get_filename_component(filename "${file}" NAME)
  if(NOT filename MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)(\\.([a-z]+))?\\.sql$")
    message(FATAL_ERROR "${filename}: a migration is called NNNN_name.sql or NNNN_name.<dialect>.sql")
  endif()
  set(name "${CMAKE_MATCH_1}_${CMAKE_MATCH_2}")
  if(CMAKE_MATCH_4 AND NOT CMAKE_MATCH_4 STREQUAL DIALECT)
    continue()
  endif()
  math(EXPR expected "${last} + 1")
  string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${filename}: ${DIALECT} needs exactly one migration ${expected} here")
  endif()
  set(last "${number}")
  file(READ "${file}" text)
  file(SHA256 "${file}" hash)
  string(APPEND entries "    {${number}, \"${name}\", \"${hash}\", R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE "${OUTPUT}"
"// Made from migrations/ by cmake/EmbedMigrations.cmake.
#include \"adapters/${DIALECT}/migrations.hpp\"

namespace izpo::${DIALECT} {
namespace {

constexpr sql::Migration kMigrations[] = {
${entries}};

}  // namespace

std::span<const sql::Migration> migrations() {
  return kMigrations;
}

}  // namespace izpo::${DIALECT}
")
