-- The journal's first shape: mailings, their deliveries, and every step that a delivery ever took.

-- "bmjl": tells a journal from other programs' databases.
PRAGMA application_id = 1651337836;

CREATE TABLE mailing (
    id INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    edition TEXT NOT NULL,
    -- The highest request number among its events.
    requests INTEGER NOT NULL DEFAULT 0,
    UNIQUE (job, edition)
);

-- state, attempts, request, at, reason and provider_id are those of the delivery's last event.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    mailing INTEGER NOT NULL REFERENCES mailing (id),
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    -- The addresses, a JSON list.
    recipients TEXT NOT NULL,
    content BLOB NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('queued', 'sending', 'sent', 'rejected', 'failed', 'in_doubt', 'skipped', 'abandoned')
    ),
    attempts INTEGER NOT NULL DEFAULT 0,
    request INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL,
    reason TEXT NOT NULL,
    provider_id TEXT NOT NULL DEFAULT '',
    UNIQUE (mailing, key)
);

CREATE INDEX delivery_order ON delivery (mailing, position);

-- The few that are under way or unclear are found among a million without reading them all.
CREATE INDEX delivery_unsettled ON delivery (mailing, position) WHERE state = 'sending' OR state = 'in_doubt';

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES delivery (id),
    attempt INTEGER NOT NULL,
    request INTEGER NOT NULL,
    state TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT NOT NULL,
    provider_id TEXT NOT NULL
);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are only ever added');
END;

CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are only ever added');
END;
