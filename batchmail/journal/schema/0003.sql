-- A mail to several people may reach some of them only.

-- Whether somebody has got the mail for certain, though it is in doubt for others.
ALTER TABLE delivery ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;
-- Whether somebody does not get it, though others do or may; the reason names them.
ALTER TABLE delivery ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;

UPDATE delivery SET missed = 1
WHERE state = 'sent' AND (reason LIKE 'not sent to %' OR reason LIKE 'in doubt: %');
