#include "contract/postgres_instance.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace izpo::testing {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close(std::size_t end) {
    if (ends_.at(end) >= 0) ::close(std::exchange(ends_.at(end), -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// tests/support/keep_postgres as a child. It stops its PostgreSQL when its input ends, and that ends with
// this process at the latest.
class Keeper {
 public:
  Keeper() {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input_.read_end(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output_.write_end(), STDOUT_FILENO);
    std::string program = IZPO_KEEP_POSTGRES;
    std::array<char*, 2> arguments{program.data(), nullptr};
    const int failed = ::posix_spawn(&child_, program.c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::system_error(failed, std::generic_category(), program);
    input_.close(0);
    output_.close(1);
    url_ = boost::json::parse(first_line()).at("url").as_string();
  }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper() {
    input_.close(1);
    ::waitpid(child_, nullptr, 0);
  }

  const std::string& url() const { return url_; }

 private:
  std::string first_line() const {
    std::string line;
    char next = 0;
    while (::read(output_.read_end(), &next, 1) == 1) {
      if (next == '\n') return line;
      line += next;
    }
    throw std::runtime_error("PostgreSQL could not be started: its keeper says why");
  }

  Pipe input_;
  Pipe output_;
  pid_t child_ = -1;
  std::string url_;
};

}  // namespace

const std::string& test_postgres_url() {
  if (const char* given = std::getenv("IZPO_TEST_POSTGRES")) {
    static const std::string url = given;
    return url;
  }
  static const Keeper keeper;
  return keeper.url();
}

}  // namespace izpo::testing
