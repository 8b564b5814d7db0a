"""Findings about cells."""

from batchmail.finding import Rule, Severity

_E = Severity.ERROR

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
