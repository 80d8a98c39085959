-- Where a file's bytes are (NULL: only public_url knows), their SHA-256 in hexadecimal, and an image's size in pixels.
ALTER TABLE file_uploads ADD COLUMN blob text COLLATE "C";
ALTER TABLE file_uploads ADD COLUMN sha256 text COLLATE "C";
ALTER TABLE file_uploads ADD COLUMN width bigint;
ALTER TABLE file_uploads ADD COLUMN height bigint;

CREATE INDEX file_uploads_blob ON file_uploads (blob) WHERE blob IS NOT NULL;
CREATE INDEX file_uploads_usage ON file_uploads (uploader_id, file_size) WHERE deleted_at IS NULL;
CREATE INDEX messages_file ON messages (file_id) WHERE file_id IS NOT NULL;
