#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>

#include "app/program.hpp"

int main(int argc, char** argv) {
  try {
    return izpo::app::run_program(
        std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0),
        izpo::api::embedded_web_client());
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "izpochat: unexpected: %s\n", bug.what());
    return EXIT_FAILURE;
  }
}
