#include "adapters/system/password_hasher.hpp"

#include <crypt.h>
#include <sodium.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <string_view>

#include "adapters/system/sodium.hpp"
#include "base/use_task.hpp"
#include "domain/reasons.hpp"

namespace izpo::system {

namespace asio = boost::asio;

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBcryptBytes = 72;

class WipeAtEnd {
 public:
  explicit WipeAtEnd(std::string& secret) : secret_(secret) {}
  ~WipeAtEnd() { sodium_memzero(secret_.data(), secret_.size()); }
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;

 private:
  std::string& secret_;
};

Result<std::string> argon2_hash(const std::string& password, const HashingOptions& options) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), options.passes,
                            options.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(Error(reason::kOverloaded, "no memory to hash a password"));
  }
  return std::string(out.data());
}

PasswordCheck argon2_verify(const std::string& password, const std::string& hash,
                            const HashingOptions& options) {
  if (crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) != 0) {
    return PasswordCheck::kWrong;
  }
  return crypto_pwhash_str_needs_rehash(hash.c_str(), options.passes, options.memory_bytes) == 0
             ? PasswordCheck::kRight
             : PasswordCheck::kRightButOld;
}

PasswordCheck bcrypt_verify(const std::string& password, const std::string& hash) {
  if (password.contains('\0')) return PasswordCheck::kWrong;  // crypt(3) would stop there
  std::string cut = password.substr(0, kBcryptBytes);
  const WipeAtEnd wipe_cut(cut);
  const auto scratch = std::make_unique<crypt_data>();
  const char* made = crypt_r(cut.c_str(), hash.c_str(), scratch.get());
  const bool right = made != nullptr && std::string_view(made).size() == hash.size() &&
                     sodium_memcmp(made, hash.data(), hash.size()) == 0;
  sodium_memzero(scratch.get(), sizeof(crypt_data));
  return right ? PasswordCheck::kRightButOld : PasswordCheck::kWrong;
}

PasswordCheck check(const std::string& password, const std::string& hash, const HashingOptions& options) {
  if (hash.starts_with("$argon2")) return argon2_verify(password, hash, options);
  for (const std::string_view bcrypt : {"$2b$", "$2a$", "$2y$"}) {
    if (hash.starts_with(bcrypt)) return bcrypt_verify(password, hash);
  }
  return PasswordCheck::kWrong;
}

// The moment of a wrong answer: the first multiple of `step` after `start` that is still to come, so that
// also a late one is not told from another by its lateness.
Task<> wait_for_the_moment(SteadyClock::time_point start, std::chrono::milliseconds step) {
  const auto steps = (SteadyClock::now() - start) / step + 1;
  asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor> timer(
      co_await asio::this_coro::executor, start + steps * step);
  co_await timer.async_wait(kUseTask);
}

}  // namespace

Argon2PasswordHasher::Argon2PasswordHasher(HashingOptions options)
    : options_(options),
      pool_(options.threads, options.most_waiting,
            {.full = reason::kOverloaded, .stopping = reason::kShuttingDown, .failed = reason::kInternal}) {
  require_sodium();
}

Task<Result<std::string>> Argon2PasswordHasher::hash(std::string password) {
  const WipeAtEnd wipe(password);
  co_return co_await pool_.run([&] { return argon2_hash(password, options_); });
}

Task<Result<PasswordCheck>> Argon2PasswordHasher::verify(std::string password, std::string hash) {
  const WipeAtEnd wipe(password);
  const auto start = SteadyClock::now();
  auto answer =
      co_await pool_.run([&]() -> Result<PasswordCheck> { return check(password, hash, options_); });
  if (answer && *answer == PasswordCheck::kWrong) {
    co_await wait_for_the_moment(start, options_.wrong_answer_after);
  }
  co_return answer;
}

Task<Result<void>> Argon2PasswordHasher::pretend(std::string password) {
  const WipeAtEnd wipe(password);
  const auto start = SteadyClock::now();
  // Making a hash costs what comparing with one does.
  IZPO_CO_CHECK(co_await pool_.run([&] { return argon2_hash(password, options_); }));
  co_await wait_for_the_moment(start, options_.wrong_answer_after);
  co_return Result<void>{};
}

}  // namespace izpo::system
