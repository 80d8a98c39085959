#include "app/uploads.hpp"

#include <stdexcept>
#include <utility>

#include "adapters/clamd/virus_scanner.hpp"
#include "adapters/disk/blobs.hpp"
#include "adapters/gcs/blobs.hpp"
#include "app/block_on.hpp"
#include "base/log.hpp"

namespace izpo::app {

namespace {

gcs::BlobOptions bucket_options(const Settings& settings, const std::string& epoch) {
  gcs::BlobOptions options;
  options.bucket = *settings.gcs_bucket_name;
  options.endpoint = settings.storage_emulator_host.value_or(settings.gcs_endpoint);
  options.emulator = settings.storage_emulator_host.has_value();
  options.credentials_file = settings.google_application_credentials.value_or("");
  options.metadata_host = settings.gce_metadata_host;
  options.direct_downloads = settings.gcs_direct_downloads;
  options.mark = epoch;
  return options;
}

std::unique_ptr<Blobs> open_bucket(const Settings& settings, Backend& backend, boost::asio::io_context& loop,
                                   const std::string& epoch) {
  auto opened = gcs::Blobs::open(bucket_options(settings, epoch), backend.clock, backend.random);
  if (!opened) throw std::runtime_error(opened.error());
  if (const auto checked = block_on(loop, (*opened)->check()); !checked) {
    // Chat goes on while the storage is away.
    if (checked.error().retry_after.count() == 0) throw std::runtime_error(checked.error().log_detail);
    spdlog::warn(
        "files can be neither stored nor read now: {}; until that has passed, those requests get 503",
        checked.error().log_detail);
  }
  spdlog::info("files are in the bucket {} at {}", *settings.gcs_bucket_name,
               settings.storage_emulator_host.value_or(settings.gcs_endpoint));
  return *std::move(opened);
}

std::unique_ptr<Blobs> open_blobs(const Settings& settings, Backend& backend, boost::asio::io_context& loop,
                                  const std::string& epoch) {
  if (settings.gcs_bucket_name) return open_bucket(settings, backend, loop, epoch);
  auto opened = disk::Blobs::open(settings.data_dir / "blobs", backend.clock, backend.random);
  if (!opened) throw std::runtime_error(opened.error().log_detail);
  return *std::move(opened);
}

services::FileRules file_rules(const Settings& settings) {
  services::FileRules rules;
  rules.max_file_size = settings.max_file_size;
  if (settings.user_quota > 0) rules.user_quota = settings.user_quota;
  rules.grace = settings.file_grace;
  rules.unscanned_pass = settings.clamd_down == "allow";
  return rules;
}

std::unique_ptr<VirusScanner> make_scanner(const Settings& settings) {
  if (!settings.clamd_address) return nullptr;
  spdlog::info("uploads are scanned by clamd at {}", *settings.clamd_address);
  return std::make_unique<clamd::VirusScanner>(clamd::read_address(*settings.clamd_address).value(),
                                               settings.clamd_timeout);
}

}  // namespace

Uploads::Uploads(const Settings& settings, Backend& backend, boost::asio::io_context& loop,
                 const std::string& epoch)
    : blobs(open_blobs(settings, backend, loop, epoch)),
      scanner(make_scanner(settings)),
      files({.files = backend.store->files(),
             .blobs = *blobs,
             .sniffer = sniffer,
             .access = backend.access,
             .links = backend.links,
             .log = backend.write_queue,
             .clock = backend.clock,
             .random = backend.random,
             .scanner = scanner.get()},
            file_rules(settings)),
      thumbnailing(settings, {.blobs = *blobs,
                              .files = backend.store->files(),
                              .clock = backend.clock,
                              .random = backend.random}) {}

void Uploads::give_up() {
  if (auto* bucket = dynamic_cast<gcs::Blobs*>(blobs.get())) bucket->give_up();
}

}  // namespace izpo::app
