-- A saved plan: what would be sent, as digests. It has addresses and keys, but no subject, no body and no secret.

-- "bmpl": tells a saved plan from other files, whatever its name.
PRAGMA application_id = 1651339372;
PRAGMA user_version = 2;

-- What the plan was made of and for, by name.
CREATE TABLE origin (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The rules whose warnings were allowed when the plan was saved.
CREATE TABLE allowed (rule TEXT PRIMARY KEY) WITHOUT ROWID;

-- Every file that went in: its SHA-256, hex.
CREATE TABLE file (
    path TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('manifest', 'sheet', 'template', 'attachment')),
    digest TEXT NOT NULL
) WITHOUT ROWID;

-- Every row that is to get a mail, or has got it.
CREATE TABLE row (
    key TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    -- The addresses, a JSON list.
    recipients TEXT NOT NULL,
    -- The digest of all else that makes the mail.
    content BLOB NOT NULL
) WITHOUT ROWID;

-- Every row that is left out, but for whom suppression lists name: they may be written to if the lists change.
CREATE TABLE aside (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    recipients TEXT NOT NULL,
    content BLOB NOT NULL,
    -- The reason.
    why TEXT NOT NULL
);
