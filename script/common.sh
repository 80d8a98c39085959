# shellcheck shell=bash
# Sourced by the scripts beside it: the project's root becomes the working directory, whatever it was before.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# The comment at the head of the script that was called is its manual.
show_help() { sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$root/script/${0##*/}"; }

bad_option() { die "unknown option '$1' (see script/${0##*/} --help)"; }

# How many compilers may run at once: one a core, each with 1.5 GB (what Asio's and Beast's templates ask for).
parallel_jobs() {
  local by_memory
  by_memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  local cores
  cores=$(nproc)
  local jobs=$((by_memory < cores ? by_memory : cores))
  echo $((jobs < 1 ? 1 : jobs))
}
