#include "adapters/postgres/take_over_scripts.hpp"

namespace izpo::postgres {

// Times without a zone are taken as UTC, which is what `timestamptz` makes of them under this time zone.
const std::string_view kBeginTakeOver = R"sql(
SET LOCAL TimeZone = 'UTC';
SET LOCAL work_mem = '128MB';
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL client_min_messages = 'warning';
)sql";

const std::string_view kLockOldTables = R"sql(
SET LOCAL lock_timeout = '10s';
LOCK TABLE users, rooms, user_rooms, messages, file_uploads IN ACCESS EXCLUSIVE MODE;
SET LOCAL lock_timeout = 0;
)sql";

const std::string_view kReshape = R"sql(
CREATE TEMPORARY TABLE taken_columns (tab regclass, col name) ON COMMIT DROP;
INSERT INTO taken_columns
SELECT a.attrelid, a.attname FROM pg_attribute a
JOIN (VALUES ('users'::regclass, '{id,username,email,hashed_password,full_name,is_active,created_at,updated_at}'::name[]),
  ('rooms', '{id,name,description,is_private,owner_id,created_at,updated_at}'),
  ('user_rooms', '{room_id,user_id,joined_at}'),
  ('messages', '{id,content,sender_id,room_id,file_id,created_at}'),
  ('file_uploads', '{id,original_filename,stored_filename,file_size,content_type,public_url,uploader_id,uploaded_at}'))
  k (tab, cols) ON k.tab = a.attrelid AND a.attname = ANY (k.cols)
WHERE a.attnum > 0 AND NOT a.attisdropped;

CREATE TEMPORARY TABLE taken_sequences (tab text PRIMARY KEY, last bigint) ON COMMIT DROP;

DO $$
DECLARE
  each record;
BEGIN
  -- Foreign keys and unique constraints of one of these columns, and the indexes that SQLAlchemy makes.
  FOR each IN SELECT c.conrelid::regclass AS tab, c.conname FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    JOIN taken_columns k ON k.tab = c.conrelid AND k.col = a.attname
    WHERE c.contype IN ('f', 'u') AND cardinality(c.conkey) = 1 ORDER BY c.contype LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.tab, each.conname);
  END LOOP;
  FOR each IN SELECT i.indexrelid::regclass AS idx FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    JOIN taken_columns k ON k.tab = i.indrelid AND k.col = a.attname
    JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT i.indisprimary AND i.indnatts = 1 AND i.indpred IS NULL
      AND (i.indisunique OR x.relname = format('ix_%s_%s', t.relname, a.attname)) LOOP
    EXECUTE format('DROP INDEX %s', each.idx);
  END LOOP;
  FOR each IN SELECT p.polrelid::regclass AS tab, p.polname FROM pg_policy p
    WHERE p.polrelid IN (SELECT tab FROM taken_columns) LOOP
    EXECUTE format('DROP POLICY %I ON %s', each.polname, each.tab);
  END LOOP;
  -- A number that was given once is not given again, even when its row is gone.
  FOR each IN SELECT tab, pg_get_serial_sequence(tab::text, 'id') AS seq FROM taken_columns WHERE col = 'id' LOOP
    INSERT INTO taken_sequences VALUES (each.tab::text, 0);
    IF each.seq IS NOT NULL THEN
      EXECUTE format('UPDATE taken_sequences SET last = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s) '
        'WHERE tab = %L', each.seq, each.tab::text);
    END IF;
    EXECUTE format('ALTER TABLE %s ALTER id SET NOT NULL, ALTER id DROP IDENTITY IF EXISTS, ALTER id DROP DEFAULT', each.tab);
    IF each.seq IS NOT NULL AND to_regclass(each.seq) IS NOT NULL THEN
      EXECUTE format('DROP SEQUENCE %s', each.seq);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_index WHERE indrelid = each.tab AND indisprimary) THEN
      EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (id)', each.tab);
    END IF;
  END LOOP;
  -- A primary key of user_rooms may stand on other columns, or in the other order.
  FOR each IN SELECT conname FROM pg_constraint WHERE conrelid = 'user_rooms'::regclass AND contype IN ('p', 'u') LOOP
    EXECUTE format('ALTER TABLE user_rooms DROP CONSTRAINT %I', each.conname);
  END LOOP;
  FOR each IN SELECT k.tab, k.col FROM taken_columns k JOIN pg_attribute a ON a.attrelid = k.tab AND a.attname = k.col
    WHERE k.col <> 'id' LOOP
    EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT, ALTER %I DROP NOT NULL', each.tab, each.col, each.col);
  END LOOP;
  FOR each IN SELECT DISTINCT tab FROM taken_columns LOOP
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', each.tab);
  END LOOP;
END
$$;

ALTER TABLE rooms SET (fillfactor = 40);
ALTER TABLE users ADD COLUMN IF NOT EXISTS full_name text, ADD COLUMN IF NOT EXISTS updated_at timestamptz;
ALTER TABLE rooms ADD COLUMN IF NOT EXISTS description text, ADD COLUMN IF NOT EXISTS updated_at timestamptz;
ALTER TABLE user_rooms ADD COLUMN IF NOT EXISTS joined_at timestamptz;
ALTER TABLE messages ADD COLUMN IF NOT EXISTS file_id bigint;

ALTER TABLE users
  ALTER id TYPE bigint, ALTER username TYPE text, ALTER email TYPE text, ALTER hashed_password TYPE text,
  ALTER full_name TYPE text, ALTER created_at TYPE timestamptz(6), ALTER updated_at TYPE timestamptz(6),
  ADD COLUMN username_key text COLLATE "C", ADD COLUMN username_skeleton text COLLATE "C",
  ADD COLUMN email_key text COLLATE "C";
ALTER TABLE rooms
  ALTER id TYPE bigint, ALTER name TYPE text, ALTER description TYPE text, ALTER owner_id TYPE bigint,
  ALTER created_at TYPE timestamptz(6), ALTER updated_at TYPE timestamptz(6),
  ADD COLUMN last_seq bigint NOT NULL DEFAULT 0, ADD COLUMN is_removed boolean NOT NULL DEFAULT FALSE;
ALTER TABLE user_rooms
  ALTER room_id TYPE bigint, ALTER user_id TYPE bigint, ALTER joined_at TYPE timestamptz(6),
  ADD COLUMN removed_at timestamptz(6);
ALTER TABLE file_uploads
  ALTER id TYPE bigint, ALTER original_filename TYPE text, ALTER stored_filename TYPE text COLLATE "C",
  ALTER file_size TYPE bigint, ALTER content_type TYPE text, ALTER public_url TYPE text,
  ALTER uploader_id TYPE bigint, ALTER uploaded_at TYPE timestamptz(6),
  ADD COLUMN deleted_at timestamptz(6), ADD COLUMN blob text COLLATE "C", ADD COLUMN sha256 text COLLATE "C",
  ADD COLUMN width bigint, ADD COLUMN height bigint;
ALTER TABLE messages ADD COLUMN seq bigint, ADD COLUMN change_seq bigint, ADD COLUMN client_id text COLLATE "C";
)sql";

// A message without a time has that of the latest before it, by id, in its room. The change of types writes
// the table anew, without what the update left behind.
const std::string_view kNumberMessages = R"sql(
UPDATE messages m SET seq = n.seq, change_seq = n.seq, created_at = n.sent_at, content = coalesce(m.content, '')
FROM (
  SELECT id, sent_at, row_number() OVER (PARTITION BY room_id ORDER BY sent_at, id) AS seq FROM (
    SELECT id, room_id, coalesce(CASE WHEN isfinite(created_at) THEN created_at END,
      max(CASE WHEN isfinite(created_at) THEN created_at END)
        OVER (PARTITION BY room_id ORDER BY id ROWS UNBOUNDED PRECEDING),
      (SELECT r.created_at FROM rooms r WHERE r.id = room_id)) AS sent_at
    FROM messages) t) n
WHERE n.id = m.id;

ALTER TABLE messages
  ALTER id TYPE bigint, ALTER room_id TYPE bigint, ALTER sender_id TYPE bigint, ALTER file_id TYPE bigint,
  ALTER content TYPE text, ALTER created_at TYPE timestamptz(6),
  ALTER room_id SET NOT NULL, ALTER sender_id SET NOT NULL, ALTER seq SET NOT NULL, ALTER change_seq SET NOT NULL,
  ALTER created_at SET NOT NULL, ALTER content SET NOT NULL;
CREATE UNIQUE INDEX messages_seq ON messages (room_id, seq);
CREATE UNIQUE INDEX messages_change ON messages (room_id, change_seq) WHERE change_seq <> seq;
CREATE UNIQUE INDEX messages_client ON messages (room_id, sender_id, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX messages_file ON messages (file_id) WHERE file_id IS NOT NULL;
UPDATE rooms r SET last_seq = n.last FROM (SELECT room_id, max(seq) AS last FROM messages GROUP BY room_id) n
WHERE n.room_id = r.id;
)sql";

const std::string_view kPromise = R"sql(
ALTER TABLE users
  ALTER username SET NOT NULL, ALTER username_key SET NOT NULL, ALTER username_skeleton SET NOT NULL,
  ALTER email SET NOT NULL, ALTER email_key SET NOT NULL, ALTER hashed_password SET NOT NULL,
  ALTER is_active SET DEFAULT TRUE, ALTER is_active SET NOT NULL, ALTER created_at SET NOT NULL,
  ADD UNIQUE (username_key), ADD UNIQUE (username_skeleton), ADD UNIQUE (email_key);
ALTER TABLE rooms
  ALTER name SET NOT NULL, ALTER is_private SET DEFAULT FALSE, ALTER is_private SET NOT NULL,
  ALTER owner_id SET NOT NULL, ALTER created_at SET NOT NULL, ADD FOREIGN KEY (owner_id) REFERENCES users (id);
CREATE INDEX rooms_public ON rooms (id) WHERE NOT is_private AND NOT is_removed;
CREATE INDEX rooms_removed ON rooms (id) WHERE is_removed;
ALTER TABLE user_rooms
  ALTER room_id SET NOT NULL, ALTER user_id SET NOT NULL, ALTER joined_at SET NOT NULL,
  ADD PRIMARY KEY (room_id, user_id),
  ADD FOREIGN KEY (room_id) REFERENCES rooms (id) ON DELETE CASCADE, ADD FOREIGN KEY (user_id) REFERENCES users (id);
CREATE INDEX user_rooms_user ON user_rooms (user_id, room_id) WHERE removed_at IS NULL;
ALTER TABLE file_uploads
  ALTER original_filename SET NOT NULL, ALTER stored_filename SET NOT NULL, ALTER file_size SET NOT NULL,
  ALTER content_type SET NOT NULL, ALTER public_url SET NOT NULL, ALTER uploader_id SET NOT NULL,
  ALTER uploaded_at SET NOT NULL, ADD UNIQUE (stored_filename), ADD FOREIGN KEY (uploader_id) REFERENCES users (id);
CREATE INDEX file_uploads_uploader ON file_uploads (uploader_id, id) WHERE deleted_at IS NULL;
CREATE INDEX file_uploads_blob ON file_uploads (blob) WHERE blob IS NOT NULL;
CREATE INDEX file_uploads_usage ON file_uploads (uploader_id, file_size) WHERE deleted_at IS NULL;
ALTER TABLE messages
  ADD FOREIGN KEY (room_id) REFERENCES rooms (id) ON DELETE CASCADE,
  ADD FOREIGN KEY (sender_id) REFERENCES users (id), ADD FOREIGN KEY (file_id) REFERENCES file_uploads (id);

DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT tab, last FROM taken_sequences LOOP
    EXECUTE format('ALTER TABLE %s ALTER id ADD GENERATED BY DEFAULT AS IDENTITY', each.tab);
    EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), greatest(max(id), %s, 1), greatest(max(id), %s) > 0) '
      'FROM %s', each.tab, each.last, each.last, each.tab);
  END LOOP;
END
$$;

CREATE TABLE installation (
  only_row integer PRIMARY KEY CHECK (only_row = 1),
  epoch text NOT NULL
);
INSERT INTO installation (only_row, epoch) VALUES (1, replace(gen_random_uuid()::text, '-', ''));
CREATE TABLE sessions (
  id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  created_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  ended_at timestamptz(6)
);
CREATE INDEX sessions_live ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_expires ON sessions (expires_at);
CREATE TABLE refresh_tokens (
  token_hash bytea PRIMARY KEY,
  session_id bigint NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  used_at timestamptz(6)
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE installation ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE rooms ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_rooms ENABLE ROW LEVEL SECURITY;
ALTER TABLE file_uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ANALYZE users, rooms, user_rooms, file_uploads, messages;
)sql";

}  // namespace izpo::postgres
