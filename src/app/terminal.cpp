#include "app/terminal.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace izpo::app {
namespace {

volatile std::sig_atomic_t interrupted_by = 0;

// What is typed is not shown. A signal that would end the program meanwhile does so after the terminal shows
// again. The signals are blocked but for the moments of wait(), so that none comes unseen between a look at
// interrupted_by and the wait.
class EchoOff {
 public:
  EchoOff() {
    interrupted_by = 0;
    sigset_t blocked;
    ::sigemptyset(&blocked);
    for (const int signal : kSignals) ::sigaddset(&blocked, signal);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_);
    struct sigaction action{};
    action.sa_handler = [](int signal) { interrupted_by = signal; };
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
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    if (interrupted_by != 0) ::raise(interrupted_by);
  }

  // Until something can be read. False: a signal came first.
  bool wait() const {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    while (interrupted_by == 0) {
      const int ready = ::ppoll(&input, 1, nullptr, &mask_);
      if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // the read will tell
    }
    return false;
  }

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

  std::array<struct sigaction, kSignals.size()> actions_{};
  sigset_t mask_{};
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
    if (echo_off.wait()) answer = read_line();
  }
  fmt::print(stderr, "\n");
  return answer;
}

}  // namespace izpo::app
