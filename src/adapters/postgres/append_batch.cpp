#include "adapters/postgres/append_batch.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "adapters/postgres/transaction.hpp"
#include "adapters/sql/columns.hpp"
#include "domain/reasons.hpp"

namespace izpo::postgres {
namespace {

// How long a batch waits for a room that another transaction holds before it leaves that room out.
constexpr std::chrono::milliseconds kLockPatience{1000};
constexpr std::chrono::milliseconds kGrace{1000};

constexpr sql::Statement kLock("SELECT id FROM rooms WHERE id ", sql::in_ids(1),
                               " ORDER BY id FOR NO KEY UPDATE");
constexpr sql::Statement kLockFree("SELECT id FROM rooms WHERE id ", sql::in_ids(1),
                                   " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED");

// Judges each message, numbers those that may be stored, and stores them. $1 to $5 are lists, an entry for
// each message; $6 is the time. Within a room ids are drawn in the order of the numbers. What was worked out
// for a message stays in its row, so that nothing is joined but by an index: a batch of hundreds would be
// compared with itself. The sequence is looked up once: nextval of a text would look for it in each row.
constexpr sql::Statement kAppend(
    "WITH judged AS ("
    "SELECT i.n, i.room_id, i.sender_id, i.content, i.client_id, i.file_id, r.is_private, r.last_seq, "
    "m.user_id AS member_id, m.removed_at, u.is_active, u.username, u.full_name, x.id AS first_id, "
    "r.id IS NOT NULL AND u.is_active AND m.user_id IS NOT NULL AND m.removed_at IS NULL AND x.id IS NULL "
    "AND (i.file_id IS NULL OR f.uploader_id = i.sender_id) AS fresh "
    "FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS i (room_id, sender_id, content, client_id, file_id, "
    "n) "
    "LEFT JOIN rooms r ON r.id = i.room_id AND NOT r.is_removed "
    "LEFT JOIN users u ON u.id = i.sender_id "
    "LEFT JOIN user_rooms m ON m.room_id = i.room_id AND m.user_id = i.sender_id "
    "LEFT JOIN messages x ON x.room_id = i.room_id AND x.sender_id = i.sender_id AND x.client_id = "
    "i.client_id "
    "LEFT JOIN file_uploads f ON f.id = i.file_id AND f.deleted_at IS NULL), "
    "numbered AS (SELECT judged.*, CASE WHEN fresh THEN last_seq + "
    "count(*) FILTER (WHERE fresh) OVER (PARTITION BY room_id ORDER BY n) END AS seq, "
    "CASE WHEN fresh THEN nextval((SELECT pg_get_serial_sequence('messages', 'id')::regclass)) END AS id "
    "FROM judged), "
    "counted AS (UPDATE rooms r SET last_seq = c.seq "
    "FROM (SELECT room_id, max(seq) AS seq FROM numbered WHERE fresh GROUP BY room_id) c "
    "WHERE r.id = c.room_id), "
    "made AS (INSERT INTO messages (id, room_id, sender_id, seq, change_seq, created_at, file_id, "
    "client_id, content) "
    "SELECT id, room_id, sender_id, seq, seq, $6, file_id, client_id, content FROM numbered WHERE fresh) "
    "SELECT j.is_private, j.member_id, j.removed_at, j.is_active, j.username, j.full_name, j.id, j.seq, "
    "j.first_id, ",
    sql::kFileColumns, ", ", sql::kMessageColumns,
    " FROM numbered j LEFT JOIN file_uploads f ON f.id = j.file_id AND f.deleted_at IS NULL "
    "LEFT JOIN messages m ON m.id = j.first_id ORDER BY j.n");

std::vector<std::int64_t> rooms_of(std::span<const PendingMessage> batch) {
  std::vector<std::int64_t> rooms;
  for (const PendingMessage& message : batch) rooms.push_back(message.room.value);
  std::ranges::sort(rooms);
  const auto [first, last] = std::ranges::unique(rooms);
  rooms.erase(first, last);
  return rooms;
}

std::optional<File> read_optional_file(sql::Row& row) {
  static constexpr int kColumns = 12;  // of sql::kFileColumns
  sql::Row ahead = row;
  if (!ahead.next_is_null()) return sql::read_file(row);
  for (int i = 0; i < kColumns; ++i) row.next_is_null();
  return std::nullopt;
}

// Why somebody may not post, by what the statement read.
std::optional<Reason> refusal_of(bool is_private, Standing standing, bool is_active) {
  if (standing != Standing::kMember && is_private) return reason::kRoomNotFound;
  if (!is_active) return reason::kLoginEnded;
  if (standing == Standing::kRemoved) return reason::kRemovedFromRoom;
  if (standing == Standing::kStranger) return reason::kNotMember;
  return std::nullopt;
}

struct Named {
  RoomId room;
  UserId sender;
  std::string_view client_id;
  friend bool operator==(const Named&, const Named&) = default;
};
struct NamedHash {
  std::size_t operator()(const Named& named) const noexcept {
    return std::hash<std::string_view>{}(named.client_id) ^ std::hash<UserId>{}(named.sender);
  }
};

AppendOutcome room_is_held() {
  return fail(unavailable("another transaction holds the room"));
}

}  // namespace

std::vector<AppendBatch::Part> AppendBatch::without_repeats(std::span<const PendingMessage> batch) {
  std::vector<Part> parts;
  std::unordered_set<Named, NamedHash> seen;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i].client_id) continue;
    const Named named{.room = batch[i].room, .sender = batch[i].sender, .client_id = *batch[i].client_id};
    if (seen.insert(named).second) continue;
    parts.push_back(batch.subspan(begin, i - begin));
    begin = i;
    seen = {named};
  }
  parts.push_back(batch.subspan(begin));
  return parts;
}

void AppendBatch::add_lock(std::span<const PendingMessage> batch, Locked locked) {
  add_beginning(connection_, {.begin = kBeginWrite,
                              .statement_timeout = patience_,
                              .lock_timeout = kLockPatience,
                              .plans = Plans::kByIndex});
  const std::vector<std::int64_t> rooms = rooms_of(batch);
  connection_.add(locked == Locked::kWait ? kLock : kLockFree,
                  Arguments(sql::Params{sql::Ids(rooms)}.values()));
}

void AppendBatch::add_part(Part part) {
  std::vector<std::optional<std::int64_t>> rooms;
  std::vector<std::optional<std::int64_t>> senders;
  std::vector<std::optional<std::string_view>> contents;
  std::vector<std::optional<std::string_view>> client_ids;
  std::vector<std::optional<std::int64_t>> files;
  for (const PendingMessage& message : part) {
    rooms.emplace_back(message.room.value);
    senders.emplace_back(message.sender.value);
    contents.emplace_back(message.content);
    client_ids.emplace_back(message.client_id);
    files.push_back(message.file ? std::optional(message.file->value) : std::nullopt);
  }
  Arguments arguments;
  arguments.add_numbers(rooms);
  arguments.add_numbers(senders);
  arguments.add_texts(contents);
  arguments.add_texts(client_ids);
  arguments.add_numbers(files);
  arguments.add(now_);
  connection_.add(kAppend, std::move(arguments));
}

std::unexpected<Failure> AppendBatch::undo(Failure failure) {
  if (!connection_.is_lost()) {
    connection_.add(kRollBack);
    connection_.send_only();
  }
  return std::unexpected(std::move(failure));
}

Task<std::expected<std::vector<AppendOutcome>, Failure>> AppendBatch::run(
    std::span<const PendingMessage> batch, Locked locked, bool run_before) {
  const auto deadline = [this] { return Connection::Clock::now() + patience_ + kGrace; };
  add_lock(batch, locked);
  std::vector<PendingMessage> free;
  std::unordered_set<std::int64_t> held;
  if (locked == Locked::kPass) {
    auto answers = co_await connection_.exchange(deadline());
    if (!answers) co_return undo(std::move(answers).error());
    std::unordered_set<std::int64_t> locks;
    const sql::Rows& rows = answers->back();
    for (std::size_t i = 0; i < rows.size(); ++i) locks.insert(rows.row(i).integer());
    for (const PendingMessage& message : batch) {
      if (locks.contains(message.room.value)) {
        free.push_back(message);
      } else {
        held.insert(message.room.value);
      }
    }
  }
  const std::vector<Part> parts =
      without_repeats(locked == Locked::kPass ? std::span<const PendingMessage>(free) : batch);
  for (const Part& part : parts) add_part(part);
  connection_.add(kCommit);
  auto answers = co_await connection_.exchange(deadline());
  if (!answers) co_return undo(std::move(answers).error());

  std::vector<AppendOutcome> stored;
  std::size_t answer = answers->size() - 1 - parts.size();
  for (const Part& part : parts) {
    const sql::Rows& rows = (*answers)[answer++];
    for (std::size_t i = 0; i < part.size(); ++i) stored.push_back(outcome(rows.row(i), part[i], run_before));
  }
  if (locked == Locked::kWait) co_return stored;
  std::vector<AppendOutcome> outcomes;
  std::size_t next = 0;
  for (const PendingMessage& message : batch) {
    outcomes.push_back(held.contains(message.room.value) ? room_is_held() : std::move(stored[next++]));
  }
  co_return outcomes;
}

AppendOutcome AppendBatch::outcome(sql::Row row, const PendingMessage& message, bool run_before) const {
  const auto is_private = row.optional_integer();
  const bool stranger = !row.optional_integer().has_value();
  const bool removed = row.optional_integer().has_value();
  const auto is_active = row.optional_integer();
  auto username = row.optional_text();
  auto full_name = row.optional_text();
  if (!is_private || !is_active) return fail(reason::kRoomNotFound);
  const Standing standing = stranger ? Standing::kStranger : removed ? Standing::kRemoved : Standing::kMember;
  if (const auto refusal = refusal_of(*is_private != 0, standing, *is_active != 0)) return fail(*refusal);
  UserCard sender{.id = message.sender, .username = *std::move(username), .full_name = std::move(full_name)};

  const auto id = row.optional_id<MessageId>();
  const auto seq = row.optional_id<Seq>();
  const auto first_id = row.optional_id<MessageId>();
  auto file = read_optional_file(row);
  if (id) {
    return AppendedMessage{.message = {.id = *id,
                                       .room = message.room,
                                       .sender = message.sender,
                                       .seq = *seq,
                                       .content = message.content,
                                       .client_id = message.client_id,
                                       .file = message.file,
                                       .created_at = now_},
                           .sender = std::move(sender),
                           .file = std::move(file),
                           .repeat = false};
  }
  if (!first_id) return fail(reason::kFileNotFound);
  Message first = sql::read_message(row);
  if (first.content != message.content || first.file != message.file) return fail(reason::kClientIdConflict);
  const bool repeat = !run_before || first.created_at != now_;
  return AppendedMessage{
      .message = std::move(first), .sender = std::move(sender), .file = std::move(file), .repeat = repeat};
}

}  // namespace izpo::postgres
