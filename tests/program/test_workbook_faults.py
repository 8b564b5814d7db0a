"""Every fault of a job in a workbook is told at its cell, and nothing in a cell is passed over in silence."""

from datetime import date

import pytest
from openpyxl.styles.numbers import BUILTIN_FORMATS

from batchmail.finding import Findings
from batchmail.pipeline import open_manifest
from tests.program.workbook_office import WorkbookOffice, add, settings


@pytest.mark.parametrize(
    ("row", "told", "said"),
    [
        (("mesage.cc", "a@example.com"), "A14 manifest-unknown-key", "Did you mean `message`?"),
        (("message.subjct", "Hello"), "A14 manifest-unknown-key", "Did you mean `message.subject`?"),
        (("subject", "Hello"), "A14 manifest-unknown-key", "Did you mean `message.subject`?"),
        (("kind", "works"), "A14 manifest-unknown-key", "Did you mean `provider.kind`?"),
        (("message..cc", "a@example.com"), "A14 manifest-unknown-key", "is no key"),
        ((".name", "x"), "A14 manifest-unknown-key", "is no key"),
        (('recipients."fields', "x"), "A14 manifest-unknown-key", "is no key"),
        (("name", "other"), "A14 manifest-duplicate-key", "It stands first in A2."),
        ((" name ", "other"), "A14 manifest-duplicate-key", "It stands first in A2."),
        (("message.body.file", "body.html"), "A14 manifest-duplicate-key", "The other row is 10."),
        (("message.cc",), "B14 manifest-bad-value", "has no value"),
        (("message.cc", None, "a@example.com"), "B14 manifest-bad-value", "has no value"),
        (("message.replyTo", "a@example.com", "b@example.com"), "C14 manifest-bad-value", "a second one"),
        (("send.concurrency", "many"), "B14 manifest-bad-value", 'here stands "many"'),
        (("message.isSaveSentMail", "yes"), "B14 manifest-bad-value", "Write true or false."),
        ((None, "more text"), "B14 manifest-missing-key", "A14 is blank"),
        (("message.attachments", "a.pdf"), "B14 manifest-bad-value", "`message.attachments.1.…`"),
        (("message.attachments.path", "a.pdf"), "A14 manifest-bad-value", "`message.attachments.1.…`"),
        (("message.attachments.7.optional", True), "A14 manifest-missing-key", "`message.attachments.7.path`"),
        (("recipients.fields.2026.type", "text"), "A14 manifest-bad-value", "in double quotes"),
        (("recipients.suppress", "a.txt", "b.txt"), "B14 file-missing", "`a.txt` is not there"),
        (("message.userName", "Office {{ nmae }}"), "B14 template-unknown-name", "Did you mean `name`?"),
        (("recipients.where", "namee == 'x'"), "B14 template-unknown-name", "Did you mean `name`?"),
        (("provider.userId", "x", "y"), "C14 manifest-bad-value", "a second one"),
        (("recipients.sheet", "Recipients"), "B14 sheet-not-found", "Did you mean `recipients`?"),
        (("recipients.file", "people.csv"), "B14 file-missing", "`people.csv` is not there"),
        (("version", 2), "B14 manifest-bad-value", "the number 1"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_cell(desk: WorkbookOffice, row: tuple[object, ...], told: str, said: str) -> None:
    desk.make()
    desk.touch(add(row))
    first, *_ = desk.findings()
    assert desk.told()[0] == told
    assert said in f"{first['message']} {first['hint']}"


def test_all_faults_are_told_in_one_pass(desk: WorkbookOffice) -> None:
    desk.without("message.to", "provider.kind")
    desk.make({"message.subject": ("Hello", "a remark"), "send.rate": ("fast",), "mesage.cc": ("x",)})
    assert sorted(desk.told()) == [
        "A12 manifest-unknown-key",
        "A4 manifest-missing-key",
        "A7 manifest-missing-key",
        "B10 manifest-bad-value",
        "C7 manifest-bad-value",
    ]


def test_a_key_that_is_misspelt_in_several_rows_is_told_in_each(desk: WorkbookOffice) -> None:
    desk.make({"mesage.cc": ("a",), "mesage.bcc": ("a", "b")})
    assert desk.told() == ["A14 manifest-unknown-key", "A15 manifest-unknown-key"]


def test_a_fault_in_a_text_is_told_with_its_line(desk: WorkbookOffice) -> None:
    desk.make({"message.body": ("Dear {{ name }},\r\n{{ nmae }}\n{{ salary }}",)})
    assert desk.told() == ["B10:2 template-unknown-name", "B10:3 template-unknown-name"]
    said = desk.run("plan").out
    assert "job.xlsx › job!B10, line 2  error  template-unknown-name" in said
    github = desk.run("plan", "--format", "github").out
    assert "job!B10, line 2: `nmae` is no column" in github
    sarif = desk.run("plan", "--format", "sarif").document["runs"][0]["results"][0]["locations"][0]
    assert sarif["logicalLocations"] == [{"fullyQualifiedName": "job!B10", "kind": "cell"}]
    assert sarif["message"] == {"text": "line 2 of the cell"}


def test_a_text_on_one_line_is_told_by_its_cell_alone(desk: WorkbookOffice) -> None:
    desk.make({"message.subject": ("Hello {% if name %}",)})
    assert desk.told() == ["B9 template-syntax"]


@pytest.mark.parametrize("secret", ["AAAA-very-secret", "{token: AAAA-very-secret}"])
def test_a_secret_in_a_cell_is_told_and_never_repeated(desk: WorkbookOffice, secret: str) -> None:
    desk.without("provider.accessToken.env")
    desk.make({"provider.accessToken": (secret,)})
    (finding,) = desk.findings()
    assert (finding["rule"], finding["cell"]) == ("manifest-literal-secret", "B13")
    assert "`provider.accessToken.env`" in finding["hint"]
    assert "very-secret" not in everything_told(desk)


def test_a_secret_that_is_told_is_not_missed_as_well(desk: WorkbookOffice) -> None:
    desk.without("provider.accessToken.env")
    desk.make({"provider.accessToken": ("AAAA-very-secret",)})
    told = desk.run("plan")
    assert "manifest-literal-secret" in told.out
    assert "Before you send" not in told.err
    desk.without("provider.accessToken")
    desk.make()
    told = desk.run("plan")
    assert "Before you send: provider: there is neither `accessToken` nor `oauth`" in told.err
    assert "`provider.accessToken.env` in column A and WORKS_ACCESS_TOKEN in column B" in told.err


def everything_told(desk: WorkbookOffice) -> str:
    """The findings of a plan, in every form."""
    return "".join(desk.run("plan", "--format", form).out for form in ("text", "json", "github", "sarif"))


def test_a_value_without_a_key_may_be_a_secret_and_is_never_repeated(desk: WorkbookOffice) -> None:
    desk.make()
    desk.cell("A9", None)
    desk.cell("B9", "s3cr3t-token")
    assert "B9 manifest-missing-key" in desk.told()
    assert "s3cr3t" not in everything_told(desk)


def test_a_value_that_cannot_be_shown_may_be_a_secret_and_is_never_repeated(desk: WorkbookOffice) -> None:
    desk.make({"provider.password": (None,)})
    desk.cell("B14", 12345678, number_format=BUILTIN_FORMATS[44])
    assert "B14 cell-number-format" in desk.told()
    assert "12345678" not in everything_told(desk)


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("provider.accessToken", "{env: WORKS_ACCESS_TOKEN}", "`provider.accessToken.env`"),
        ("message.body", "{file: body.html}", "`message.body.file`"),
        ("message.body", "body.html", "`message.body.file`"),
        ("message.text", "texts/body.txt", "`message.text.file`"),
    ],
)
def test_what_was_copied_from_yaml_or_names_a_file_is_no_value(
    desk: WorkbookOffice, key: str, value: str, hint: str
) -> None:
    desk.without("provider.accessToken.env" if key.startswith("provider") else "")
    desk.make({key: (value,)})
    finding = desk.findings()[0]
    assert finding["rule"] == "manifest-bad-value"
    assert hint in finding["hint"]


def test_values_are_what_their_cells_show(desk: WorkbookOffice) -> None:
    desk.make(
        {"send.concurrency": (4.0,), "send.combine": (50,), "message.isSaveTracking": (False,), "version": (1.0,)}
    )
    desk.cell("B3", date(2026, 10, 1), number_format="yyyy-mm")
    desk.cell("B2", 7, number_format="00000")
    opened = open_manifest(desk.path, Findings())[1]
    assert opened is not None
    job = opened.job
    assert (job.mailing.job, job.mailing.edition) == ("00007", "2026-10")
    assert (job.send.concurrency, job.send.combine, job.message.save_tracking) == (4, 50, False)


@pytest.mark.parametrize("shown", ["True", "true", "TRUE", True])
def test_true_is_true_however_a_cell_shows_it(desk: WorkbookOffice, shown: object) -> None:
    desk.make({"message.isSendSeparately": (shown,)})
    opened = open_manifest(desk.path, Findings())[1]
    assert opened is not None
    assert opened.job.message.send_separately


def test_spaces_that_nobody_sees_do_not_count(desk: WorkbookOffice) -> None:
    desk.make({"name": (" lunch\u00a0",), "send.rate": ("5/s ",), " message.cc": ("boss@example.com ",)})
    assert [each["rule"] for each in desk.findings() if each["severity"] == "error"] == []


@pytest.mark.parametrize(
    ("cell", "value", "rule"),
    [
        ("B9", "#N/A", "cell-error-value"),
        ("B9", '="Hello "&B2', "cell-not-calculated"),
        ("A9", "=1/0", "cell-not-calculated"),
        ("C13", "#REF!", "cell-error-value"),
    ],
)
def test_a_cell_that_shows_nothing_of_use_is_a_finding_and_never_a_blank(
    desk: WorkbookOffice, cell: str, value: str, rule: str
) -> None:
    desk.make()
    desk.cell(cell, value)
    assert f"{cell} {rule}" in desk.told()


@pytest.mark.parametrize("shown", ["#NAME?", "#REF!"])
def test_a_key_that_shows_an_error_is_a_fault_and_no_remark(desk: WorkbookOffice, shown: str) -> None:
    desk.make()
    desk.cell("A8", shown)
    assert "A8 cell-error-value" in desk.told()


def test_a_number_that_each_machine_shows_otherwise_is_to_be_written_as_text(desk: WorkbookOffice) -> None:
    desk.make()
    desk.cell("B3", 12, number_format=BUILTIN_FORMATS[44])
    (finding,) = desk.findings()
    assert (finding["rule"], finding["cell"]) == ("cell-number-format", "B3")
    assert "format Text" in finding["hint"]


@pytest.mark.parametrize("cells", ["B10:D10", "B10:B11", "A10:B10"])
def test_merged_cells_are_a_finding_at_the_one_with_the_value(desk: WorkbookOffice, cells: str) -> None:
    desk.make()
    desk.touch(lambda sheet: sheet.merge_cells(cells))
    assert desk.told()[0] == f"{cells.partition(':')[0]} cell-merged"
    assert all("has no value" not in each["message"] for each in desk.findings())


def test_a_remark_may_be_merged_hidden_and_broken(desk: WorkbookOffice) -> None:
    desk.make({"# Our lunch": ("", "#N/A"), "   # more": ("x",)})
    desk.touch(lambda sheet: sheet.merge_cells("A15:D15"))
    desk.touch(lambda sheet: setattr(sheet.row_dimensions[14], "hidden", True))
    assert desk.told() == []


def test_headings_blank_rows_and_remarks_do_not_count(desk: WorkbookOffice) -> None:
    rows = {"KEY" if key == "key" else key: row for key, row in settings().items()}
    desk.rows = {"KEY": ("Value",), **{key: row for key, row in rows.items() if key != "KEY"}}
    desk.make()
    desk.touch(lambda sheet: sheet.insert_rows(1, amount=2))
    desk.touch(lambda sheet: sheet.insert_rows(6))
    assert desk.told() == []


def test_a_heading_further_below_is_no_heading(desk: WorkbookOffice) -> None:
    desk.make({"key": ("name",)})
    assert desk.told() == ["A1 manifest-unknown-key"]
