"""A database as the FastAPI version made it: SQLAlchemy's tables on PostgreSQL, and what years leave in them."""

import warnings

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import crypt

TABLES = """
CREATE TABLE users (
  id SERIAL NOT NULL,
  username VARCHAR,
  email VARCHAR,
  hashed_password VARCHAR,
  full_name VARCHAR,
  is_active BOOLEAN,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
  updated_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (id)
);
CREATE INDEX ix_users_id ON users (id);
CREATE UNIQUE INDEX ix_users_username ON users (username);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE TABLE rooms (
  id SERIAL NOT NULL,
  name VARCHAR,
  description TEXT,
  is_private BOOLEAN,
  owner_id INTEGER,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
  updated_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (id),
  FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_rooms_id ON rooms (id);
CREATE INDEX ix_rooms_name ON rooms (name);
CREATE TABLE file_uploads (
  id SERIAL NOT NULL,
  original_filename VARCHAR,
  stored_filename VARCHAR,
  file_size INTEGER,
  content_type VARCHAR,
  public_url VARCHAR,
  uploader_id INTEGER,
  uploaded_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
  PRIMARY KEY (id),
  UNIQUE (stored_filename),
  FOREIGN KEY(uploader_id) REFERENCES users (id)
);
CREATE INDEX ix_file_uploads_id ON file_uploads (id);
CREATE TABLE user_rooms (
  user_id INTEGER,
  room_id INTEGER,
  FOREIGN KEY(user_id) REFERENCES users (id),
  FOREIGN KEY(room_id) REFERENCES rooms (id)
);
CREATE TABLE messages (
  id SERIAL NOT NULL,
  content TEXT,
  sender_id INTEGER,
  room_id INTEGER,
  file_id INTEGER,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
  PRIMARY KEY (id),
  FOREIGN KEY(sender_id) REFERENCES users (id),
  FOREIGN KEY(room_id) REFERENCES rooms (id),
  FOREIGN KEY(file_id) REFERENCES file_uploads (id)
);
CREATE INDEX ix_messages_id ON messages (id);
"""

PASSWORD = "contraseña de antes"
BCRYPT = crypt.crypt(PASSWORD, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))

# Two people, one of them in a private room with a file, as the old version itself left them.
TIDY = f"""
INSERT INTO users (username, email, hashed_password, full_name, is_active) VALUES
  ('ana', 'ana@example.test', '{BCRYPT}', 'Ana María', true), ('ben', 'ben@example.test', '{BCRYPT}', NULL, true);
INSERT INTO rooms (name, is_private, owner_id) VALUES ('General', false, 1), ('Secreta', true, 2);
INSERT INTO user_rooms (user_id, room_id) VALUES (1, 1), (2, 1), (2, 2);
INSERT INTO file_uploads (original_filename, stored_filename, file_size, content_type, public_url, uploader_id) VALUES
  ('plano.png', '2025/09/plano.png', 1234, 'image/png', 'https://storage.example.test/cubo/2025/09/plano.png', 1);
INSERT INTO messages (content, sender_id, room_id, file_id) VALUES
  ('hola', 1, 1, NULL), ('buenas', 2, 1, NULL), ('el plano', 1, 1, 1), ('nadie más lo ve', 2, 2, NULL);
"""

NO_FOREIGN_KEYS = """
ALTER TABLE rooms DROP CONSTRAINT rooms_owner_id_fkey;
ALTER TABLE user_rooms DROP CONSTRAINT user_rooms_user_id_fkey, DROP CONSTRAINT user_rooms_room_id_fkey;
ALTER TABLE file_uploads DROP CONSTRAINT file_uploads_uploader_id_fkey, DROP CONSTRAINT file_uploads_stored_filename_key;
ALTER TABLE messages DROP CONSTRAINT messages_sender_id_fkey, DROP CONSTRAINT messages_room_id_fkey,
  DROP CONSTRAINT messages_file_id_fkey;
"""

# On top of it, without the foreign keys: what hands, imports and mishaps leave. Ids from 100 on.
AWKWARD = f"""
INSERT INTO users (id, username, email, hashed_password, full_name, is_active, created_at, updated_at) VALUES
  (100, 'Ana', 'ANA@example.test', '{BCRYPT}', NULL, true, '2024-01-01 12:00:00+05:30', 'infinity'),
  (101, 'аna', 'kyrillisch@example.test', '{BCRYPT}', NULL, true, NULL, '2024-02-02 00:00:00Z'),
  (102, 'Eva Luisa', NULL, '{BCRYPT}', '', true, '-infinity', NULL),
  (103, NULL, 'sin.nombre@example.test', NULL, NULL, NULL, NULL, NULL),
  (104, 'eva@example.test', 'otra@example.test', '{BCRYPT}', NULL, true, now(), NULL);
INSERT INTO rooms (id, name, description, is_private, owner_id, created_at) VALUES
  (100, 'Sin dueño', NULL, false, NULL, '2024-01-01Z'), (101, NULL, '', NULL, 9999, NULL),
  (102, 'Dueña ausente', NULL, false, 100, '2024-01-01Z');
INSERT INTO user_rooms (user_id, room_id) VALUES
  (2, 1), (2, 1), (100, 101), (100, 101), (9999, 1), (1, 9999), (NULL, 1), (1, NULL);
INSERT INTO file_uploads (id, original_filename, stored_filename, file_size, content_type, public_url, uploader_id,
  uploaded_at) VALUES
  (100, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (101, 'otro.pdf', '2025/09/plano.png', 5, 'application/pdf', 'https://storage.example.test/cubo/otro.pdf', 7777, now());
INSERT INTO messages (id, content, sender_id, room_id, file_id, created_at) VALUES
  (109, 'primero', 1, 100, NULL, '2024-05-05 12:00:00.000001+02'),
  (105, 'tercero', 100, 100, NULL, '2024-05-05 05:00:00.000002-05'),
  (101, 'segundo', 1, 100, NULL, '2024-05-05 10:00:00.000002Z'),
  (110, 'sin hora', 1, 100, NULL, NULL),
  (111, NULL, 1, 100, NULL, '2024-05-06Z'),
  (112, 'de nadie', NULL, 100, NULL, '2024-05-07Z'),
  (113, 'de quien se fue', 8888, 100, NULL, '2024-05-08Z'),
  (114, 'con un archivo perdido', 1, 100, 5555, '2024-05-09Z'),
  (115, 'sala perdida', 1, 6666, NULL, '2024-05-10Z'),
  (116, 'sin sala', 1, NULL, NULL, '2024-05-11Z'),
  (117, 'de nunca', 1, 101, NULL, 'infinity');
SELECT setval('users_id_seq', 200), setval('messages_id_seq', 500);
"""


def make_old(connection: psycopg.Connection, *parts: str) -> None:
    """The old tables, and in them what the parts say: TIDY, NO_FOREIGN_KEYS, AWKWARD, in this order."""
    for part in (TABLES, *parts):
        connection.execute(part)
