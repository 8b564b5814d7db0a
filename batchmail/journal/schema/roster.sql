-- The rows of a plan, kept beside the journal on the same connection, so that comparing them with it is a join.

CREATE TEMP TABLE plan (
    mailing INTEGER NOT NULL,
    -- Whether its rows were named one by one.
    named INTEGER NOT NULL,
    -- Whether it has all rows of the sheet: neither restricted nor limited.
    whole INTEGER NOT NULL
);

CREATE TEMP TABLE candidate (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    recipients TEXT NOT NULL,
    -- The same whatever the case of its letters.
    folded TEXT NOT NULL,
    addresses INTEGER NOT NULL,
    -- How many it goes to besides.
    others INTEGER NOT NULL,
    content BLOB NOT NULL,
    -- The content without names beside the addresses.
    mail BLOB NOT NULL,
    batch BLOB NOT NULL,
    skip TEXT NOT NULL,
    subject BLOB NOT NULL,
    -- Its own position where it travels alone, else 0.
    alone INTEGER NOT NULL DEFAULT 0,
    left_out INTEGER NOT NULL DEFAULT 0
);

CREATE TEMP TABLE named (key TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TEMP TABLE clash (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    first INTEGER NOT NULL,
    second INTEGER NOT NULL
);

-- What enrolling changes: the rows to be sent, and those newly skipped.
CREATE TEMP TABLE enrolment (
    position INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL,
    becomes TEXT NOT NULL,
    -- Whether the journal has not known its key.
    fresh INTEGER NOT NULL,
    -- Whether it is a step of its own, and no mere correction of what is queued.
    step INTEGER NOT NULL
);

-- Deliveries whose past is asked for.
CREATE TEMP TABLE trace (delivery INTEGER PRIMARY KEY);

-- The enrolled rows to be sent, in the order in which they travel; first is the position of their batch's first row.
CREATE TEMP TABLE waiting (
    number INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    delivery INTEGER NOT NULL
);

-- How each row of the plan stands against the journal: verdict.py in SQL.
-- The plan's columns are read as scalars; joined, they would make the planner build an index over all candidates.
CREATE TEMP VIEW standing AS
SELECT
    candidate.*,
    delivery.id AS delivery,
    delivery.state,
    delivery.reason,
    delivery.content <> candidate.content OR delivery.recipients <> candidate.recipients AS changed,
    CASE
        WHEN candidate.skip <> '' THEN 'skipped'
        WHEN delivery.id IS NULL OR delivery.state IN ('queued', 'skipped', 'failed') THEN 'send'
        WHEN delivery.state = 'rejected' THEN
            CASE
                WHEN (SELECT named FROM temp.plan) THEN 'send'
                WHEN delivery.content <> candidate.content THEN 'send'
                WHEN delivery.recipients <> candidate.recipients THEN 'send'
                ELSE 'rejected'
            END
        WHEN delivery.state = 'sending' THEN 'in_doubt'
        ELSE delivery.state
    END AS verdict
FROM temp.candidate
LEFT JOIN main.delivery
    ON delivery.mailing = (SELECT mailing FROM temp.plan) AND delivery.key = candidate.key
WHERE candidate.left_out = 0;
