"""Every kind of finding: the only place where their ids are born.

An error blocks the job. A warning is a risk: `plan` shows it, `send` wants it allowed by name.
"""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

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

MANIFEST_REPORT_OVER_INPUT = Rule(
    "manifest-report-over-input",
    _E,
    "a report that would replace a file that the job reads",
    "The sheet, the bodies and the attachments are yours: a report never takes their place.",
)

SHEET_ENCODING = Rule(
    "sheet-encoding",
    _E,
    "a text file in another encoding",
    "A guessed encoding turns names into other names. The encoding is named, or it is UTF-8.",
)
SHEET_ENCODING_DETECTED = Rule(
    "sheet-encoding-detected",
    _I,
    "a text file whose encoding was told by its content",
    "It is certain where one encoding alone gives a text of its language. Look at the sample all the same: a name read "
    "in a wrong encoding is another name.",
)
SHEET_BROKEN = Rule(
    "sheet-broken", _E, "a sheet that cannot be read", "A damaged file may have lost rows without a trace."
)
SHEET_NOT_FOUND = Rule(
    "sheet-not-found",
    _E,
    "a worksheet that is not in the workbook",
    "Another worksheet would be another list of people.",
)
SHEET_NO_HEADER = Rule(
    "sheet-no-header",
    _E,
    "a header that is not in the line that the job names",
    "In another line there would be other names of columns, or the first person in their place.",
)
SHEET_EMPTY = Rule("sheet-empty", _E, "a sheet without rows", "A job with nobody to write to is hardly meant.")
SHEET_DUPLICATE_COLUMN = Rule(
    "sheet-duplicate-column", _E, "a column name that stands twice", "Nobody can tell which of the two is meant."
)
SHEET_UNNAMED_COLUMN = Rule(
    "sheet-unnamed-column",
    _E,
    "a column with cells but no name",
    "Its cells cannot be used, and may be meant to.",
)
SHEET_MISSING_COLUMN = Rule(
    "sheet-missing-column",
    _E,
    "a column that the job names and the sheet lacks",
    "One missing column would be a fault in every row; it is reported once.",
)
SHEET_COLUMNS_DIFFER = Rule(
    "sheet-columns-differ",
    _E,
    "a file of the list with other columns than the first",
    "Files that are one list have the same columns; a misspelt one would be blank for everybody in its file.",
)
SHEET_LATE_COLUMN = Rule(
    "sheet-late-column",
    _E,
    "a column that the first row does not have",
    "The first row says which columns there are; a misspelt name further down would be a column of its own.",
)
SHEET_HIDDEN_ROWS = Rule(
    "sheet-hidden-rows",
    _W,
    "rows that a filter hides, or somebody by hand",
    "Hidden rows are rows like all others: who filters a list and believes that only what is seen gets mail, is wrong.",
)
SHEET_HIDDEN_COLUMN = Rule(
    "sheet-hidden-column",
    _I,
    "a hidden column that the mail uses",
    "Nobody who looks at the sheet sees what is printed.",
)
SHEET_RAGGED_ROW = Rule(
    "sheet-ragged-row",
    _E,
    "a row with more cells than the header",
    "An unquoted separator shifts all later cells into the wrong columns.",
)

CELL_NOT_CALCULATED = Rule(
    "cell-not-calculated",
    _E,
    "a formula without a saved value",
    "A program that writes workbooks leaves formulas uncalculated; the cell then reads as empty.",
)
CELL_ERROR_VALUE = Rule(
    "cell-error-value", _E, "a cell that shows an error", "#N/A and its kind must not be printed into a mail."
)
CELL_BAD_VALUE = Rule(
    "cell-bad-value", _E, "a cell that is not of its column's type", "The manifest declares what the column holds."
)
CELL_MERGED = Rule(
    "cell-merged",
    _E,
    "a cell that is merged with others",
    "A spreadsheet shows the value across all of them and keeps it in the first alone; the others are blank.",
)
CELL_NUMBER_FORMAT = Rule(
    "cell-number-format",
    _E,
    "a number format that cannot be reproduced",
    "The cell would arrive in the mail otherwise than it is seen in the spreadsheet.",
)

TEMPLATE_SYNTAX = Rule("template-syntax", _E, "a template that cannot be parsed", "No row could be merged with it.")
TEMPLATE_UNKNOWN_NAME = Rule(
    "template-unknown-name",
    _E,
    "a name that is no column",
    "It would be missing in every mail; it is found before any row is merged.",
)
TEMPLATE_UNKNOWN_FILTER = Rule(
    "template-unknown-filter",
    _E,
    "a filter or test that does not exist",
    "In a branch that few rows take it would fail for those alone; it is found before any row is merged.",
)
TEMPLATE_UNKNOWN_ATTRIBUTE = Rule(
    "template-unknown-attribute",
    _E,
    "something asked of a cell that a cell does not have",
    "`{{ name.first }}` does not look into the column `name`. What stands behind the dot is asked of the cell's value: "
    "a date has a `year`, a text has not. A column whose name has a dot or a blank is `{{ row['name.first'] }}`.",
)
TEMPLATE_OUTSIDE = Rule(
    "template-outside",
    _E,
    "a template outside of the manifest's folder",
    "A template may include files of its own folder alone, never through links: a row must not choose what is read.",
)
TEMPLATE_CIRCLE = Rule(
    "template-circle",
    _E,
    "templates that include each other in a circle",
    "The merge would never end.",
)
TEMPLATE_FAILED = Rule(
    "template-failed", _E, "a template that fails for a row", "Better here than after 299 of 1,000 mails have left."
)

ROW_BLANK_VALUE = Rule(
    "row-blank-value",
    _E,
    "a blank cell that the mail prints",
    "It would read `Dear ,`. Fill the cell, give the template a default, or declare the column `required: false`.",
)
ROW_MISSING_VALUE = Rule(
    "row-missing-value",
    _E,
    "a cell that reads NaN, None or null",
    "Programs write these words where a value was missing. Where the word is meant, declare the column `type: text`.",
)
ROW_BLANK_KEY = Rule(
    "row-blank-key", _E, "a row without a key", "The key is what keeps a person from getting the same mail twice."
)
ROW_BAD_ADDRESS = Rule(
    "row-bad-address", _E, "an address that is none", "Providers refuse it, some of them together with all others."
)
ROW_SEVERAL_ADDRESSES = Rule(
    "row-several-addresses",
    _E,
    "several addresses where one is declared",
    "A second address in a cell would get somebody else's mail. Declare `type: emails` where it is meant.",
)
ROW_CONTROL_CHARACTER = Rule(
    "row-control-character",
    _E,
    "a line break or control character in a header field",
    "It can add recipients and headers that nobody meant.",
)
ROW_BAD_RECORD = Rule(
    "row-bad-record",
    _E,
    "a record id that is no positive whole number",
    "The mail would belong to no record, or to another one.",
)
ROW_BAD_UNSUBSCRIBE = Rule(
    "row-bad-unsubscribe",
    _E,
    "an address to leave the list by that leads nowhere",
    "Readers who cannot leave a list report it as spam, and mailbox providers then block its sender.",
)
ROW_DUPLICATE_KEY = Rule(
    "row-duplicate-key",
    _E,
    "a key that two rows have",
    "Only one of them could get its mail. See `recipients.duplicates`.",
)
ROW_NOT_UNIQUE = Rule(
    "row-not-unique",
    _E,
    "a value that stands twice in a column declared unique",
    "Two rows with the same number are often one row copied and half changed.",
)
ROW_DUPLICATE_MAIL = Rule(
    "row-duplicate-mail",
    _E,
    "the same mail to the same address twice",
    "Somebody would get it twice. See `recipients.duplicates`.",
)

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

PROVIDER_UNUSABLE = Rule(
    "provider-unusable",
    _E,
    "a provider whose package cannot be used",
    "A package that does not load, or does not fit this version of batchmail, is not trusted with mails.",
)
PROVIDER_CANNOT_EXPRESS = Rule(
    "provider-cannot-express",
    _E,
    "something this provider has no field for",
    "It would be lost in silence.",
)
PROVIDER_TOO_MANY_RECIPIENTS = Rule(
    "provider-too-many-recipients", _E, "more recipients than the provider takes", "The provider would refuse the mail."
)
PROVIDER_BLANK_SUBJECT = Rule(
    "provider-blank-subject", _E, "a mail without a subject", "The provider refuses it, and readers mistrust it."
)
SUBJECT_TOO_LONG = Rule(
    "subject-too-long",
    _E,
    "a subject that the provider has no room for",
    "The provider fails over it, and nobody could tell whether the mail has left.",
)
SUBJECT_WOULD_BE_CUT = Rule(
    "subject-would-be-cut",
    _W,
    "a subject over the provider's limit",
    "The provider cuts it and says nothing.",
)
RATE_ABOVE_LIMIT = Rule(
    "rate-above-limit",
    _W,
    "a rate above the provider's known limit",
    "The provider would refuse requests for a while, or block the mailbox for a day.",
)
LEVEL_MAY_NOT_LEAVE = Rule(
    "level-may-not-leave",
    _W,
    "mail of a level that may not leave the company, to an address outside of the account's domain",
    "The provider refuses it, unless that domain is the company's too.",
)
LEVEL_UNCHECKED = Rule(
    "level-unchecked",
    _I,
    "mail of a level that may not leave the company, and no telling what is outside of it",
    "Which addresses are inside is told by the account's own address.",
)
RECIPIENTS_SEE_EACH_OTHER = Rule(
    "recipients-see-each-other",
    _I,
    "several recipients in one mail",
    "Everybody in `to` and `cc` sees the addresses of the others.",
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
    "A saved plan is a promise: what somebody has looked at is what is sent. One byte more or less, and it is looked at "
    "again.",
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

RULES: dict[str, Rule] = {value.id: value for value in list(globals().values()) if isinstance(value, Rule)}
