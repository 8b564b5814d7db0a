"""Findings about templates."""

from batchmail.finding import Rule, Severity

_E = Severity.ERROR

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
EXTRA_MISSING = Rule(
    "extra-missing",
    _E,
    "a library that the job needs and that is not installed",
    "Large libraries that few jobs need are installed by name.",
)
