#include "adapters/gcs/blobs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <utility>

#include "adapters/gcs/download.hpp"
#include "adapters/gcs/encoding.hpp"
#include "adapters/gcs/refusal.hpp"
#include "adapters/gcs/service_account.hpp"
#include "adapters/gcs/signed_url.hpp"
#include "adapters/gcs/upload.hpp"
#include "base/text.hpp"
#include "domain/reasons.hpp"

namespace izpo::gcs {

namespace {

constexpr std::size_t kMostName = 200;
constexpr std::size_t kMostListed = 1000;  // the storage's own limit
constexpr std::array<std::string_view, 4> kRights{"storage.objects.create", "storage.objects.delete",
                                                  "storage.objects.get", "storage.objects.list"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// An answer's body; an empty object when it is none.
boost::json::object object_of(const HttpAnswer& answer) {
  boost::system::error_code broken;
  auto value = boost::json::parse(answer.body, broken);
  return !broken && value.is_object() ? std::move(value.get_object()) : boost::json::object();
}

std::string mark_of(const boost::json::object& object) {
  const auto* metadata = object.if_contains("metadata");
  return metadata != nullptr && metadata->is_object() ? text_member(metadata->get_object(), kMarkName)
                                                      : std::string();
}

std::unexpected<Error> misconfigured(std::string line) {
  return fail(Error(reason::kStorageUnavailable, std::move(line)));
}

}  // namespace

bool is_object_name(std::string_view name) {
  static constexpr std::string_view kForm = "dddd/dd/dd/";
  if (name.size() <= kForm.size() || name.size() > kMostName) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == 'd' ? !is_digit(name[i]) : name[i] != kForm[i]) return false;
  }
  return std::ranges::all_of(name.substr(kForm.size()), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  });
}

struct Blobs::State {
  State(BlobOptions given, std::optional<ServiceAccount> key, const Clock& given_clock, Random& random)
      : options(std::move(given)),
        account(std::move(key)),
        clock(given_clock),
        http(options.http),
        pool(2, 1024,
             {.full = reason::kOverloaded, .stopping = reason::kShuttingDown, .failed = reason::kInternal}),
        storage(http, options.endpoint, options.bucket, make_token(), random, options.patience),
        shared{.storage = storage, .pool = pool, .mark = options.mark} {}

  std::unique_ptr<AccessToken> make_token() {
    if (options.emulator) return nullptr;
    std::unique_ptr<TokenSource> source;
    if (account) {
      source = std::make_unique<AssertionSource>(http, *account, clock);
    } else {
      source = std::make_unique<MetadataSource>(http, options.metadata_host);
    }
    return std::make_unique<AccessToken>(std::move(source), clock);
  }

  std::string who() const { return account ? account->email() : "this machine's service account"; }
  Task<Result<void>> check_rights();

  const BlobOptions options;
  const std::optional<ServiceAccount> account;
  const Clock& clock;
  HttpClient http;
  WorkerPool pool;
  Storage storage;
  Shared shared;
};

std::expected<std::unique_ptr<Blobs>, std::string> Blobs::open(BlobOptions options, const Clock& clock,
                                                               Random& random) {
  std::optional<ServiceAccount> account;
  if (!options.credentials_file.empty()) {
    auto read = ServiceAccount::read(options.credentials_file);
    if (!read) {
      return std::unexpected(
          fmt::format("GOOGLE_APPLICATION_CREDENTIALS=\"{}\" {}", options.credentials_file, read.error()));
    }
    account.emplace(*std::move(read));
  }
  if (options.direct_downloads && !account) {
    return std::unexpected(
        "GCS_DIRECT_DOWNLOADS signs links with a service account's key: name its file in "
        "GOOGLE_APPLICATION_CREDENTIALS, or turn them off");
  }
  return std::unique_ptr<Blobs>(
      new Blobs(std::make_unique<State>(std::move(options), std::move(account), clock, random)));
}

Blobs::Blobs(std::unique_ptr<State> state) : state_(std::move(state)) {}

Blobs::~Blobs() = default;

void Blobs::give_up() {
  state_->http.give_up();
}

Task<Result<void>> Blobs::check() {
  const std::string& bucket = state_->options.bucket;
  auto answer = co_await state_->storage.once(
      {.url = state_->storage.objects_url("?maxResults=1&fields=nextPageToken"), .headers = {}, .body = {}});
  if (!answer) co_return fail(std::move(answer).error());
  if (answer->status == 200) co_return co_await state_->check_rights();
  if (answer->status == 404) {
    co_return misconfigured(
        fmt::format("there is no bucket \"{}\" at {}: make it, or correct GCS_BUCKET_NAME", bucket,
                    state_->options.endpoint));
  }
  if (answer->status == 400) {
    co_return misconfigured(fmt::format(
        "\"{}\" cannot be a bucket: Google answers {}; correct GCS_BUCKET_NAME", bucket, said(*answer)));
  }
  if (answer->status == 403 || answer->status == 401) {
    co_return misconfigured(
        fmt::format("Google refuses {} the bucket \"{}\": {}; give it the role Storage Object User "
                    "(roles/storage.objectUser) there, or correct GCS_BUCKET_NAME",
                    state_->who(), bucket, said(*answer)));
  }
  co_return fail(refusal(fmt::format("cannot look at the bucket \"{}\"", bucket), *answer));
}

// Which of the rights are missing. A storage that cannot tell is believed.
Task<Result<void>> Blobs::State::check_rights() {
  std::string query;
  for (const std::string_view right : kRights)
    query += fmt::format("{}permissions={}", query.empty() ? "?" : "&", right);
  const auto answer = co_await storage.once(
      {.url = storage.bucket_url("/iam/testPermissions" + query), .headers = {}, .body = {}});
  if (!answer || answer->status != 200) co_return Result<void>{};
  const auto object = object_of(*answer);
  const auto* granted = object.if_contains("permissions");
  std::vector<std::string_view> missing;
  for (const std::string_view right : kRights) {
    const bool has = granted != nullptr && granted->is_array() &&
                     std::ranges::any_of(granted->get_array(), [right](const boost::json::value& one) {
                       return one.is_string() && std::string_view(one.get_string()) == right;
                     });
    if (!has) missing.push_back(right);
  }
  if (missing.empty()) co_return Result<void>{};
  co_return misconfigured(
      fmt::format("{} lacks {} on the bucket \"{}\": give it the role Storage Object User "
                  "(roles/storage.objectUser) there",
                  who(), fmt::join(missing, ", "), options.bucket));
}

Task<Result<std::unique_ptr<BlobWriter>>> Blobs::create(BlobLabel label) {
  co_return std::make_unique<Upload>(state_->shared, std::move(label));
}

Task<Result<std::unique_ptr<BlobReader>>> Blobs::open(std::string name) {
  if (!is_object_name(name)) co_return fail(reason::kFileNotFound);
  co_return co_await Download::open(state_->shared, std::move(name));
}

Task<Result<std::optional<std::string>>> Blobs::direct_link(std::string name, DirectLink how) {
  if (!state_->options.direct_downloads || !is_object_name(name)) co_return std::nullopt;
  const std::chrono::seconds window = std::max(how.lifetime / 4, std::chrono::seconds(1));
  const auto now = std::chrono::floor<std::chrono::seconds>(state_->clock.now());
  const UrlToSign what{.endpoint = state_->options.endpoint,
                       .bucket = state_->options.bucket,
                       .object = std::move(name),
                       .query = {{"response-content-disposition", how.content_disposition},
                                 {"response-content-type", how.content_type}},
                       .from = Timestamp(now - now.time_since_epoch() % window),
                       .lifetime = how.lifetime};
  co_return co_await state_->pool.run(
      [this, &what]() -> Result<std::optional<std::string>> { return signed_url(*state_->account, what); });
}

Task<Result<void>> Blobs::remove(std::string name, Timestamp unless_since) {
  if (!is_object_name(name)) co_return Result<void>{};
  IZPO_CO_TRY(const HttpAnswer seen,
              co_await state_->storage.call(
                  {.url = state_->storage.object_url(name, "?fields=generation,timeCreated"),
                   .headers = {},
                   .body = {}}));
  if (seen.status == 404) co_return Result<void>{};
  if (seen.status != 200) co_return fail(refusal("cannot remove a file", seen));
  const auto object = object_of(seen);
  const std::string generation = text_member(object, "generation");
  const auto stored_at = parse_time(text_member(object, "timeCreated"));
  if (generation.empty() || !stored_at)
    co_return misconfigured("cannot remove a file: the storage does not say when it was stored");
  if (*stored_at > unless_since) co_return Result<void>{};
  IZPO_CO_TRY(const HttpAnswer answer,
              co_await state_->storage.call({.method = "DELETE",
                                             .url = state_->storage.object_url(
                                                 name, "?ifGenerationMatch=" + percent_encoded(generation)),
                                             .headers = {},
                                             .body = {}}));
  // 412: it was stored again meanwhile, and stays.
  const bool done = answer.status < 300 || answer.status == 404 || answer.status == 412;
  if (!done) co_return fail(refusal("cannot remove a file", answer));
  co_return Result<void>{};
}

Task<Result<std::vector<izpo::Blobs::Listed>>> Blobs::list(std::string after, std::size_t most) {
  // Only what begins with a year is asked for.
  const std::string start = std::max(after, std::string("1"));
  std::string page;
  for (;;) {
    std::string query = fmt::format(
        "?maxResults={}&startOffset={}&endOffset=%3A&fields=items(name,timeCreated,metadata),nextPageToken",
        std::min(most + 1, kMostListed), percent_encoded(start));
    if (!page.empty()) query += "&pageToken=" + percent_encoded(page);
    IZPO_CO_TRY(const HttpAnswer answer,
                co_await state_->storage.call(
                    {.url = state_->storage.objects_url(query), .headers = {}, .body = {}}));
    if (answer.status != 200) co_return fail(refusal("cannot list the files", answer));
    const auto object = object_of(answer);
    std::vector<Listed> listed;
    if (const auto* items = object.if_contains("items"); items != nullptr && items->is_array()) {
      for (const auto& item : items->get_array()) {
        if (!item.is_object() || mark_of(item.get_object()) != state_->options.mark) continue;
        std::string name = text_member(item.get_object(), "name");
        const auto stored_at = parse_time(text_member(item.get_object(), "timeCreated"));
        if (!stored_at || name <= after || !is_object_name(name)) continue;
        listed.push_back({.name = std::move(name), .stored_at = *stored_at});
      }
    }
    if (!listed.empty()) {
      std::ranges::sort(listed, {}, &Listed::name);
      if (listed.size() > most) listed.resize(most);
      co_return listed;
    }
    page = text_member(object, "nextPageToken");
    if (page.empty()) co_return listed;
  }
}

}  // namespace izpo::gcs
