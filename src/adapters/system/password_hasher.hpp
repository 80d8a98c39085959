#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "base/worker_pool.hpp"
#include "ports/password_hasher.hpp"

namespace izpo::system {

struct HashingOptions {
  // Argon2id with one lane, the second of the OWASP recommendations (Password Storage Cheat Sheet): 17 to 27
  // ms on the machine it was measured on.
  unsigned long long passes = 2;
  std::size_t memory_bytes = std::size_t{19} * 1024 * 1024;

  // When a wrong password is answered, counted from the call. bcrypt of cost 12, the dearest that existing
  // accounts have, takes 250 to 295 ms there, and two run beside each other.
  std::chrono::milliseconds wrong_answer_after{500};

  std::size_t threads = 2;
  std::size_t most_waiting = 256;  // in the worst case all with bcrypt: 40 s
};

// Passwords by libsodium's Argon2id. Reads besides the bcrypt hashes that accounts from before have ($2a$,
// $2b$, $2y$): right, but old. Passwords that are longer than bcrypt's 72 bytes are cut for it, as they were
// when such a hash was made. The copies of a password made here are wiped.
class Argon2PasswordHasher : public PasswordHasher {
 public:
  explicit Argon2PasswordHasher(HashingOptions options = {});

  Task<Result<std::string>> hash(std::string password) override;
  Task<Result<PasswordCheck>> verify(std::string password, std::string hash) override;
  Task<Result<void>> pretend(std::string password) override;

 private:
  const HashingOptions options_;
  WorkerPool pool_;
};

}  // namespace izpo::system
