#include <fmt/format.h>

#include <array>
#include <optional>

#include "api/file_answer.hpp"
#include "api/file_path.hpp"
#include "api/routes.hpp"

namespace izpo::api {

namespace {

struct LinkPath {
  FileId id;
  std::string link;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(LinkPath, (), (id, link, name))

struct LinkParameters {
  std::optional<std::int64_t> size;

  static constexpr std::array kRules{
      schema::Rule{.field = "size",
                   .description = "320 or 1280: a WebP of at most so many pixels on each side instead, of an "
                                  "image that has a `thumbnail_url`."}};
};
BOOST_DESCRIBE_STRUCT(LinkParameters, (), (size))

constexpr std::int64_t kYear = 365LL * 24 * 60 * 60;  // seconds

Task<Result<Response>> download(Call& call, Path<FilePath> path) {
  IZPO_CO_TRY(File file, co_await call.services.files.get(*call.caller, path->id));
  // Whether the caller may is asked each time, so a cache asks too.
  co_return co_await file_answer(call, std::move(file), "private, no-cache");
}

Task<Result<Response>> follow_link(Call& call, Path<LinkPath> path, Parameters<LinkParameters> parameters) {
  IZPO_CO_TRY(auto linked, co_await call.services.files.get_by_link(path->id, path->link));
  const std::int64_t age = linked.good_for ? linked.good_for->count() : kYear;
  std::string caching = fmt::format("private, max-age={}, immutable", age);
  if (const auto size = parameters.value.size) {
    const int side = *size == kPreviewSide || *size == kThumbnailSide ? static_cast<int>(*size) : 0;
    co_return co_await thumbnail_answer(call, linked.file, side, std::move(caching));
  }
  co_return co_await file_answer(call, std::move(linked.file), std::move(caching));
}

}  // namespace

void add_downloads(Routes& routes) {
  routes.add(Method::kGet, "/api/uploads/{id}/download",
             {.name = "download_file",
              .tag = "files",
              .summary = "The bytes of a file",
              .description =
                  "For who uploaded it, and who may read a room where it was posted. Takes `Range` "
                  "(one range: 206) and conditional requests (304). With GCS_DIRECT_DOWNLOADS, it leads to "
                  "the storage (307).",
              .more_statuses = {206, 304, 307},
              .media_type = "application/octet-stream",
              .errors = {reason::kFileNotFound, reason::kRangeNotSatisfiable}},
             download);
  routes.add(
      Method::kGet, "/files/{id}/{link}/{name...}",
      {.name = "follow_link",
       .tag = "files",
       .summary = "The bytes of a file, by its `public_url`",
       .description = "Needs no login: the link is signed. `name` is for people and not looked at. With "
                      "GCS_DIRECT_DOWNLOADS, it leads to the storage (307).",
       .auth = Auth::kNone,
       .more_statuses = {206, 304, 307},
       .media_type = "application/octet-stream",
       .errors = {reason::kFileNotFound, reason::kLinkExpired, reason::kNoThumbnail,
                  reason::kRangeNotSatisfiable}},
      follow_link);
}

}  // namespace izpo::api
