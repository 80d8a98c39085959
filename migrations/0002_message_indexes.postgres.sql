-- An index less to write for every message: a page of history is found by the numbers of the room, and only
-- what was changed after it was made has a second place in the order of changes.
DROP INDEX messages_room;
DROP INDEX messages_change;
CREATE UNIQUE INDEX messages_seq ON messages (room_id, seq);
CREATE UNIQUE INDEX messages_change ON messages (room_id, change_seq) WHERE change_seq <> seq;
