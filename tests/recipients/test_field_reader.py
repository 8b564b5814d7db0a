"""Cells become the values that templates see."""

import locale
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail import rules
from batchmail.finding import Findings
from batchmail.job import FieldSpec, FieldType
from batchmail.location import TextLocation
from batchmail.recipients import FieldReader, check_fields
from batchmail.row import CellFault, ReadRow, Row, StoredCell, StoredValue
from batchmail.values import Addresses, Blank, CellValue

WHERE = TextLocation(Path("job.yaml"), 14, 5)
NUMBER_FORMAT = CellFault(rules.CELL_NUMBER_FORMAT.id, "cannot be reproduced", "Change it.", "0.5")
UNCALCULATED = CellFault(rules.CELL_NOT_CALCULATED.id, "no value", "Calculate it.", "=A1")


def declared(kind: FieldType, written: str | None = None, *, required: bool = True) -> FieldSpec:
    return FieldSpec("amount", WHERE, kind, written, required)


def read(
    field: FieldSpec | None, text: str, stored: StoredValue = None, faults: Mapping[int, CellFault] | None = None
) -> ReadRow:
    cells = (StoredCell(stored, "General"),) if stored is not None else None
    row = Row(1, 2, (text,), cells, faults or {})
    return FieldReader(("amount",), {"amount": field} if field else {}).read(row)


def value(field: FieldSpec | None, text: str, stored: StoredValue = None) -> CellValue:
    result = read(field, text, stored)
    assert not result.faults
    return result.values[0]


def fault(field: FieldSpec, text: str, stored: StoredValue = None) -> CellFault:
    result = read(field, text, stored)
    assert isinstance(result.values[0], Blank)
    return result.faults[0]


def test_columns_that_are_not_declared_read_as_they_stand() -> None:
    assert value(None, " 00042 ") == " 00042 "


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\n"])
def test_an_empty_cell_is_blank(text: str) -> None:
    assert value(None, text) == Blank("amount")


@pytest.mark.parametrize("word", ["NaN", "nan", "None", "null", "NULL", "<NA>", "NaT", "#N/A", "#REF!", "#DIV/0!"])
def test_a_word_for_a_missing_value_is_blank_and_kept(word: str) -> None:
    assert value(None, word) == Blank("amount", word)
    assert value(declared("text"), word) == word
    assert fault(declared("decimal"), word).rule == "row-missing-value"
    assert fault(declared("email", required=False), word).text == word


@pytest.mark.parametrize("name", ["Null", "Nan", "none", "NA", "N/A"])
def test_names_are_no_words_for_a_missing_value(name: str) -> None:
    assert value(None, name) == name


@pytest.mark.parametrize("kind", ["text", "email", "emails", "integer", "decimal", "date", "datetime", "boolean"])
def test_a_blank_cell_of_a_declared_column_is_a_fault_unless_it_may_be_blank(kind: FieldType) -> None:
    found = fault(declared(kind), " ")
    assert (found.rule, "`amount` is required" in found.message) == ("row-blank-value", True)
    assert value(declared(kind, required=False), " ") == ""


def test_an_address_loses_its_blanks() -> None:
    assert value(declared("email"), " kim@example.com\n") == "kim@example.com"


def test_several_addresses_are_split_at_semicolons_commas_and_line_breaks() -> None:
    addresses = value(declared("emails"), "a@x.com; b@x.com,\nc@x.com\r\n;")
    assert addresses == Addresses(("a@x.com", "b@x.com", "c@x.com"))
    assert str(addresses) == "a@x.com, b@x.com, c@x.com"
    assert fault(declared("emails"), " ; ").rule == "cell-bad-value"


def test_numbers_compare_as_numbers_and_print_as_their_format_says() -> None:
    amount = value(declared("decimal", "₩{:,.2f}"), "1,234.5")
    assert (amount, str(amount)) == (Decimal("1234.5"), "₩1,234.50")
    count = value(declared("integer", "{:,} 원"), "1234567")
    assert (count, str(count)) == (1234567, "1,234,567 원")
    assert str(value(declared("integer", "{:.1f}"), "shown", 3.0)) == "3.0"
    assert str(value(declared("integer", "{:05d}"), "42")) == "00042"
    assert str(value(declared("decimal", "{:.1%}"), "0.125")) == "12.5%"


@pytest.mark.parametrize(("number", "text"), [("0.125", "0.13"), ("2.675", "2.68"), ("-0.125", "-0.13")])
def test_halves_are_rounded_up_as_spreadsheets_do(number: str, text: str) -> None:
    assert str(value(declared("decimal", "{:.2f}"), number)) == text


def test_without_a_format_a_value_prints_as_its_cell() -> None:
    assert str(value(declared("decimal"), " 1,234.50 ")) == "1,234.50"
    assert str(value(declared("decimal"), "₩1,235", 1234.5)) == "₩1,235"
    assert str(value(declared("date"), "2026년 10월 31일")) == "2026년 10월 31일"
    assert str(value(declared("boolean"), "○")) == "○"


def test_dates_compare_as_dates_and_print_as_their_format_says() -> None:
    due = value(declared("date", "%Y年%m月%d日 (%a)"), "2026-10-31")
    assert (due, str(due)) == (date(2026, 10, 31), "2026年10月31日 (Sat)")
    assert str(value(declared("date", "%-m/%-d, day %j, 100%%"), "2026-01-05")) == "1/5, day 005, 100%"
    at = value(declared("datetime", "%d %B %y, %-I:%M:%S %p"), "2026-10-31 13:05")
    assert (at, str(at)) == (datetime.fromisoformat("2026-10-31T13:05"), "31 October 26, 1:05:00 PM")
    assert str(value(declared("datetime", "%b %I%p %-H %H"), "2026-10-31 00:05")) == "Oct 12AM 0 00"


def test_dates_print_the_same_in_every_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        with suppress(locale.Error):  # the machine may not have it
            locale.setlocale(locale.LC_TIME, "ko_KR.UTF-8")
        assert str(value(declared("date", "%A, %B %d"), "2026-10-31")) == "Saturday, October 31"
    finally:
        locale.setlocale(locale.LC_TIME, before)


@given(st.datetimes(min_value=datetime.fromisoformat("1000-01-01")))
def test_printing_a_date_is_strftime_in_english(at: datetime) -> None:
    written = "%Y %y %m %d %H %I %M %S %j %%"
    assert str(value(declared("datetime", written), "shown", at)) == at.strftime(written)


def test_truths_print_the_words_of_their_format() -> None:
    for text, stored, word in (("yes", None, "Member"), ("×", None, "Guest"), ("FALSE", False, "Guest")):
        assert str(value(declared("boolean", "Member/Guest"), text, stored)) == word
    assert not value(declared("boolean"), "no")
    assert value(declared("boolean", "VIP/"), "1") == 1


def test_a_cell_of_another_type_is_a_fault_that_says_what_to_write() -> None:
    found = fault(declared("date"), "03/04/2026")
    assert found.rule == "cell-bad-value"
    assert found.message == "`03/04/2026` is not of the type date: the date can be read in several ways"
    assert found.hint == "Write it as YYYY-MM-DD, such as 2026-10-31."
    assert found.text == "03/04/2026"


def test_a_cells_own_fault_makes_it_blank() -> None:
    for field in (None, declared("text"), declared("decimal", "{:.2f}"), declared("decimal", required=False)):
        result = read(field, "", 0.5, {0: UNCALCULATED})
        assert (result.values, result.faults) == ((Blank("amount"),), {0: UNCALCULATED})


def test_a_number_format_matters_only_where_the_cell_is_printed_by_it() -> None:
    for field in (None, declared("text"), declared("decimal")):
        assert read(field, "0.5", 0.5, {0: NUMBER_FORMAT}).faults == {0: NUMBER_FORMAT}
    result = read(declared("decimal", "{:.2f}"), "0.5", 0.5, {0: NUMBER_FORMAT})
    assert not result.faults
    assert str(result.values[0]) == "0.50"


def test_faults_outside_of_the_columns_are_passed_on() -> None:
    outside = CellFault(rules.SHEET_RAGGED_ROW.id, "too many cells", "Quote it.", "x")
    result = read(declared("text"), "Kim", None, {1: outside})
    assert (result.values, dict(result.faults)) == (("Kim",), {1: outside})


def test_a_row_without_declarations_and_faults_is_read_as_a_whole() -> None:
    row = Row(1, 2, ("a", "", "NaN"))
    result = FieldReader(("x", "y", "z"), {"elsewhere": declared("date")}).read(row)
    assert result.row is row
    assert (result.values, dict(result.faults)) == (("a", Blank("y"), Blank("z", "NaN")), {})


@given(st.lists(st.sampled_from(("a", "", " ", "\u3000", "NaN", " NaN", "#N/A", "null")), max_size=4).map(tuple))
def test_a_cell_reads_the_same_whatever_stands_beside_it(texts: tuple[str, ...]) -> None:
    names = tuple(f"x{number}" for number in range(len(texts)))
    alone = [FieldReader((name,), {}).read(Row(1, 2, (text,))).values for name, text in zip(names, texts, strict=True)]
    whole = FieldReader(names, {}).read(Row(1, 2, texts)).values
    assert whole == tuple(value for values in alone for value in values)
    missing = {text for text in texts if not text.strip() or text in ("NaN", "#N/A", "null")}
    assert [isinstance(value, Blank) for value in whole] == [text in missing for text in texts]


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        ("decimal", "0.00", "no place for the number"),
        ("decimal", "{:,.2f} {:,.2f}", "several places"),
        ("decimal", "{:,.2f", "braces do not match"),
        ("decimal", "{0:.2f}", "no format of a number"),
        ("decimal", "{amount}", "no format of a number"),
        ("decimal", "{.__class__}", "no format of a number"),
        ("decimal", "{!r}", "no format of a number"),
        ("decimal", "{:{}}", "no format of a number"),
        ("decimal", "{:999999999}", "no format of a number"),
        ("decimal", "{:n}", "no format of a number"),
        ("decimal", "{:d}", "no format of a decimal number"),
        ("integer", "{:s}", "no format of a number"),
        ("integer", "{:.2d}", "no format of an integer"),
        ("date", "yyyy-mm-dd", "no place for a date"),
        ("date", "%Y-%Q", "%Q is no part of a date"),
        ("date", "%Y %H", "%H is no part of a date"),
        ("date", "%Y-%m-%", "% is no part of a date"),
        ("datetime", "%c", "%c is no part of a datetime"),
        ("boolean", "Yes", "two words"),
        ("boolean", "a/b/c", "two words"),
        ("boolean", "Yes/Yes", "two words"),
        ("text", "{:>10}", "printed as they stand"),
        ("email", "%s", "printed as they stand"),
        ("emails", "{}", "printed as they stand"),
    ],
)
def test_a_format_that_its_type_cannot_have_is_told_once_at_the_declaration(
    kind: FieldType, written: str, message: str
) -> None:
    field = declared(kind, written)
    findings = Findings()
    check_fields({"amount": field}, findings)
    (finding,) = findings
    assert (finding.rule, finding.where, finding.text) == ("manifest-bad-value", WHERE, written)
    assert message in finding.message
    assert finding.hint


PRINTED: list[tuple[FieldType, str, str]] = [
    ("decimal", "{:>+12,.2f}", "1.5"),
    ("integer", "Nr. {:06d}", "2"),
    ("date", "%Y-%m-%d", "2026-10-31"),
    ("datetime", "%H:%M", "2026-10-31"),
    ("boolean", "○/×", "yes"),
]


@pytest.mark.parametrize(("kind", "written", "text"), PRINTED)
def test_a_format_that_its_type_can_have_is_no_finding(kind: FieldType, written: str, text: str) -> None:
    findings = Findings()
    check_fields({"amount": declared(kind, written)}, findings)
    assert not list(findings)
    assert value(declared(kind, written), text)


@given(written=st.text(st.sampled_from("{}:,.2f%dYm/!<>^0 +#xés["), max_size=12), example=st.sampled_from(PRINTED))
def test_no_format_does_more_than_be_refused(written: str, example: tuple[FieldType, str, str]) -> None:
    kind, _, text = example
    findings = Findings()
    check_fields({"amount": declared(kind, written)}, findings)
    assert isinstance(str(value(declared(kind, written), text)), str)


def limited(kind: FieldType, **limits: object) -> FieldSpec:
    return FieldSpec("amount", WHERE, kind, **limits)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("field", "good", "bad", "reason"),
    [
        (limited("choice", choices=("A", "B")), "A", "a", "none of the values to choose from"),
        (limited("text", choices=("00", "01")), "01", "1", "none of the values to choose from"),
        (limited("text", pattern="[0-9]{3}"), "012", "0123", "does not match the pattern [0-9]{3}"),
        (limited("integer", min="1", max="10"), "10", "0", "under 1"),
        (limited("integer", min="1", max="10"), " 1 ", "11", "over 10"),
        (limited("decimal", min="0.5"), "1,000", "0.49", "under 0.5"),
        (limited("date", max="2026-12-31"), "2026/12/31", "2027-01-01", "over 2026-12-31"),
        (limited("datetime", min="2026-01-01 09:00"), "2026-01-01 09:00", "2026-01-01 08:59", "under 2026-01-01"),
    ],
)
def test_a_column_takes_what_its_limits_allow(field: FieldSpec, good: str, bad: str, reason: str) -> None:
    assert read(field, good).faults == {}
    found = fault(field, bad)
    assert found.rule == "cell-bad-value"
    assert reason in found.message


def test_a_number_is_held_against_its_limits_as_the_workbook_stores_it() -> None:
    assert "over 10" in fault(limited("decimal", max="10"), "10", 10.4).message


@pytest.mark.parametrize(
    "text", ["https://example.com", "http://example.com/a?b=c#d", "mailto:kim@example.com", " HTTPS://example.com/김 "]
)
def test_web_addresses_are_taken(text: str) -> None:
    assert value(declared("url"), text) == text.strip()


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "example.com", "https://", "https://a b", 'https://a/"x', "file:///etc", "https:/a"]
)
def test_what_would_run_or_lead_nowhere_is_no_web_address(text: str) -> None:
    assert fault(declared("url"), text).rule == "cell-bad-value"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (limited("choice"), "the type `choice` of `amount`"),
        (limited("text", pattern="("), "no regular expression"),
        (limited("text", min="1"), "have no order"),
        (limited("integer", min="many"), "the min `many` of `amount`"),
        (limited("integer", min="1.5"), "no whole number"),
        (limited("date", min="2026-02-01", max="2026-01-01"), "over the largest"),
    ],
)
def test_limits_that_no_value_could_keep_are_told_once(field: FieldSpec, said: str) -> None:
    findings = Findings()
    check_fields({"amount": field}, findings)
    (found,) = findings
    assert (found.rule, found.where) == ("manifest-bad-value", WHERE)
    assert said in found.message
    assert read(field, "2026-01-05" if field.type == "date" else "1").faults == {}
