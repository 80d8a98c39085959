#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/gcs/http_client.hpp"
#include "adapters/gcs/storage.hpp"
#include "ports/blobs.hpp"
#include "ports/clock.hpp"
#include "ports/random.hpp"

namespace izpo::gcs {

struct BlobOptions {
  std::string bucket;
  std::string endpoint = "https://storage.googleapis.com";  // without a slash at its end
  bool emulator = false;                                    // STORAGE_EMULATOR_HOST: it asks for no login
  std::string credentials_file;  // a service account's key; empty: the machine's own account
  std::string metadata_host = "metadata.google.internal";
  bool direct_downloads = false;  // signed links instead of reading through this server
  std::string mark;               // of this database: what it did not store is never listed
  HttpOptions http;
  Patience patience;
};

// Blobs as private objects of one bucket, called as their label's stored_filename.
//
// Made after the loops and destroyed before them, when no writer and no reader lives any more.
class Blobs final : public izpo::Blobs {
 public:
  // Reads the credentials; asks nobody. Fails with one line for the operator.
  static std::expected<std::unique_ptr<Blobs>, std::string> open(BlobOptions options, const Clock& clock,
                                                                 Random& random);
  ~Blobs() override;

  // Whether the bucket is there and this server has its rights. Fails with kStorageUnavailable; the detail is
  // one line for the operator, and without a retry_after it will not pass by itself.
  Task<Result<void>> check();

  // The server stops: whoever waits for the storage fails with kShuttingDown.
  void give_up();

  Task<Result<std::unique_ptr<BlobWriter>>> create(BlobLabel label) override;
  Task<Result<std::unique_ptr<BlobReader>>> open(std::string name) override;

  // Starts at a multiple of a quarter of its lifetime, so that it is the same within that; good for three
  // quarters at least.
  Task<Result<std::optional<std::string>>> direct_link(std::string name, DirectLink how) override;

  Task<Result<void>> remove(std::string name, Timestamp unless_since) override;
  Task<Result<std::vector<Listed>>> list(std::string after, std::size_t most) override;

  struct State;

 private:
  explicit Blobs(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// Whether it has the form of a stored_filename: YYYY/MM/DD/ and a name of letters, digits, '.', '_' and '-'.
bool is_object_name(std::string_view name);

}  // namespace izpo::gcs
