#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/file.hpp"
#include "ports/clock.hpp"
#include "ports/file_links.hpp"

namespace izpo::services {

// Links that carry their own right: /files/<id>/<expires>-<signature>/<name>. The signature is 128 bits of an
// HMAC-SHA256 over the file's id, its stored name and the end of the link, under a key derived from the
// server's secret. Within a quarter of their lifetime all links of a file are the same, so that caches hit.
class SignedLinks final : public FileLinks {
 public:
  // `lifetime`: a link is good for three quarters of it at least; nullopt: for ever. `thumbnails`: whether
  // images have them. `own_url`: what the public_url of files in this server's storage began with in earlier
  // versions, or empty.
  SignedLinks(std::string_view secret_key, std::optional<std::chrono::seconds> lifetime, const Clock& clock,
              bool thumbnails = false, std::string own_url = {});

  std::string link(const File& file, std::string_view base_url) const override;
  bool has_thumbnails(const File& file) const override;

  // Where the bytes are, in ports/blobs. A file that was taken over from an earlier version does not say so,
  // but if its public_url names this server's storage, it is there under its stored name. Empty: not here.
  std::string blob_of(const File& file) const;

  // Whether `token` is the signed segment of a link to `file`, and how long it is still good; nullopt: for
  // ever. Fails with kFileNotFound (a wrong signature tells nothing) and kLinkExpired.
  Result<std::optional<std::chrono::seconds>> check(const File& file, std::string_view token) const;

 private:
  std::string signature(const File& file, std::int64_t expires) const;

  std::string key_;
  std::optional<std::chrono::seconds> lifetime_;
  const Clock& clock_;
  bool thumbnails_;
  std::string own_url_;
};

}  // namespace izpo::services
