"""Findings about attachments."""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

ATTACHMENT_MISSING = Rule(
    "attachment-missing", _E, "an attachment that is not there", "The mail would leave without its file."
)
ATTACHMENT_OUTSIDE = Rule(
    "attachment-outside",
    _E,
    "an attachment outside of the manifest's folder",
    "A cell of a sheet must never choose a file of the machine.",
)
ATTACHMENT_AMBIGUOUS = Rule(
    "attachment-ambiguous",
    _E,
    "a pattern that fits several files",
    "`pdf/{{ number }}_*.pdf` finds one file a row; which of two is meant, nobody can tell. With `several: true` all "
    "of them are attached.",
)
ATTACHMENT_FOR_TWO = Rule(
    "attachment-for-two",
    _E,
    "one personal file for two people",
    "One of them would read what is meant for the other. A file that cells choose and several people may have, as one "
    "for a region, is declared `shared: true`.",
)
ATTACHMENT_LACKS_KEY = Rule(
    "attachment-lacks-key",
    _W,
    "a file whose name lacks the row's key, where those of others hold theirs",
    "Two cells that were swapped, or a column that was sorted alone, send everybody somebody else's file; nothing but "
    "the names can show it.",
)
ATTACHMENT_NAMES_UNCHECKED = Rule(
    "attachment-names-unchecked",
    _I,
    "files whose names do not hold the keys of their rows",
    "With `pdf/{{ number }}.pdf` and `key: number`, a file in the wrong row is found by its name. With other names "
    "nothing can show it.",
)
ATTACHMENT_BLOCKED_TYPE = Rule(
    "attachment-blocked-type",
    _W,
    "a file of a kind that mail systems refuse",
    "Programs and scripts are how malware travels: LINE WORKS blocks bat, cmd, com, cpl, exe, scr, js, vbs, wsf and "
    "hta unless its administrator allows them, and most readers' mail systems do too.",
)
ATTACHMENT_EMPTY = Rule("attachment-empty", _E, "an attachment without content", "An empty file is hardly meant.")
INLINE_IMAGE_MISSING = Rule(
    "inline-image-missing",
    _E,
    "an inline image that no attachment has",
    '`<img src="cid:logo">` shows the attachment with `cid: logo`; without it the reader sees a broken picture.',
)
ATTACHMENT_TOO_LARGE = Rule(
    "attachment-too-large", _E, "attachments over the provider's limit", "The provider would refuse the mail."
)
ATTACHMENT_LONG_NAME = Rule(
    "attachment-long-name", _E, "a file name over the provider's limit", "The provider would refuse the mail."
)
ATTACHMENT_UNFIT_NAME = Rule(
    "attachment-unfit-name",
    _E,
    "a file name that the provider would misread",
    "The provider tells attachments from other fields, and from each other, by their names alone.",
)
