-- The rows of a plan, kept beside the journal on the same connection, so that comparing them with it is a join.

CREATE TEMP TABLE plan (
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

-- What the journal has under the candidates' keys.
CREATE TEMP TABLE known (
    position INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Whether the candidate has other content or addresses.
    changed INTEGER NOT NULL
);

-- How each row of the plan stands against the journal: verdict.py in SQL.
-- The plan's column is read as a scalar; joined, it would make the planner build an index over all candidates.
CREATE TEMP VIEW standing AS
SELECT
    candidate.*,
    known.delivery,
    known.state,
    known.reason,
    known.changed,
    CASE
        WHEN candidate.skip <> '' THEN 'skipped'
        WHEN known.state IS NULL OR known.state IN ('queued', 'skipped', 'failed') THEN 'send'
        WHEN known.state = 'rejected' THEN
            CASE WHEN known.changed OR (SELECT named FROM temp.plan) THEN 'send' ELSE 'rejected' END
        WHEN known.state = 'sending' THEN 'in_doubt'
        ELSE known.state
    END AS verdict
FROM temp.candidate LEFT JOIN temp.known ON known.position = candidate.position
WHERE candidate.left_out = 0;
