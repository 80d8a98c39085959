#include "adapters/sqlite/append_batch.hpp"

#include <utility>

#include "adapters/sql/columns.hpp"
#include "domain/reasons.hpp"

namespace izpo::sqlite {
namespace {

constexpr sql::Statement kSender(
    "SELECT r.is_private, r.last_seq, m.user_id, m.removed_at, u.is_active, u.username, u.full_name "
    "FROM rooms r JOIN users u ON u.id = $2 LEFT JOIN user_rooms m ON m.room_id = r.id AND m.user_id = u.id "
    "WHERE r.id = $1 AND NOT r.is_removed");
constexpr sql::Statement kInsert(
    "INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, file_id, client_id, content) "
    "VALUES ($1, $2, $3, $3, $4, $5, $6, $7) "
    "ON CONFLICT (room_id, sender_id, client_id) WHERE client_id IS NOT NULL DO NOTHING");
constexpr sql::Statement kFirst(
    "SELECT ", sql::kMessageColumns,
    " FROM messages m WHERE m.room_id = $1 AND m.sender_id = $2 AND m.client_id = $3");
constexpr sql::Statement kFile("SELECT ", sql::kFileColumns,
                               " FROM file_uploads f WHERE f.id = $1 AND f.deleted_at IS NULL");
constexpr sql::Statement kSetLastSeq("UPDATE rooms SET last_seq = $2 WHERE id = $1");

// Why somebody may not post, by what kSender read.
std::optional<Reason> refusal_of(bool is_private, Standing standing, bool is_active) {
  if (standing != Standing::kMember && is_private) return reason::kRoomNotFound;
  if (!is_active) return reason::kLoginEnded;
  if (standing == Standing::kRemoved) return reason::kRemovedFromRoom;
  if (standing == Standing::kStranger) return reason::kNotMember;
  return std::nullopt;
}

}  // namespace

Result<std::vector<AppendOutcome>> AppendBatch::run(std::vector<PendingMessage> batch) {
  std::vector<AppendOutcome> outcomes;
  outcomes.reserve(batch.size());
  for (PendingMessage& message : batch) {
    IZPO_TRY(AppendOutcome outcome, append(std::move(message)));
    outcomes.push_back(std::move(outcome));
  }
  IZPO_CHECK(store_last_seqs());
  return outcomes;
}

Result<AppendOutcome> AppendBatch::append(PendingMessage message) {
  IZPO_TRY(const Sender* const sender, this->sender({message.room, message.sender}));
  if (sender->refusal) return AppendOutcome(fail(*sender->refusal));

  // A repeat is looked for before its file is: the file may have been deleted since the first time.
  std::optional<File> file;
  if (message.file) {
    if (message.client_id) {
      IZPO_TRY(auto first, find_first(message, sender->card));
      if (first) return *std::move(first);
    }
    IZPO_TRY(file, find_file(*message.file));
    if (!file || file->uploader != message.sender) return AppendOutcome(fail(reason::kFileNotFound));
  }

  const Seq seq(sender->room->last.value + 1);
  IZPO_TRY(const bool inserted, insert(message, seq));
  if (!inserted) {
    IZPO_TRY(auto first, find_first(message, sender->card));
    return std::move(first).value();
  }
  sender->room->last = seq;
  return AppendOutcome(AppendedMessage{.message = {.id = MessageId(connection_.last_insert_id()),
                                                   .room = message.room,
                                                   .sender = message.sender,
                                                   .seq = seq,
                                                   .content = std::move(message.content),
                                                   .client_id = std::move(message.client_id),
                                                   .file = message.file,
                                                   .created_at = now_,
                                                   .change_seq = seq},
                                       .sender = sender->card,
                                       .file = std::move(file),
                                       .repeat = false});
}

Result<bool> AppendBatch::insert(const PendingMessage& message, Seq seq) {
  IZPO_TRY(Prepared* const statement, connection_.prepared(kInsert));
  statement->bind_all(
      sql::Params{message.room, message.sender, seq, now_, message.file, message.client_id, message.content}
          .values());
  const auto stepped = statement->step();
  statement->reset();
  IZPO_CHECK(stepped);
  return connection_.changed_rows() == 1;
}

Result<const AppendBatch::Sender*> AppendBatch::sender(Pair pair) {
  if (const auto found = senders_.find(pair); found != senders_.end()) return &found->second;
  IZPO_TRY(Sender looked_up, look_up(pair));
  return &senders_.try_emplace(pair, std::move(looked_up)).first->second;
}

Result<AppendBatch::Sender> AppendBatch::look_up(Pair pair) {
  IZPO_TRY(const sql::Rows rows, connection_.query(kSender, sql::Params{pair.room, pair.sender}.values()));
  if (rows.empty()) return Sender{.refusal = reason::kRoomNotFound, .card = {}};
  sql::Row row = rows.row(0);
  const bool is_private = row.flag();
  const auto last_seq = row.id<Seq>();
  const bool stranger = !row.optional_id<UserId>().has_value();
  const bool removed = row.optional_time().has_value();
  const Standing standing = stranger ? Standing::kStranger : removed ? Standing::kRemoved : Standing::kMember;
  const std::optional<Reason> refusal = refusal_of(is_private, standing, row.flag());
  return Sender{.refusal = refusal,
                .card = {.id = pair.sender, .username = row.text(), .full_name = row.optional_text()},
                .room = &rooms_.try_emplace(pair.room, last_seq, last_seq).first->second};
}

// What a message gets whose client_id its sender used in the room before; nullopt when it is the first.
Result<std::optional<AppendOutcome>> AppendBatch::find_first(const PendingMessage& repeat,
                                                             const UserCard& sender) {
  IZPO_TRY(const sql::Rows rows,
           connection_.query(kFirst, sql::Params{repeat.room, repeat.sender, repeat.client_id}.values()));
  auto first = sql::read_first(rows, sql::read_message);
  if (!first) return std::nullopt;
  if (first->content != repeat.content || first->file != repeat.file) {
    return AppendOutcome(fail(reason::kClientIdConflict));
  }
  std::optional<File> file;
  if (first->file) {
    IZPO_TRY(file, find_file(*first->file));
  }
  return AppendOutcome(AppendedMessage{
      .message = *std::move(first), .sender = sender, .file = std::move(file), .repeat = true});
}

Result<std::optional<File>> AppendBatch::find_file(FileId file) {
  IZPO_TRY(const sql::Rows rows, connection_.query(kFile, sql::Params{file}.values()));
  return sql::read_first(rows, sql::read_file);
}

Result<void> AppendBatch::store_last_seqs() {
  for (const auto& [id, room] : rooms_) {
    if (room.last == room.stored) continue;
    IZPO_CHECK(connection_.query(kSetLastSeq, sql::Params{id, room.last}.values()));
  }
  return {};
}

}  // namespace izpo::sqlite
