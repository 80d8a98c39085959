#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ports/virus_scanner.hpp"

namespace izpo::clamd {

// Where clamd listens: a Unix socket's path, or a host and a port.
struct Address {
  std::string path;  // empty: host and port
  std::string host;
  std::string port;
};

// "/run/clamav/clamd.ctl", "localhost:3310", "[::1]:3310"; nullopt: none of them.
std::optional<Address> read_address(std::string_view text);

// ClamAV's clamd, by its INSTREAM command (clamd(8)): a connection for each file, which goes through it as it
// arrives. A step (connecting, a piece, the answer) that takes longer than `patience` ends the scan.
class VirusScanner final : public izpo::VirusScanner {
 public:
  VirusScanner(Address address, std::chrono::seconds patience)
      : address_(std::move(address)), patience_(patience) {}

  Task<Result<std::unique_ptr<VirusScan>>> begin() override;

 private:
  const Address address_;
  const std::chrono::seconds patience_;
};

}  // namespace izpo::clamd
