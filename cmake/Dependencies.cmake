# Every outside library, found once. Debian 12 package names stand in script/setup.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
# Debian 12 has Boost 1.74 as default; 1.81 is what is asked for.
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ICU 72 REQUIRED COMPONENTS uc i18n)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(uring REQUIRED IMPORTED_TARGET liburing)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(jwt REQUIRED IMPORTED_TARGET libjwt)
pkg_check_modules(magic REQUIRED IMPORTED_TARGET libmagic)
pkg_check_modules(crypt REQUIRED IMPORTED_TARGET libcrypt)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)

# BLAKE3, which comes with LLVM in C and assembly: of its library only those objects are linked.
find_path(BLAKE3_INCLUDE_DIR llvm-c/blake3.h PATHS /usr/lib/llvm-19/include REQUIRED)
find_library(BLAKE3_LIBRARY LLVMSupport PATHS /usr/lib/llvm-19/lib REQUIRED)
mark_as_advanced(BLAKE3_INCLUDE_DIR BLAKE3_LIBRARY)
add_library(LLVM::blake3 STATIC IMPORTED)
set_target_properties(LLVM::blake3 PROPERTIES
  IMPORTED_LOCATION "${BLAKE3_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${BLAKE3_INCLUDE_DIR}")
