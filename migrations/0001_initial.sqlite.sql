-- Times are UTC microseconds since 1970, booleans 0 and 1.

-- One row: which history this database tells. A restore gives it a new epoch.
CREATE TABLE installation (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  epoch TEXT NOT NULL
) STRICT;
INSERT INTO installation (only_row, epoch) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT NOT NULL,
  username_key TEXT NOT NULL UNIQUE,
  username_skeleton TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  hashed_password TEXT NOT NULL,
  full_name TEXT,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  created_at INTEGER NOT NULL,
  updated_at INTEGER
) STRICT;

-- A login. It is good until ended_at is set; expires_at is when its newest refresh token ends.
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX sessions_live ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Traded tokens stay as long as their session, so that one presented again is recognised.
CREATE TABLE refresh_tokens (
  token_hash BLOB PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- A room that is_removed is gone for everybody; its row goes when the last of its messages has.
CREATE TABLE rooms (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  description TEXT,
  is_private INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),
  owner_id INTEGER NOT NULL REFERENCES users (id),
  last_seq INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER,
  is_removed INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0, 1))
) STRICT;
CREATE INDEX rooms_public ON rooms (id) WHERE NOT is_private AND NOT is_removed;
CREATE INDEX rooms_removed ON rooms (id) WHERE is_removed;

-- One row, one standing: a member, or (removed_at) somebody whom the owner removed.
CREATE TABLE user_rooms (
  room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id),
  joined_at INTEGER NOT NULL,
  removed_at INTEGER,
  PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_rooms_user ON user_rooms (user_id, room_id) WHERE removed_at IS NULL;

-- The row outlives the file (deleted_at), because messages name it.
CREATE TABLE file_uploads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  original_filename TEXT NOT NULL,
  stored_filename TEXT NOT NULL UNIQUE,
  file_size INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  public_url TEXT NOT NULL,
  uploader_id INTEGER NOT NULL REFERENCES users (id),
  uploaded_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX file_uploads_uploader ON file_uploads (uploader_id, id) WHERE deleted_at IS NULL;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  room_id INTEGER NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
  sender_id INTEGER NOT NULL REFERENCES users (id),
  seq INTEGER NOT NULL,
  change_seq INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  file_id INTEGER REFERENCES file_uploads (id),
  client_id TEXT,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX messages_room ON messages (room_id, id);
CREATE UNIQUE INDEX messages_change ON messages (room_id, change_seq);
CREATE UNIQUE INDEX messages_client ON messages (room_id, sender_id, client_id) WHERE client_id IS NOT NULL;
