"""Findings about mailings that have begun."""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

JOURNAL_COPIED = Rule(
    "journal-copied",
    _E,
    "a journal that was copied, put back from a backup, or deleted",
    "The journal knows who has got their mail. An older one does not know who got theirs since, and all of them would "
    "get a second mail.",
)
SENT_UNDER_ANOTHER_KEY = Rule(
    "sent-under-another-key",
    _W,
    "people who have got this mailing under a key that the sheet no longer has",
    "A key that changed (another number format, another column) makes the same person look new, and get a second mail.",
)
LOOK_UP_WITHOUT_COPY = Rule(
    "look-up-without-copy",
    _I,
    "mails that leave no copy in Sent",
    "After a crash some mails are in doubt. They are looked up in Sent, where a copy of each is (`isSaveSentMail`); "
    "without one, a person has to find out who has got theirs.",
)
LOOK_UP_AMBIGUOUS = Rule(
    "look-up-ambiguous",
    _I,
    "mails with the same recipient and subject",
    "After a crash some mails are in doubt, and are looked up in Sent by recipient, subject and time. Of two that are "
    "alike in these, one copy proves neither. A number or a date in the subject tells them apart.",
)
PLAN_FILE_CHANGED = Rule(
    "plan-file-changed",
    _E,
    "a file that is not the one that the plan was made of",
    "A saved plan is a promise: what somebody has looked at is what is sent. One byte more or less, and it is "
    "looked at again.",
)
PLAN_MAIL_CHANGED = Rule(
    "plan-mail-changed",
    _E,
    "a mail that is not the one of the saved plan",
    "Somebody has looked at the plan and found it right; this mail was not in it, or was another one.",
)
CHANGED_SINCE_SENT = Rule(
    "changed-since-sent",
    _I,
    "rows whose mail would read otherwise now",
    "They have got their mail and are not written to again. A new `edition` is a new mailing.",
)
