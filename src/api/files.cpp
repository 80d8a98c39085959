#include <algorithm>

#include "api/file_path.hpp"
#include "api/objects.hpp"
#include "api/pages.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"
#include "domain/file_type.hpp"

namespace izpo::api {

namespace {

struct UsageJson {
  std::int64_t used = 0;
  std::int64_t files = 0;
  std::optional<std::int64_t> quota;

  static constexpr std::string_view kName = "Usage";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "used", .description = "Bytes that your files take.", .example = "482130"},
      schema::Rule{.field = "files", .description = "How many they are.", .example = "3"},
      schema::Rule{.field = "quota", .description = "Bytes that they may take; null: as many as you like."}};
};
BOOST_DESCRIBE_STRUCT(UsageJson, (), (used, files, quota))

struct CategoriesJson {
  std::vector<std::string> documents;
  std::vector<std::string> images;
  std::vector<std::string> audio;
  std::vector<std::string> video;
  std::vector<std::string> archives;

  static constexpr std::string_view kName = "FileCategories";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(CategoriesJson, (), (documents, images, audio, video, archives))

struct AllowedTypesJson {
  std::vector<std::string> allowed_types;
  std::int64_t max_file_size_mb = 0;
  std::int64_t max_size_mb = 0;
  std::int64_t max_files = 0;
  CategoriesJson categories;

  static constexpr std::string_view kName = "AllowedTypes";
  static constexpr bool kAnswer = true;
};
BOOST_DESCRIBE_STRUCT(AllowedTypesJson, (),
                      (allowed_types, max_file_size_mb, max_size_mb, max_files, categories))

using FilePage = PageParameters<kDefaultShortPage>;

Task<Result<std::vector<FileJson>>> my_files(Call& call, Parameters<FilePage> parameters) {
  IZPO_CO_TRY(const auto page, page_of(parameters.value));
  IZPO_CO_TRY(auto files, co_await call.services.files.list(*call.caller, page));
  const UserJson uploader = user_json(call.caller->user, call.viewer());
  const Links links = call.links();
  std::vector<FileJson> shown;
  shown.reserve(files.size());
  for (File& file : files) shown.push_back(file_json(std::move(file), uploader, links));
  co_return shown;
}

Task<Result<FileJson>> get_file(Call& call, Path<FilePath> path) {
  IZPO_CO_TRY(File file, co_await call.services.files.get(*call.caller, path->id));
  User uploader = call.caller->user;
  if (file.uploader != uploader.id) {
    IZPO_CO_TRY(uploader, co_await call.services.accounts.get(file.uploader));
  }
  co_return file_json(std::move(file), user_json(std::move(uploader), call.viewer()), call.links());
}

Task<Result<NoticeJson>> delete_file(Call& call, Path<FilePath> path) {
  IZPO_CO_CHECK(co_await call.services.files.remove(*call.caller, path->id));
  co_return NoticeJson{std::string(sentence(Phrase::kFileDeleted, call.language))};
}

Task<Result<UsageJson>> usage(Call& call) {
  IZPO_CO_TRY(const FileUsage usage, co_await call.services.files.usage(*call.caller));
  co_return UsageJson{
      .used = usage.bytes, .files = usage.files, .quota = call.services.files.rules().user_quota};
}

std::vector<std::string> types_of(std::optional<FileCategory> category) {
  std::vector<std::string> types;
  for (const FileType& type : allowed_file_types()) {
    const bool wanted = !category || type.category == *category;
    if (wanted && std::ranges::find(types, type.mime) == types.end()) types.emplace_back(type.mime);
  }
  return types;
}

Task<Result<AllowedTypesJson>> allowed_types(Call& call) {
  const services::FileRules& rules = call.services.files.rules();
  const std::int64_t megabytes = rules.max_file_size >> 20;
  co_return AllowedTypesJson{.allowed_types = types_of(std::nullopt),
                             .max_file_size_mb = megabytes,
                             .max_size_mb = megabytes,
                             .max_files = rules.max_files,
                             .categories = {.documents = types_of(FileCategory::kDocuments),
                                            .images = types_of(FileCategory::kImages),
                                            .audio = types_of(FileCategory::kAudio),
                                            .video = types_of(FileCategory::kVideo),
                                            .archives = types_of(FileCategory::kArchives)}};
}

}  // namespace

void add_files(Routes& routes) {
  routes.add(Method::kGet, "/api/users/me/files",
             {.name = "my_files", .tag = "files", .summary = "The files that you uploaded"}, my_files);
  routes.add(Method::kGet, "/api/users/me/usage",
             {.name = "my_usage", .tag = "files", .summary = "The space that your files take"}, usage);
  routes.add(Method::kGet, "/api/uploads",
             {.name = "list_uploads", .tag = "files", .summary = "The files that you uploaded"}, my_files);
  routes.add(
      Method::kGet, "/api/uploads/types/allowed",
      {.name = "allowed_types", .tag = "files", .summary = "What may be uploaded", .auth = Auth::kNone},
      allowed_types);
  routes.add(Method::kGet, "/api/uploads/{id}",
             {.name = "get_file",
              .tag = "files",
              .summary = "A file",
              .description = "For who uploaded it, and who may read a room where it was posted.",
              .errors = {reason::kFileNotFound}},
             get_file);
  routes.add(Method::kDelete, "/api/uploads/{id}",
             {.name = "delete_file",
              .tag = "files",
              .summary = "Delete a file that you uploaded",
              .description = "The messages with it stay, and say that it is gone.",
              .errors = {reason::kFileNotFound, reason::kNotUploader}},
             delete_file);
}

}  // namespace izpo::api
