#include <utility>

#include "api/multipart_reader.hpp"
#include "api/objects.hpp"
#include "api/routes.hpp"
#include "api/texts.hpp"
#include "domain/text.hpp"
#include "wire/multipart.hpp"

namespace izpo::api {

namespace {

struct UploadErrorJson {
  std::string filename;
  std::string error;
  std::string code;

  static constexpr std::string_view kName = "UploadError";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "filename", .example = R"("plano.exe")"},
      schema::Rule{.field = "error", .description = "A sentence for a person."},
      schema::Rule{.field = "code", .description = "As in any other problem.", .example = R"("empty_file")"}};
};
BOOST_DESCRIBE_STRUCT(UploadErrorJson, (), (filename, error, code))

struct UploadedFilesJson {
  std::vector<FileJson> uploaded_files;
  std::int64_t total_uploaded = 0;
  std::int64_t total_files = 0;
  std::optional<std::vector<UploadErrorJson>> errors;

  static constexpr std::string_view kName = "UploadedFiles";
  static constexpr bool kAnswer = true;
  static constexpr std::array kRules{
      schema::Rule{.field = "total_uploaded", .description = "How many were kept."},
      schema::Rule{.field = "total_files", .description = "How many were sent."},
      schema::Rule{.field = "errors", .description = "Of those that were not kept; null when all were."}};
};
BOOST_DESCRIBE_STRUCT(UploadedFilesJson, (), (uploaded_files, total_uploaded, total_files, errors))

// The part that is being read.
class PartSource final : public services::FileSource {
 public:
  explicit PartSource(MultipartReader& form) : form_(form) {}
  Task<Result<std::string_view>> next() override { return form_.read(); }
  std::string_view next_ready() override { return form_.read_ready(); }

 private:
  MultipartReader& form_;
};

// Besides the files a form has some heads and boundaries.
constexpr std::uint64_t kFormBytes = std::uint64_t{1} << 20;

Error missing(const char* field) {
  Error error(reason::kValidation);
  error.fields.push_back({{"body", field}, "missing", ""});
  return error;
}

// The form of an upload: nothing of it is read before this has said yes. Clients that cannot hear an answer
// while they send are heard out, up to twice what is allowed.
Result<std::string> open_form(Call& call, const char* field, std::int64_t files) {
  const auto& rules = call.services.files.rules();
  const auto most = static_cast<std::uint64_t>(rules.max_file_size * files) + kFormBytes;
  call.request.discarded_body = 2 * most;
  auto boundary = wire::multipart_boundary(call.request.headers.find("Content-Type").value_or(""));
  if (!boundary) return fail(missing(field));
  if (const auto size = call.request.body->declared_size(); size && *size > most)
    return fail(call.services.files.too_large());
  return *std::move(boundary);
}

FileJson shown_file(const Call& call, File file) {
  return file_json(std::move(file), user_json(call.caller->user, call.viewer()), call.links());
}

Task<Result<FileJson>> upload(Call& call) {
  IZPO_CO_TRY(const std::string boundary, open_form(call, "file", 1));
  IZPO_CO_TRY(const auto place, call.services.files.begin_upload());
  MultipartReader form(*call.request.body, boundary);
  PartSource source(form);
  std::optional<services::ReceivedFile> received;
  for (;;) {
    IZPO_CO_TRY(auto part, co_await form.next_part());
    if (!part) break;
    if (received || part->name != "file" || !part->filename) continue;
    IZPO_CO_TRY(received,
                co_await call.services.files.receive(*call.caller, *std::move(part->filename), source));
  }
  if (!received) co_return fail(missing("file"));
  IZPO_CO_TRY(File file, co_await call.services.files.keep(*std::move(received)));
  co_return shown_file(call, std::move(file));
}

// A failure that is one file's own, and not the request's or the server's.
bool is_of_the_file(const Reason& reason) {
  return reason == reason::kTypeNotAllowed || reason == reason::kTypeMismatch ||
         reason == reason::kEmptyFile || reason == reason::kFileTooLarge ||
         reason == reason::kQuotaExceeded || reason == reason::kFileInfected;
}

struct Sent {
  std::string filename;
  Result<services::ReceivedFile> received;
};

// All of the form's files, unless there are too many: then none.
Task<Result<std::vector<Sent>>> receive_all(Call& call, MultipartReader& form) {
  services::Files& files = call.services.files;
  PartSource source(form);
  std::vector<Sent> all;
  for (;;) {
    IZPO_CO_TRY(auto part, co_await form.next_part());
    if (!part) co_return all;
    if (part->name != "files" || !part->filename) continue;
    if (std::cmp_equal(all.size(), files.rules().max_files)) {
      Error error(reason::kTooManyFiles);
      error.details.push_back({"max_files", files.rules().max_files});
      co_return fail(std::move(error));
    }
    std::string filename = *std::move(part->filename);
    auto received = co_await files.receive(*call.caller, filename, source);
    if (!received && !is_of_the_file(received.error().reason)) co_return fail(std::move(received).error());
    all.push_back({.filename = std::move(filename), .received = std::move(received)});
  }
}

Task<Result<UploadedFilesJson>> upload_several(Call& call) {
  services::Files& files = call.services.files;
  IZPO_CO_TRY(const std::string boundary, open_form(call, "files", files.rules().max_files));
  IZPO_CO_TRY(const auto place, files.begin_upload());
  MultipartReader form(*call.request.body, boundary);
  IZPO_CO_TRY(std::vector<Sent> all, co_await receive_all(call, form));
  if (all.empty()) co_return fail(missing("files"));

  UploadedFilesJson answer;
  answer.total_files = std::ssize(all);
  for (Sent& sent : all) {
    Result<File> kept = fail(reason::kInternal);
    if (sent.received) {
      kept = co_await files.keep(*std::move(sent.received));
      if (!kept && !is_of_the_file(kept.error().reason)) co_return fail(std::move(kept).error());
    } else {
      kept = fail(std::move(sent.received).error());
    }
    if (kept) {
      answer.uploaded_files.push_back(shown_file(call, *std::move(kept)));
    } else {
      if (!answer.errors) answer.errors.emplace();
      answer.errors->push_back({.filename = clean_file_name(sent.filename),
                                .error = sentence(kept.error(), call.language),
                                .code = std::string(kept.error().reason.name)});
    }
  }
  answer.total_uploaded = std::ssize(answer.uploaded_files);
  co_return answer;
}

}  // namespace

void add_uploads(Routes& routes) {
  routes.add(
      Method::kPost, "/api/uploads",
      {.name = "upload",
       .tag = "files",
       .summary = "Upload a file",
       .description = "The first part called `file` that has a file name. The type is judged by the name "
                      "and by the content, which must agree. What is too large is a 413 that says how "
                      "much may be sent.",
       .status = 201,
       .errors = {reason::kTypeNotAllowed, reason::kTypeMismatch, reason::kEmptyFile, reason::kMalformedForm,
                  reason::kFileTooLarge, reason::kQuotaExceeded, reason::kFileInfected,
                  reason::kScannerUnavailable, reason::kValidation},
       .form_file = "file"},
      upload);
  routes.add(
      Method::kPost, "/api/uploads/multiple",
      {.name = "upload_several",
       .tag = "files",
       .summary = "Upload up to ten files",
       .description = "The parts called `files`. Each is kept or refused by itself; with too many, or a "
                      "form that is cut off, none is kept.",
       .status = 201,
       .errors = {reason::kTooManyFiles, reason::kMalformedForm, reason::kFileTooLarge,
                  reason::kScannerUnavailable, reason::kValidation},
       .form_file = "files"},
      upload_several);
}

}  // namespace izpo::api
