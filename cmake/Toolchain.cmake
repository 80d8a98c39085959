# Compiler, language level, warnings and instrumentation. Everything of ours links izpo::options.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines: a temporary aggregate or a value-capturing lambda in an "
    "expression with co_await is destroyed twice, without a warning. Use clang-19 (the presets do) or GCC 13 or newer.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(IZPO_SANITIZE "" CACHE STRING "Comma list for -fsanitize= (address,undefined or thread)")
option(IZPO_COVERAGE "Instrument for clang's source-based coverage" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths below the project count as relative ones: another clone or worktree finds what this one has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE_PROGRAM}")
endif()

add_library(izpo_options INTERFACE)
add_library(izpo::options ALIAS izpo_options)
target_compile_options(izpo_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(izpo_options INTERFACE -Wthread-safety -Wno-gnu-zero-variadic-macro-arguments)
  target_link_options(izpo_options INTERFACE -fuse-ld=lld)
endif()
target_compile_definitions(izpo_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  IZPO_VERSION="${PROJECT_VERSION}")

if(IZPO_SANITIZE)
  target_compile_options(izpo_options INTERFACE -fsanitize=${IZPO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(izpo_options INTERFACE -fsanitize=${IZPO_SANITIZE})
endif()
if(IZPO_FUZZ)
  # Coverage of our own code guides the fuzzer; -fsanitize=fuzzer, which brings main(), is for the targets in fuzz/ only.
  target_compile_options(izpo_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(izpo_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(IZPO_COVERAGE)
  target_compile_options(izpo_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(izpo_options INTERFACE -fprofile-instr-generate)
endif()
