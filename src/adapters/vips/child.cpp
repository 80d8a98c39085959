#include "adapters/vips/child.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>

#include "base/descriptor.hpp"
#include "domain/reasons.hpp"

namespace izpo::vips {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kNotStarted = 127;          // the child's exit code when it could not become the program
constexpr rlim_t kLargestFile = 1 << 20;  // bytes: libvips' code generator wants a small one
constexpr rlim_t kMostFiles = 64;

Error cannot(std::string_view what) {
  return {reason::kInternal, fmt::format("cannot {}: {}", what, std::generic_category().message(errno))};
}

// What has no use for a picture, and much for an intruder: sockets, and the ways round.
#if defined(__x86_64__)
constexpr unsigned kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = AUDIT_ARCH_AARCH64;
#endif
constexpr std::array kForbidden{SYS_socket, SYS_socketpair, SYS_io_uring_setup, SYS_ptrace, SYS_bpf};

// Everything from here to execve runs in the child of a process with threads: system calls only.

bool forbid_sockets() {
#if defined(__x86_64__) || defined(__aarch64__)
  constexpr unsigned kNumber = offsetof(seccomp_data, nr);
  constexpr unsigned kArchitecture = offsetof(seccomp_data, arch);
  std::array<sock_filter, 5 + kForbidden.size() + 2> filter{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArchitecture),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      // x32 has numbers of its own for the same calls.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, kForbidden.size() + 1, 0),
  }};
  std::size_t at = 5;
  for (std::size_t i = 0; i < kForbidden.size(); ++i) {
    filter[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(kForbidden[i]),
                            static_cast<unsigned char>(kForbidden.size() - i), 0);
  }
  filter[at++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[at++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  const sock_fprog program{.len = static_cast<unsigned short>(at), .filter = filter.data()};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
  return true;
#endif
}

bool limit(__rlimit_resource resource, rlim_t most) {
  const rlimit both{.rlim_cur = most, .rlim_max = most};
  return ::setrlimit(resource, &both) == 0;
}

[[noreturn]] void become(char* const* arguments, char* const* environment, int input, int output,
                         const ChildLimits& limits) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &usual, nullptr);
  ::setsid();
  const int nowhere = ::open("/dev/null", O_WRONLY);
  const auto seconds = static_cast<rlim_t>(limits.processor.count());
  const bool ready = ::dup2(input, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(nowhere, 2) == 2 &&
                     ::syscall(SYS_close_range, 3U, ~0U, 0U) == 0 && ::chdir("/") == 0 &&
                     ::setpriority(PRIO_PROCESS, 0, 19) == 0 && limit(RLIMIT_AS, limits.memory) &&
                     limit(RLIMIT_CPU, seconds) && limit(RLIMIT_FSIZE, kLargestFile) &&
                     limit(RLIMIT_NOFILE, kMostFiles) && limit(RLIMIT_CORE, 0) &&
                     ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                     ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && forbid_sockets();
  if (ready) ::execve(arguments[0], arguments, environment);
  ::_exit(kNotStarted);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// The child, killed with all that it started unless it has ended.
class Child {
 public:
  explicit Child(pid_t process) : process_(process), descriptor_(open_descriptor(process)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    ::kill(process_, SIGKILL);
    wait();
  }

  int descriptor() const { return descriptor_.number(); }  // readable when it has ended

  // Of waitpid. Blocks.
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
    return status;
  }

 private:
  static int open_descriptor(pid_t process) {
    return static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  }

  pid_t process_;  // 0: waited for
  Descriptor descriptor_;
};

// Waits for one of the two until the deadline: which of them is ready, or what happened instead.
enum class Event : std::uint8_t { kReady, kStop, kLate };

Event wait_for(int descriptor, int stop, SteadyClock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) return Event::kLate;
    std::array<pollfd, 2> waited{pollfd{descriptor, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
    if (::poll(waited.data(), waited.size(), static_cast<int>(left)) <= 0) continue;
    return waited[1].revents != 0 ? Event::kStop : Event::kReady;
  }
}

Error no_picture(std::string detail) {
  return {reason::kNoThumbnail, std::move(detail)};
}

Error interrupted(Event event, const ChildLimits& limits) {
  if (event == Event::kStop) return reason::kShuttingDown;
  return no_picture(fmt::format("it took longer than {} s", limits.wall.count()));
}

Result<std::string> read_all(int pipe, int stop, SteadyClock::time_point deadline,
                             const ChildLimits& limits) {
  std::string output;
  std::array<char, 64UZ * 1024> buffer;
  for (;;) {
    if (const Event event = wait_for(pipe, stop, deadline); event != Event::kReady)
      return fail(interrupted(event, limits));
    const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
    if (count < 0) return fail(cannot("read from it"));
    if (count == 0) return output;
    output.append(buffer.data(), static_cast<std::size_t>(count));
    if (output.size() > limits.output) return fail(no_picture("it wrote too much"));
  }
}

}  // namespace

Result<std::string> run_child(const std::vector<std::string>& arguments, int input, int stop,
                              const ChildLimits& limits) {
  std::vector<std::string> texts = arguments;
  std::vector<std::string> settings{
      "PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/", "VIPS_CONCURRENCY=1",
      // Only what libvips trusts with hostile files: no SVG, no PDF, no ImageMagick.
      "VIPS_BLOCK_UNTRUSTED=1"};
  const auto argument_pointers = pointers(texts);
  const auto environment = pointers(settings);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(cannot("make a pipe"));
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);

  const auto deadline = SteadyClock::now() + limits.wall;
  const pid_t process = ::fork();
  if (process < 0) return fail(cannot("fork"));
  if (process == 0) become(argument_pointers.data(), environment.data(), input, write_end.number(), limits);
  Child child(process);
  write_end = Descriptor();

  IZPO_TRY(std::string output, read_all(read_end.number(), stop, deadline, limits));
  if (const Event event = wait_for(child.descriptor(), stop, deadline); event != Event::kReady)
    return fail(interrupted(event, limits));
  const int status = child.wait();
  if (WIFSIGNALED(status)) return fail(no_picture(fmt::format("ended by signal {}", WTERMSIG(status))));
  if (WEXITSTATUS(status) == kNotStarted)
    return fail(Error(reason::kInternal, fmt::format("cannot run {}", arguments.front())));
  if (WEXITSTATUS(status) != 0) return fail(no_picture(fmt::format("ended with {}", WEXITSTATUS(status))));
  return output;
}

}  // namespace izpo::vips
