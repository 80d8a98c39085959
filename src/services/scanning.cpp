#include "services/scanning.hpp"

#include <utility>

#include "base/log.hpp"
#include "domain/reasons.hpp"

namespace izpo::services {

Result<void> Scanning::without(const Error& error) {
  scan_.reset();
  const auto count = ++counts_.unscanned;
  spdlog::warn("virus scanner: a file of user {} was not scanned and is {} ({} so far): {}", uploader_.value,
               lets_pass_ ? "let pass" : "refused", count, error.log_detail);
  if (lets_pass_) return {};
  return fail(reason::kScannerUnavailable);
}

Task<Result<void>> Scanning::begin() {
  if (scanner_ == nullptr) co_return Result<void>{};
  auto begun = co_await scanner_->begin();
  if (!begun) co_return without(begun.error());
  scan_ = *std::move(begun);
  co_return Result<void>{};
}

Task<Result<void>> Scanning::write(std::span<const char> bytes) {
  if (!scan_) co_return Result<void>{};
  if (const auto written = co_await scan_->write(bytes); !written) co_return without(written.error());
  co_return Result<void>{};
}

Task<Result<void>> Scanning::finish(const std::string& filename) {
  if (!scan_) co_return Result<void>{};
  const auto found = co_await scan_->finish();
  if (!found) co_return without(found.error());
  scan_.reset();
  if (!*found) {
    ++counts_.clean;
    co_return Result<void>{};
  }
  const auto count = ++counts_.infected;
  spdlog::warn("virus scanner: {} in a file of user {}, refused ({} so far)", **found, uploader_.value,
               count);
  Error error(reason::kFileInfected);
  error.details = {{"filename", filename}, {"signature", **found}};
  co_return fail(std::move(error));
}

}  // namespace izpo::services
