-- Mails in doubt can be looked up, and a journal knows whether it is still the file that it was.

-- What a look-up recognises the mail's subject by; empty where there is nothing to look for.
ALTER TABLE delivery ADD COLUMN subject BLOB NOT NULL DEFAULT x'';

CREATE TABLE identity (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Random, given when the journal was made.
    id TEXT NOT NULL,
    -- The number that the file system has for the file; empty where it has none.
    file TEXT NOT NULL,
    -- How often it was opened to be written.
    openings INTEGER NOT NULL
);
