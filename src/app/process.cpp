#include "app/process.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace izpo::app {

void keep_files_private() {
  ::umask(S_IRWXG | S_IRWXO);
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

void ignore_size_limits() {
  std::signal(SIGXFSZ, SIG_IGN);
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return before;
  return limit.rlim_cur;
}

}  // namespace izpo::app
