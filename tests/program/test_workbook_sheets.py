"""Which worksheets of a workbook are the job and its people, what is hidden, and workbooks that mean harm."""

import shutil
import zipfile
from collections.abc import Callable

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.program.office import captured
from tests.program.workbook_office import WorkbookOffice


@pytest.mark.parametrize("names", [("Job", "RECIPIENTS"), ("JOB", "Recipients")])
def test_the_names_of_worksheets_may_be_in_capitals(desk: WorkbookOffice, names: tuple[str, str]) -> None:
    desk.make(names=names)
    assert desk.told() == []


def test_a_sheet_of_recipients_alone_is_told_to_need_a_manifest(desk: WorkbookOffice) -> None:
    desk.make(names=("Sheet1", "People"))
    (finding,) = desk.findings()
    assert finding["rule"] == "sheet-not-found"
    assert "needs" in finding["hint"] or "give the manifest" in finding["hint"]
    assert "`Sheet1`, `People`" in finding["hint"]


def test_a_workbook_without_recipients_is_told_with_the_worksheets_that_there_are(desk: WorkbookOffice) -> None:
    desk.make(names=("job", "Recipient list"))
    (finding,) = desk.findings()
    assert finding["rule"] == "sheet-not-found"
    assert "`job`, `Recipient list`" in finding["hint"]
    desk.make({"recipients.sheet": ("Recipient list",)}, names=("job", "Recipient list"))
    assert desk.told() == []


def test_the_recipients_may_be_in_other_files(desk: WorkbookOffice) -> None:
    header = "number,name,email\n"
    (desk.folder / "a.csv").write_text(f"{header}1,Kim,kim@example.com\n", encoding="utf-8")
    (desk.folder / "b.csv").write_text(f"{header}2,Lee,lee@example.com\n", encoding="utf-8")
    desk.make({"recipients.file": ("a.csv", "b.csv")}, people=None)
    assert desk.plan().document["counts"]["send"] == 2


PARK = {"number": "3", "name": "Park", "email": "park@example.com"}


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ({"recipients.file": ("others.csv",)}, "recipients.file"),
        ({"recipients.file.1": ("others.csv",)}, "recipients.file"),
        ({"recipients.file": ("others.xlsx",), "recipients.sheet": ("recipients",)}, "recipients.file"),
        ({f"recipients.rows.1.{name}": (value,) for name, value in PARK.items()}, "recipients.rows"),
    ],
)
def test_a_worksheet_of_recipients_that_is_not_read_is_warned_of(
    desk: WorkbookOffice, rows: dict[str, tuple[str]], key: str
) -> None:
    desk.make()
    shutil.copy(desk.path, desk.folder / "others.xlsx")
    (desk.folder / "others.csv").write_text("number,name,email\n3,Park,park@example.com\n", encoding="utf-8")
    desk.make(rows)
    (finding,) = desk.findings()
    assert (finding["rule"], finding["severity"], finding["cell"]) == ("manifest-unread-recipients", "warning", "A14")
    assert f"`{key}` names other recipients, so the worksheet `recipients` is not read" in finding["message"]
    assert desk.run("send", "--yes").code == 1


def test_a_file_that_cannot_be_told_is_a_fault_and_no_other_recipients(desk: WorkbookOffice) -> None:
    desk.make({"recipients.file": (None,)})
    assert desk.told() == ["B14 manifest-bad-value"]
    desk.cell("B14", "#N/A")
    assert desk.told() == ["B14 cell-error-value"]


FILES = ((1, "more.csv"), (2, "./job.xlsx"))


def test_a_workbook_that_names_itself_reads_its_recipients(desk: WorkbookOffice) -> None:
    desk.make({"recipients.file": ("job.xlsx",)})
    assert desk.plan().document["counts"]["send"] == 3
    (desk.folder / "more.csv").write_text("number,name,email\n9,Choi,choi@example.com\n", encoding="utf-8")
    for rows in ({"recipients.file": ("job.xlsx", "more.csv")}, {f"recipients.file.{n}": (name,) for n, name in FILES}):
        desk.make(rows)
        assert desk.plan().document["counts"]["send"] == 4


def test_a_workbook_with_macros_is_one_too(desk: WorkbookOffice) -> None:
    desk.make()
    assert captured("plan", str(desk.path.rename(desk.folder / "job.XLSM"))).code == 0


@pytest.mark.parametrize("suffix", [".ods", ".xls"])
def test_other_workbooks_are_to_be_saved_as_xlsx(desk: WorkbookOffice, suffix: str) -> None:
    desk.make()
    ended = captured("plan", str(desk.path.rename(desk.folder / f"job{suffix}")))
    assert ended.code == 1
    assert "Save it as .xlsx" in ended.out


def test_a_workbook_that_is_not_there_is_told_with_the_nearest(desk: WorkbookOffice) -> None:
    desk.make()
    ended = captured("plan", str(desk.folder / "jop.xlsx"))
    assert ended.code == 1
    assert "Did you mean `job.xlsx`?" in ended.out


def test_files_are_those_of_the_workbooks_folder_and_of_no_other(desk: WorkbookOffice) -> None:
    (desk.folder / "body.txt").write_text("Dear {{ name }}", encoding="utf-8")
    desk.without("message.body")
    desk.make({"message.body.file": ("body.txt",), "message.attachments.1.path": ("{{ name }}/../../x.pdf",)})
    assert [each["rule"] for each in desk.findings()] == ["attachment-outside"] * 3


def hide_row(sheet: Worksheet) -> None:
    sheet.row_dimensions[9].hidden = True


def hide_column(sheet: Worksheet) -> None:
    sheet.column_dimensions["B"].hidden = True


def hide_sheet(sheet: Worksheet) -> None:
    sheet.sheet_state = "hidden"


@pytest.mark.parametrize(("hide", "place"), [(hide_row, "A9"), (hide_column, "B1"), (hide_sheet, "job")])
def test_what_is_hidden_counts_and_is_warned_of(
    desk: WorkbookOffice, hide: Callable[[Worksheet], None], place: str
) -> None:
    desk.make()
    desk.touch(hide)
    ended = desk.plan()
    assert ended.document["counts"]["send"] == 3
    assert desk.told() == [f"{place} manifest-hidden"]
    assert desk.run("send", "--yes").code == 1


def test_hidden_recipients_are_warned_of(desk: WorkbookOffice) -> None:
    desk.make()
    desk.touch(hide_sheet, "recipients")
    assert [each["rule"] for each in desk.findings()] == ["manifest-hidden"]


def patched(desk: WorkbookOffice, inserted: bytes, before: bytes = b"</sheetData>") -> None:
    """The workbook with something put into the cells of its job."""
    desk.make()
    with zipfile.ZipFile(desk.path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(before, inserted + before, 1)
    with zipfile.ZipFile(desk.path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def xml_row(number: int, key: str, value: str = "x", column: str = "B") -> bytes:
    cells = f'<c r="A{number}" t="str"><v>{key}</v></c><c r="{column}{number}" t="str"><v>{value}</v></c>'
    return f'<row r="{number}">{cells}</row>'.encode()


@pytest.mark.parametrize(
    ("inserted", "told"),
    [
        (b"".join(xml_row(n, f"k{n}", column="XFD") for n in range(20, 30)), "A26 manifest-limits"),
        (xml_row(20, "message.cc", "x" * 2_000_000), "A20 manifest-limits"),
        (xml_row(20, "a." * 40_000 + "b"), "A20 manifest-unknown-key"),
        (xml_row(20, "&quot;" * 40_000), "A20 manifest-unknown-key"),
        (xml_row(1_048_576, "nobody", column="XFD"), "A1048576 manifest-unknown-key"),
    ],
)
def test_a_job_larger_than_any_ends_in_a_finding(desk: WorkbookOffice, inserted: bytes, told: str) -> None:
    patched(desk, inserted)
    assert desk.told() == [told]


def test_entities_and_bombs_end_in_a_finding(desk: WorkbookOffice) -> None:
    patched(desk, b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<worksheet")
    assert desk.told() == ["job.xlsx sheet-broken"]
    patched(desk, xml_row(20, "name", " " * 200_000_000))
    assert desk.told() == ["job.xlsx sheet-broken"]
