-- It is called for what it is: the BLAKE3 of a file's bytes in hexadecimal. That of files of before is their SHA-256.
ALTER TABLE file_uploads RENAME COLUMN sha256 TO digest;
