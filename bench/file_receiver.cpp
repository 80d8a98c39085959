// The bare reference of uploads: reads each request's bytes from its socket, writes them to a file, fsyncs it
// and answers 201. It looks at nothing but Content-Length, and has a thread for each connection. With
// "blake3" it hashes the bytes too, as the server does.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "domain/content_digest.hpp"

namespace {

void require(bool well, const char* what) {
  if (well) return;
  std::perror(what);
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): a benchmark that cannot go on
}

std::int64_t content_length(std::string_view head) {
  constexpr std::string_view kField = "\r\nContent-Length: ";
  const auto at = head.find(kField);
  std::int64_t length = 0;
  if (at != std::string_view::npos)
    std::from_chars(head.data() + at + kField.size(), head.data() + head.size(), length);
  return length;
}

void write_all(int file, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(file, bytes, count);
    require(written > 0, "write");
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

// Where the bytes of one file go.
class Sink {
 public:
  Sink(int file, bool hashes) : file_(file), hashes_(hashes) {}

  void take(const char* bytes, std::size_t count) {
    write_all(file_, bytes, count);
    if (hashes_) digest_.add({bytes, count});
  }

 private:
  int file_;
  bool hashes_;
  izpo::ContentDigest digest_;
};

// One request; false: the connection is over.
bool receive(int socket, const std::string& path, bool hashes, std::vector<char>& buffer) {
  std::string head;
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    const ssize_t count = ::read(socket, buffer.data(), buffer.size());
    if (count <= 0) return false;
    head.append(buffer.data(), static_cast<std::size_t>(count));
    end = head.find("\r\n\r\n");
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  require(file >= 0, "open");
  const std::string_view first = std::string_view(head).substr(end + 4);
  Sink sink(file, hashes);
  sink.take(first.data(), first.size());
  for (std::int64_t left = content_length(head) - std::ssize(first); left > 0;) {
    const ssize_t count = ::read(socket, buffer.data(), buffer.size());
    if (count <= 0) return false;
    sink.take(buffer.data(), static_cast<std::size_t>(count));
    left -= count;
  }
  require(::fsync(file) == 0, "fsync");
  ::close(file);
  constexpr std::string_view kAnswer = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
  return ::write(socket, kAnswer.data(), kAnswer.size()) == std::ssize(kAnswer);
}

}  // namespace

int main(int argc, char** argv) {
  require(argc >= 2, "usage: bench_file_receiver DIRECTORY [blake3]");
  const std::string directory = argv[1];
  const bool hashes = argc > 2;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listener, plain, size) == 0 && ::listen(listener, 128) == 0, "listen");
  require(::getsockname(listener, plain, &size) == 0, "getsockname");
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  for (int number = 0;; ++number) {
    const int socket = ::accept(listener, nullptr, nullptr);
    require(socket >= 0, "accept");
    std::thread([socket, hashes, path = directory + "/" + std::to_string(number)] {
      std::vector<char> buffer(256UZ * 1024);
      while (receive(socket, path, hashes, buffer)) {
      }
      ::close(socket);
    }).detach();
  }
}
