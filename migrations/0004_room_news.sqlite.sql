-- What the servers on one database tell each other: a room changed (user_id NULL), or how a user stands to it. Written with
-- the change, read by every other server, and deleted after an hour or two. One server alone writes nothing here.
CREATE TABLE room_news (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  node INTEGER NOT NULL,
  room_id INTEGER NOT NULL,
  user_id INTEGER
) STRICT;
