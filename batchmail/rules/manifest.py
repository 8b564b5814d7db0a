"""Findings about the manifest, and the files that it names."""

from batchmail.finding import Rule, Severity

_E = Severity.ERROR

FILE_MISSING = Rule(
    "file-missing", _E, "a file that is not there", "The job cannot be planned without every file that it names."
)
FILE_UNREADABLE = Rule(
    "file-unreadable",
    _E,
    "a file that cannot be read",
    "A file that another program holds, that the account may not read, or that is no file cannot be planned with.",
)
MANIFEST_SYNTAX = Rule(
    "manifest-syntax", _E, "broken YAML", "A manifest that cannot be parsed says nothing certain about who gets what."
)
MANIFEST_LIMITS = Rule(
    "manifest-limits",
    _E,
    "aliases, tags, or too large or too deep a manifest",
    "Anchors and aliases can make a small file explode; tags can ask for more than data. A job needs neither.",
)
MANIFEST_DUPLICATE_KEY = Rule(
    "manifest-duplicate-key",
    _E,
    "a key that stands twice",
    "YAML readers keep one of the two in silence, and rarely the one that was meant.",
)
MANIFEST_UNKNOWN_KEY = Rule(
    "manifest-unknown-key", _E, "a key that is not known", "A misspelt key that is ignored changes what is sent."
)
MANIFEST_MISSING_KEY = Rule(
    "manifest-missing-key", _E, "a key that is not there", "Without it the job does not say what is to be done."
)
MANIFEST_BAD_VALUE = Rule(
    "manifest-bad-value",
    _E,
    "a value of the wrong type or out of range",
    "Values are never bent into shape: `no` is a word and 01234 is not 668.",
)
MANIFEST_NOT_YET_AVAILABLE = Rule(
    "manifest-not-yet-available",
    _E,
    "something this version cannot do yet",
    "A key of the manifest that were ignored would change what is sent.",
)
MANIFEST_LITERAL_SECRET = Rule(
    "manifest-literal-secret",
    _E,
    "a secret written into the manifest",
    "Manifests are shared and kept under version control; secrets are named there, and live elsewhere.",
)
MANIFEST_HIDDEN = Rule(
    "manifest-hidden",
    Severity.WARNING,
    "a part of the job that the workbook does not show",
    "Hidden rows of a job count like all others: nobody sees a copy that goes to one more address.",
)
MANIFEST_UNREAD_RECIPIENTS = Rule(
    "manifest-unread-recipients",
    Severity.WARNING,
    "a worksheet of recipients that the job does not read",
    "Who keeps people on the worksheet `recipients` believes that they get the mail. Those whom the job names get it.",
)
MANIFEST_REPORT_OVER_INPUT = Rule(
    "manifest-report-over-input",
    _E,
    "a report that would replace a file that the job reads",
    "The sheet, the bodies and the attachments are yours: a report never takes their place.",
)
