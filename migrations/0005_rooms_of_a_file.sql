-- The rooms in which a file was posted come from the index alone, in order.
DROP INDEX messages_file;
CREATE INDEX messages_file ON messages (file_id, room_id) WHERE file_id IS NOT NULL;
