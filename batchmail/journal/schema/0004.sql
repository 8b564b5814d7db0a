-- Quotas count everybody whom a mail goes to, and what was handed over lately is found whatever the clock has done.

-- With an intent, to how many the mail goes: in cc, in bcc and as copies of their own as well. Of deliveries that travel
-- together, the first counts those whom they share. 0 where it was not told: then, the delivery's addresses count.
ALTER TABLE event ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0;

CREATE INDEX event_handed_over ON event (CAST(strftime('%s', at) AS INTEGER)) WHERE state = 'sending';
