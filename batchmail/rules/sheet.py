"""Findings about sheets."""

from batchmail.finding import Rule, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

SHEET_ENCODING = Rule(
    "sheet-encoding",
    _E,
    "a text file in another encoding",
    "A guessed encoding turns names into other names. The encoding is UTF-8, or certain, or it is to be named.",
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
