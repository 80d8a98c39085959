#include "adapters/postgres/take_over_statements.hpp"

namespace izpo::postgres {

using sql::Statement;
using enum Repair::Wants;

const Statement kIsOld(
    "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('users') AND attname = "
    "'hashed_password' "
    "AND NOT attisdropped) AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('users') "
    "AND attname = 'username_key' AND NOT attisdropped)");

const Statement kMissing(
    "SELECT name FROM unnest(ARRAY['rooms', 'user_rooms', 'messages', 'file_uploads']) AS name "
    "WHERE to_regclass(name) IS NULL");

const Statement kObstacles(
    "WITH ours (tab) AS (SELECT unnest(ARRAY['users', 'rooms', 'user_rooms', 'messages', "
    "'file_uploads'])::regclass) "
    "SELECT DISTINCT 'the view ' || w.ev_class::regclass FROM pg_depend d JOIN pg_rewrite w ON w.oid = "
    "d.objid "
    "WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass "
    "AND d.refobjid IN (SELECT tab FROM ours) AND w.ev_class NOT IN (SELECT tab FROM ours) "
    "UNION ALL SELECT 'the trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger "
    "WHERE NOT tgisinternal AND tgrelid IN (SELECT tab FROM ours) "
    "UNION ALL SELECT 'the table ' || name FROM unnest(ARRAY['schema_migrations', 'installation', "
    "'sessions', 'refresh_tokens', 'room_news']) AS name "
    "WHERE to_regclass(name) IS NOT NULL "
    "UNION ALL SELECT 'the column ' || attrelid::regclass || '.' || attname || ' (NOT NULL without a "
    "default)' "
    "FROM pg_attribute WHERE attrelid IN (SELECT tab FROM ours) AND attnum > 0 AND NOT attisdropped AND "
    "attnotnull "
    "AND NOT atthasdef AND attidentity = '' AND attname <> ALL "
    "('{id,username,email,hashed_password,full_name,"
    "is_active,created_at,updated_at,name,description,is_private,owner_id,room_id,user_id,joined_at,content,"
    "sender_id,file_id,original_filename,stored_filename,file_size,content_type,public_url,uploader_id,"
    "uploaded_at}')");

const Statement kCounts(
    "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM rooms), (SELECT count(*) FROM messages), "
    "(SELECT count(*) FROM file_uploads)");

const Statement kPolicies(
    "SELECT polname || ' on ' || polrelid::regclass FROM pg_policy WHERE polrelid IN (SELECT "
    "unnest(ARRAY['users', 'rooms', 'user_rooms', 'messages', 'file_uploads'])::regclass) ORDER BY 1");

const Statement kRoomsWithoutOwner(
    "SELECT count(*) FROM rooms r WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = r.owner_id)");
const Statement kLostMessages(
    "SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT FROM rooms r WHERE r.id = m.room_id)");
const Statement kFindOwner(
    "SELECT CAST(id AS bigint) FROM users WHERE lower(username) = lower($1) "
    "ORDER BY username COLLATE \"C\" <> $1, id LIMIT 1");

const Statement kAddNobody(
    "INSERT INTO users (id, username, email, hashed_password, is_active, created_at) "
    "SELECT n.id, 'deleted-' || n.id, 'deleted-' || n.id || '@deleted.invalid', '', FALSE, $1 "
    "FROM (SELECT greatest((SELECT max(id) FROM users), (SELECT last FROM taken_sequences WHERE tab = "
    "'users'), 0) + 1 "
    "AS id) n WHERE EXISTS (SELECT FROM messages WHERE sender_id IS NULL) "
    "OR EXISTS (SELECT FROM file_uploads WHERE uploader_id IS NULL) RETURNING id");
const Statement kAddLostRoom(
    "INSERT INTO rooms (id, name, is_private, owner_id, created_at) "
    "SELECT n.id, 'Recovered messages', TRUE, $1, "
    "(SELECT coalesce(min(created_at), (SELECT created_at FROM users WHERE id = $1)) FROM messages "
    "WHERE room_id IS NULL AND isfinite(created_at)) "
    "FROM (SELECT greatest((SELECT max(id) FROM rooms), (SELECT max(room_id) FROM messages), (SELECT last "
    "FROM taken_sequences WHERE tab = "
    "'rooms'), 0) + 1 "
    "AS id) n WHERE EXISTS (SELECT FROM messages WHERE room_id IS NULL) RETURNING id");

const Statement kAccounts("SELECT id, username, email FROM users ORDER BY id");
const Statement kSetKeys(
    "UPDATE users u SET username_key = k.n, username_skeleton = k.s, email_key = k.e "
    "FROM json_to_recordset(CAST($1 AS json)) AS k (id bigint, n text, s text, e text) WHERE u.id = k.id");

namespace {

// Every repair is counted by the statement around it.
constexpr std::string_view kCount = " RETURNING 1) SELECT count(*) FROM done";
constexpr std::string_view kDo = "WITH done AS (";

const Statement kMembersOfNothing(
    kDo,
    "DELETE FROM user_rooms m WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = m.user_id) "
    "OR NOT EXISTS (SELECT FROM rooms r WHERE r.id = m.room_id)",
    kCount);
const Statement kMembersTwice(
    kDo,
    "DELETE FROM user_rooms m USING (SELECT ctid AS place, row_number() OVER (PARTITION BY room_id, user_id "
    "ORDER BY joined_at, ctid) AS number FROM user_rooms) n WHERE n.number > 1 AND m.ctid = n.place",
    kCount);

const Statement kUsernames(kDo, "UPDATE users SET username = 'user-' || id WHERE username IS NULL", kCount);
const Statement kEmails(kDo,
                        "UPDATE users SET email = 'user-' || id || '@missing.invalid' WHERE email IS NULL",
                        kCount);
const Statement kPasswords(kDo, "UPDATE users SET hashed_password = '' WHERE hashed_password IS NULL",
                           kCount);
const Statement kActive(kDo, "UPDATE users SET is_active = FALSE WHERE is_active IS NULL", kCount);
const Statement kUserTimes(
    kDo,
    "UPDATE users SET created_at = coalesce(CASE WHEN isfinite(updated_at) THEN updated_at END, $1) "
    "WHERE created_at IS NULL OR NOT isfinite(created_at)",
    kCount);
const Statement kVanishedUsers(
    kDo,
    "INSERT INTO users (id, username, email, hashed_password, is_active, created_at) "
    "SELECT g.id, 'deleted-' || g.id, 'deleted-' || g.id || '@deleted.invalid', '', FALSE, $1 "
    "FROM (SELECT sender_id AS id FROM messages UNION SELECT uploader_id FROM file_uploads) g "
    "WHERE g.id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = g.id)",
    kCount);

const Statement kSenders(kDo, "UPDATE messages SET sender_id = $1 WHERE sender_id IS NULL", kCount);
const Statement kUploaders(kDo, "UPDATE file_uploads SET uploader_id = $1 WHERE uploader_id IS NULL", kCount);
const Statement kOwners(
    kDo, "UPDATE rooms r SET owner_id = $1 WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = r.owner_id)",
    kCount);
const Statement kRoomNames(kDo, "UPDATE rooms SET name = 'Room ' || id WHERE name IS NULL", kCount);
const Statement kPrivate(kDo, "UPDATE rooms SET is_private = TRUE WHERE is_private IS NULL", kCount);
const Statement kRoomTimes(
    kDo,
    "UPDATE rooms r SET created_at = coalesce((SELECT min(m.created_at) FROM messages m WHERE m.room_id = "
    "r.id "
    "AND isfinite(m.created_at)), CASE WHEN isfinite(r.updated_at) THEN r.updated_at END, $1) "
    "WHERE created_at IS NULL OR NOT isfinite(created_at)",
    kCount);
const Statement kVanishedRooms(
    kDo,
    "INSERT INTO rooms (id, name, is_private, owner_id, created_at) "
    "SELECT m.room_id, 'Recovered room ' || m.room_id, TRUE, $1, coalesce(min(m.created_at) "
    "FILTER (WHERE isfinite(m.created_at)), (SELECT created_at FROM users WHERE id = $1)) FROM messages m "
    "WHERE m.room_id IS NOT NULL AND NOT EXISTS (SELECT FROM rooms r WHERE r.id = m.room_id) GROUP BY "
    "m.room_id",
    kCount);
const Statement kRoomlessMessages(kDo, "UPDATE messages SET room_id = $1 WHERE room_id IS NULL", kCount);
const Statement kStrayUpdates(kDo, "UPDATE users SET updated_at = NULL WHERE NOT isfinite(updated_at)",
                              kCount);
const Statement kStrayRoomUpdates(kDo, "UPDATE rooms SET updated_at = NULL WHERE NOT isfinite(updated_at)",
                                  kCount);
const Statement kJoined(
    kDo,
    "UPDATE user_rooms m SET joined_at = greatest(r.created_at, u.created_at) FROM rooms r, users u "
    "WHERE r.id = m.room_id AND u.id = m.user_id AND (m.joined_at IS NULL OR NOT isfinite(m.joined_at))",
    kCount);
const Statement kOwnersAreMembers(
    kDo,
    "INSERT INTO user_rooms (room_id, user_id, joined_at) SELECT r.id, r.owner_id, r.created_at FROM rooms r "
    "WHERE NOT EXISTS (SELECT FROM user_rooms m WHERE m.room_id = r.id AND m.user_id = r.owner_id)",
    kCount);

const Statement kFileFields(
    kDo,
    "UPDATE file_uploads SET original_filename = coalesce(original_filename, substring(stored_filename FROM "
    "'[^/]*$'), "
    "'file-' || id), stored_filename = coalesce(stored_filename, 'unknown/' || id), "
    "file_size = coalesce(file_size, 0), content_type = coalesce(content_type, 'application/octet-stream'), "
    "public_url = coalesce(public_url, '') WHERE original_filename IS NULL OR stored_filename IS NULL "
    "OR file_size IS NULL OR content_type IS NULL OR public_url IS NULL",
    kCount);
const Statement kFileTimes(
    kDo,
    "UPDATE file_uploads f SET uploaded_at = coalesce((SELECT min(m.created_at) FROM messages m WHERE "
    "m.file_id = f.id "
    "AND isfinite(m.created_at)), $1) WHERE uploaded_at IS NULL OR NOT isfinite(uploaded_at)",
    kCount);
const Statement kFilesTwice(kDo,
                            "UPDATE file_uploads f SET stored_filename = f.stored_filename || '#' || f.id "
                            "FROM (SELECT id, row_number() OVER "
                            "(PARTITION BY stored_filename ORDER BY id) AS number FROM file_uploads) n WHERE "
                            "n.number > 1 AND n.id = f.id",
                            kCount);
const Statement kVanishedFiles(
    kDo,
    "INSERT INTO file_uploads (id, original_filename, stored_filename, file_size, content_type, public_url, "
    "uploader_id, uploaded_at, deleted_at) SELECT DISTINCT ON (m.file_id) m.file_id, 'file-' || m.file_id, "
    "'deleted/' || m.file_id, 0, 'application/octet-stream', '', m.sender_id, $1, $1 FROM messages m "
    "WHERE m.file_id IS NOT NULL AND NOT EXISTS (SELECT FROM file_uploads f WHERE f.id = m.file_id) "
    "ORDER BY m.file_id, m.id",
    kCount);

const Statement kEmptyMessages("SELECT count(*) FROM messages WHERE content IS NULL");
const Statement kMessageTimes(
    "SELECT count(*) FROM messages WHERE created_at IS NULL OR NOT isfinite(created_at)");

const Repair kAccountRepairs[] = {
    {"memberships of nobody, or in no room: {} removed", kMembersOfNothing},
    {"memberships that stood there more than once: {} removed, one of each stays", kMembersTwice},
    {"rooms without an owner: {}, now the named account's", kOwners, kOwner},
    {"accounts without a username: {}, now called user-ID; they log in by their e-mail", kUsernames},
    {"accounts without an e-mail address: {}, now user-ID@missing.invalid", kEmails},
    {"accounts without a password: {}; `izpochat user set-password` gives one", kPasswords},
    {"accounts neither active nor inactive: {}, now inactive", kActive},
    {"accounts without a time of creation: {}, now that of their last change, or this moment", kUserTimes,
     kNow},
    {"senders and uploaders who are gone: {}, each now an inactive account deleted-ID", kVanishedUsers, kNow},
};

const Repair kOtherRepairs[] = {
    {"messages without a sender: {}, now of an inactive account", kSenders, kUser},
    {"files without an uploader: {}, now of an inactive account", kUploaders, kUser},
    {"accounts changed at an infinite time: {}, forgotten", kStrayUpdates},
    {"rooms changed at an infinite time: {}, forgotten", kStrayRoomUpdates},
    {"rooms without a name: {}, now called Room ID", kRoomNames},
    {"rooms neither public nor private: {}, now private", kPrivate},
    {"rooms without a time of creation: {}, now that of their first message", kRoomTimes, kNow},
    {"rooms gone but for their messages: {}, each now a private room of the named account", kVanishedRooms,
     kOwner},
    {"messages in no room: {}, now in a private room of the named account", kRoomlessMessages, kRoom},
    {"", kJoined},
    {"rooms whose owner was no member: {}, a member now", kOwnersAreMembers},
    {"files without a name, size, type or address: {}, filled in", kFileFields},
    {"files without a time: {}, now that of their first message, or this moment", kFileTimes, kNow},
    {"files stored under another's name: {}, their number is added to it; their addresses stay", kFilesTwice},
    {"files that messages name and that are gone: {}; the messages say that they were deleted",
     kVanishedFiles, kNow},
    {"messages without content: {}, now empty", kEmptyMessages},
    {"messages without a time: {}, now that of the message before", kMessageTimes},
};

}  // namespace

std::span<const Repair> account_repairs() {
  return kAccountRepairs;
}

std::span<const Repair> other_repairs() {
  return kOtherRepairs;
}

}  // namespace izpo::postgres
