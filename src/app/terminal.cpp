#include "app/terminal.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace izpo::app {
namespace {

volatile std::sig_atomic_t interrupted_by = 0;

// What is typed is not shown. A signal that would end the program meanwhile does so after the terminal shows
// again.
class EchoOff {
 public:
  EchoOff() {
    interrupted_by = 0;
    struct sigaction action{};
    action.sa_handler = [](int signal) { interrupted_by = signal; };  // without SA_RESTART: ends the read
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &actions_[i]);
    if (::tcgetattr(STDIN_FILENO, &terminal_) != 0) return;
    termios unseen = terminal_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) == 0;
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
    if (interrupted_by != 0) ::raise(interrupted_by);
  }

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

  std::array<struct sigaction, kSignals.size()> actions_{};
  termios terminal_{};
  bool changed_ = false;
};

}  // namespace

api::Language terminal_language() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is made
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("es") ? api::Language::kSpanish : api::Language::kEnglish;
  }
  return api::Language::kSpanish;
}

bool stdin_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

std::optional<std::string> read_line() {
  std::string line;
  char next = 0;
  ssize_t got = 0;
  while ((got = ::read(STDIN_FILENO, &next, 1)) == 1 && next != '\n') line += next;
  if (got < 0 || (got == 0 && line.empty())) return std::nullopt;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::optional<std::string> ask_unseen(const std::string& question) {
  std::optional<std::string> answer;
  {
    const EchoOff echo_off;
    fmt::print(stderr, "{}", question);
    answer = read_line();
  }
  fmt::print(stderr, "\n");
  return answer;
}

}  // namespace izpo::app
