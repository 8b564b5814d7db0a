"""Findings about rows."""

from batchmail.finding import Rule, Severity

_E = Severity.ERROR

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
ROW_NOT_CONVERTIBLE = Rule(
    "row-not-convertible",
    _E,
    "a mail that cannot be made into what the provider takes",
    "The job asks for another form of the body, such as plain text, and this row's body cannot be read to its end.",
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
