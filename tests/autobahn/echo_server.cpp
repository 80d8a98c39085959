#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>

#include "adapters/system/clock.hpp"
#include "api/http_types.hpp"
#include "realtime/socket.hpp"
#include "transport/loops.hpp"
#include "transport/server.hpp"
#include "wire/websocket.hpp"

// Says back every WebSocket message, on the product's own transport and codec: what the Autobahn suite
// examines. Usage: autobahn_echo MAX_MESSAGE_BYTES. Its first line is `listening on URL`; SIGTERM ends it.
namespace {

using namespace izpo;

class Echo final : public realtime::SocketHandler {
 public:
  Task<> opened(realtime::Socket& socket) override {
    socket_ = &socket;
    co_return;
  }
  Task<> text(std::string_view message) override { return say_back(wire::Opcode::kText, message); }
  Task<> binary(std::string_view message) override { return say_back(wire::Opcode::kBinary, message); }
  void closed() override {}

 private:
  Task<> say_back(wire::Opcode opcode, std::string_view message) {
    socket_->send(std::make_shared<const realtime::EncodedEvent>(wire::encode_frame(opcode, message)),
                  realtime::Urgency::kKept);
    co_await socket_->drained();
  }

  realtime::Socket* socket_ = nullptr;
};

class EchoApplication final : public api::Application {
 public:
  Task<api::Response> handle(api::Request& request) override {
    api::Response response = answer(426);
    if (request.upgrade_websocket) response.socket = std::make_unique<Echo>();
    co_return response;
  }
  api::Response refuse(const Error&, const api::Request&) override { return answer(400); }

 private:
  static api::Response answer(int status) {
    api::Response response;
    response.status = status;
    return response;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t max_message = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (max_message == 0) {
    std::cerr << "usage: autobahn_echo MAX_MESSAGE_BYTES\n";
    return EXIT_FAILURE;
  }
  sigset_t ending;  // blocked here, before there are threads, so that sigwait() below gets it
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  transport::ServerOptions options;
  options.limits.message_bytes = max_message;
  options.limits.outbox_bytes = 2 * max_message;
  options.compression = true;
  EchoApplication application;
  const system::SystemClock clock;
  transport::Loops loops(1);
  transport::Server server(loops, application, clock, options);
  server.start();
  loops.run();
  std::cout << "listening on ws://" << options.address << ':' << server.port() << '/' << std::endl;

  int signal = 0;
  sigwait(&ending, &signal);
  boost::asio::co_spawn(loops.executors().front(), server.drain(std::chrono::seconds(1)),
                        boost::asio::use_future)
      .get();
  loops.stop();
  return EXIT_SUCCESS;
}
