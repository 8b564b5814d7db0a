"""The examples are what their program makes, they fit together, and they can harm nobody."""

import csv
import io
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml

TOP = Path(__file__).parents[2]
MANIFESTS = TOP / "manifests"
JOBS = sorted(MANIFESTS.glob("*/job.*"))

_ADDRESS = re.compile(r"[\w.'+-]+@([\w.-]+\w)")
_TEXTS = {".csv", ".html", ".ics", ".md", ".txt", ".yaml"}
_RESERVED = re.compile(r"(.+\.)?example\.(com|net|org)")  # RFC 2606


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def workbook_content(content: bytes) -> object:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        (sheet.title, [[(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()])
        for sheet in book.worksheets
    ]


def png_content(content: bytes) -> object:
    """Width and height, and the pixels."""
    start = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[start - 4 : start])
    return content[16:24], zlib.decompress(content[start + 4 : start + 4 + length])


def pdf_texts(content: bytes) -> list[str]:
    """What an uncompressed PDF prints, in order (ISO 32000-1, 9.4.3)."""
    shown = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content)
    return [re.sub(rb"\\(.)", rb"\1", text).decode("cp1252") for text in shown]


CONTENT: dict[str, Callable[[bytes], object]] = {
    ".xlsx": workbook_content,
    ".png": png_content,
    ".pdf": pdf_texts,
    ".csv": lambda content: content,
    ".ics": lambda content: content,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the program makes."""
    folder = tmp_path_factory.mktemp("manifests")
    subprocess.run([sys.executable, "-m", "tests.examples.make_manifests", str(folder)], cwd=TOP, check=True)
    return folder


def test_the_files_are_what_their_program_makes(made: Path) -> None:
    names = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())

    different = [
        name
        for name in names
        if CONTENT[name.suffix]((made / name).read_bytes()) != CONTENT[name.suffix]((MANIFESTS / name).read_bytes())
    ]

    assert different == []
    assert len(names) == 129


def test_there_is_a_pdf_for_every_invoice_and_none_besides() -> None:
    rows = openpyxl.load_workbook(MANIFESTS / "invoices" / "recipients.xlsx")["October"].iter_rows(min_row=2)

    numbers = [f"{row[0].value:05}" for row in rows]

    assert len(numbers) == 120
    assert sorted(path.stem for path in (MANIFESTS / "invoices" / "pdf").iterdir()) == sorted(numbers)


def test_every_pdf_shows_what_its_row_says() -> None:
    for row in openpyxl.load_workbook(MANIFESTS / "invoices" / "recipients.xlsx")["October"].iter_rows(min_row=2):
        number, company, _, email, _, amount, due, _ = (cell.value for cell in row)
        texts = pdf_texts((MANIFESTS / "invoices" / "pdf" / f"{number:05}.pdf").read_bytes())

        assert {f"Invoice {number:05}", company, email, f"{amount:,.2f}", f"due {due:%Y-%m-%d}"} <= set(texts)


def test_the_workbook_has_real_numbers_and_dates_in_the_formats_people_see() -> None:
    first = openpyxl.load_workbook(MANIFESTS / "invoices" / "recipients.xlsx")["October"][2]

    shown = [(cell.data_type, cell.number_format) for cell in first]
    assert [shown[0], shown[5], shown[6]] == [("n", "00000"), ("n", "#,##0.00"), ("d", "yyyy-mm-dd")]
    assert first[2].value == "김민수"


def test_the_sheets_have_the_rows_that_the_readme_counts() -> None:
    october = openpyxl.load_workbook(MANIFESTS / "invoices" / "recipients.xlsx")["October"]

    assert [cell.value for cell in october["H"]].count("yes") == 112
    assert len(csv_rows(MANIFESTS / "welcome" / "recipients.csv")) == 24
    assert len({row["email"] for row in csv_rows(MANIFESTS / "outage-notice" / "recipients.csv")}) == 2_000


def test_the_welcome_has_three_languages_and_an_address_of_several_lines() -> None:
    rows = csv_rows(MANIFESTS / "welcome" / "recipients.csv")

    assert {row["language"] for row in rows} == {"ko", "ja", "en"}
    assert [row["name"] for row in rows if "\n" in row["address"]] == ["Alice Morgan"]


def test_nobody_who_exists_is_named_by_an_address() -> None:
    texts = {path: path.read_text(encoding="utf-8-sig") for path in MANIFESTS.rglob("*.*") if path.suffix in _TEXTS}
    texts |= {path: " ".join(pdf_texts(path.read_bytes())) for path in MANIFESTS.rglob("*.pdf")}
    for path in MANIFESTS.rglob("*.xlsx"):
        sheets = openpyxl.load_workbook(path).worksheets
        texts[path] = " ".join(str(value) for sheet in sheets for row in sheet.values for value in row)

    domains = {match[1] for text in texts.values() for match in _ADDRESS.finditer(text)}

    assert len(domains) > 100
    assert [domain for domain in domains if not _RESERVED.fullmatch(domain)] == []


def provider_of(job: Path) -> dict[str, object]:
    """The provider's settings of a job."""
    if job.suffix == ".yaml":
        return dict(yaml.safe_load(job.read_text(encoding="utf-8"))["provider"])
    rows = {str(row[0]): row[1] for row in openpyxl.load_workbook(job)["job"].values}
    keys = {key.removeprefix("provider."): value for key, value in rows.items() if key.startswith("provider.")}
    references = {key.removesuffix(".env"): {"env": value} for key, value in keys.items() if key.endswith(".env")}
    return {**{key: value for key, value in keys.items() if "." not in key}, **references}


@pytest.mark.parametrize("job", JOBS, ids=lambda path: path.parent.name)
def test_no_job_holds_a_secret(job: Path) -> None:
    provider = provider_of(job)

    places = {
        "accessToken": "WORKS_ACCESS_TOKEN",
        "consumerKey": "WORKS_CONSUMER_KEY",
        "apiKey": "PLEASANTER_API_KEY",
        "password": "SMTP_PASSWORD",
    }
    secrets = {key: value for key, value in provider.items() if key in places}
    assert secrets or provider["kind"] == "outbox"
    assert secrets == {key: {"env": places[key]} for key in secrets}


@pytest.mark.parametrize("job", JOBS, ids=lambda path: path.parent.name)
def test_the_readme_says_how_to_run_each_job(job: Path) -> None:
    readme = (MANIFESTS / "README.md").read_text(encoding="utf-8")

    assert f"batchmail plan {job.relative_to(TOP).as_posix()}\n" in readme
    assert f"batchmail rehearse {job.relative_to(TOP).as_posix()}\n" in readme


def test_the_invoices_are_small_enough_to_be_cloned_with_the_rest() -> None:
    # What a rehearsal leaves beside them is not cloned.
    files = (path for path in (MANIFESTS / "invoices").rglob("*") if ".batchmail" not in path.parts)
    assert sum(path.stat().st_size for path in files if path.is_file()) < 1_000_000
