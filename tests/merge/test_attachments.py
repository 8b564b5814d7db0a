"""The right file goes with the right row, and nothing else of the machine."""

import os
import sys
import unicodedata
from collections.abc import Callable
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.job import AttachmentSpec
from batchmail.merge.attachments import media_type
from batchmail.merge.patterns import Listing
from batchmail.message import Message, Personal
from tests.merge.bench import Bench, template

Attach = Callable[..., None]


@pytest.fixture
def attach(bench: Bench) -> Attach:
    """Give the message one attachment by the template of its path."""

    def change(path: str, **more: Any) -> None:  # noqa: ANN401  the fields of AttachmentSpec
        bench.message(attachments=(AttachmentSpec(template(path), **more),))

    (bench.job.folder / "pdf").mkdir()
    (bench.job.folder / "pdf" / "00042.pdf").write_bytes(b"%PDF 42")
    return change


def test_an_attachment_is_measured_and_hashed(bench: Bench, attach: Attach) -> None:
    attach("pdf/{{ number }}.pdf")
    (attachment,) = bench.message_of().attachments
    assert attachment.filename == "00042.pdf"
    assert attachment.media_type == "application/pdf"
    assert attachment.size == len(b"%PDF 42")
    assert attachment.digest == sha256(b"%PDF 42").hexdigest()


def test_a_missing_attachment_is_found_at_the_cell_that_names_it(bench: Bench, attach: Attach) -> None:
    attach("pdf/{{ number }}.pdf")
    assert bench.merge(number="00043") is None
    assert bench.found == [("attachment-missing", "people.xlsx › People!C7")]


def test_a_missing_attachment_of_the_manifest_is_told_once(bench: Bench, attach: Attach) -> None:
    attach("logo.png")
    merger = bench.merger()
    assert [merger.merge(read) for read in (bench.row(), bench.row())] == [None, None]
    assert bench.found == [("attachment-missing", "job.yaml:10:5")]


def test_an_optional_attachment_may_be_missing(bench: Bench, attach: Attach) -> None:
    attach("pdf/{{ number }}.pdf", optional=True)
    assert bench.message_of(number="00043").attachments == ()
    attach("{{ number }}", optional=True)
    assert bench.message_of(number="").attachments == ()


def test_an_empty_attachment_is_found(bench: Bench, attach: Attach) -> None:
    (bench.job.folder / "pdf" / "0.pdf").touch()
    attach("pdf/{{ number }}.pdf", optional=True)
    assert bench.merge(number="0") is None
    assert bench.found == [("attachment-empty", "people.xlsx › People!C7")]


@pytest.mark.parametrize(
    "name", ["../secret", "../../secret", "/etc/passwd", "pdf/../../secret", "pdf/../pdf/../../secret"]
)
def test_a_row_never_chooses_a_file_outside_of_the_folder(bench: Bench, attach: Attach, name: str) -> None:
    (bench.job.folder.parent / "secret").write_text("secret", encoding="utf-8")
    attach("{{ number }}")
    assert bench.merge(number=name) is None
    assert bench.found == [("attachment-outside", "people.xlsx › People!C7")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_row_never_chooses_a_file_through_a_link(bench: Bench, attach: Attach) -> None:
    (bench.job.folder.parent / "secret").write_text("secret", encoding="utf-8")
    (bench.job.folder / "pdf" / "link.pdf").symlink_to(bench.job.folder.parent / "secret")
    attach("pdf/{{ number }}.pdf")
    assert bench.merge(number="link") is None
    assert bench.findings.count("attachment-outside") == 1


def test_the_manifest_itself_may_name_a_file_outside(bench: Bench, attach: Attach) -> None:
    (bench.job.folder.parent / "logo.png").write_bytes(b"png")
    attach("../logo.png", cid="logo")
    (attachment,) = bench.message_of().attachments
    assert attachment.cid == "logo"


def test_a_null_character_in_a_name_is_a_finding(bench: Bench, attach: Attach) -> None:
    attach("{{ number }}")
    assert bench.merge(number="pdf/00042.pdf\x00.png") is None
    assert bench.findings.count("row-control-character") == 1


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_found_however_its_letters_are_composed(
    bench: Bench, attach: Attach, form: Literal["NFC", "NFD"]
) -> None:
    (bench.job.folder / "pdf" / unicodedata.normalize(form, "김민수 é.pdf")).write_bytes(b"x")
    attach("pdf/{{ name }}.pdf")
    spellings: tuple[Literal["NFC"], Literal["NFD"]] = ("NFC", "NFD")
    for spelling in spellings:
        assert bench.merge(name=unicodedata.normalize(spelling, "김민수 é")) is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "application/pdf"),
        ("로고.PNG", "image/png"),
        ("a.tar.gz", "application/octet-stream"),
        ("README", "application/octet-stream"),
    ],
)
def test_the_media_type_follows_the_name(name: str, kind: str) -> None:
    assert media_type(name) == kind


def test_a_file_that_a_cell_chooses_is_one_persons_alone(bench: Bench, attach: Attach) -> None:
    file = bench.job.folder / "pdf" / "00042.pdf"
    attach("pdf/{{ number }}.pdf")
    (attachment,) = bench.message_of().attachments
    assert attachment.personal == Personal(0, os.path.normcase(file.resolve()))
    attach("pdf/{{ number }}.pdf", shared=True)
    assert bench.message_of().attachments[0].personal is None
    attach("pdf/00042.pdf")
    assert bench.message_of().attachments[0].personal is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_two_names_of_one_file_are_that_file(bench: Bench, attach: Attach) -> None:
    (bench.job.folder / "pdf" / "link.pdf").symlink_to("00042.pdf")
    attach("pdf/{{ number }}.pdf")
    personal = {bench.message_of(number=name).attachments[0].personal for name in ("00042", "link")}
    assert len(personal) == 1


def test_whose_file_it_is_is_no_part_of_the_mail(bench: Bench, attach: Attach) -> None:
    attach("pdf/{{ number }}.pdf")
    alone = bench.message_of().content_digest()
    attach("pdf/{{ number }}.pdf", shared=True)
    assert bench.message_of().content_digest() == alone


@pytest.fixture
def folder(bench: Bench, attach: Attach) -> Path:
    """A folder with invoices whose names end in what nobody knows beforehand."""
    attach("pdf/{{ number }}_*.pdf")
    pdf = bench.job.folder / "pdf"
    for name in (
        "00042_kim.pdf",
        "00043_lee.pdf",
        "00043_lee (1).pdf",
        "1_a.pdf",
        "11_b.pdf",
        ".00044_x.pdf",
        "s*r.pdf",
    ):
        (pdf / name).write_bytes(name.encode())
    return pdf


def names(message: Message) -> list[str]:
    return [attachment.filename for attachment in message.attachments]


@pytest.mark.usefixtures("folder")
def test_a_pattern_finds_the_one_file_that_fits(bench: Bench) -> None:
    assert names(bench.message_of()) == ["00042_kim.pdf"]
    assert names(bench.message_of(number="1")) == ["1_a.pdf"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("00043", "attachment-ambiguous"),
        ("00044", "attachment-missing"),
        ("*", "attachment-missing"),
        ("0004?", "attachment-missing"),
        ("[0]*", "attachment-missing"),
        ("../pdf/1", "attachment-outside"),
    ],
)
def test_a_pattern_that_fits_no_file_or_two_is_a_finding_and_a_cell_is_never_one(
    bench: Bench, number: str, rule: str
) -> None:
    assert bench.merge(number=number) is None
    assert bench.found == [(rule, "people.xlsx › People!C7")]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "pattern", ["*/{{ number }}_kim.pdf", "pdf/*{{ number }}_*", "p?f/*42_k?m.pdf", "pdf/{{ 'x' * 0 }}00042_*"]
)
def test_a_pattern_may_stand_anywhere_in_the_path(bench: Bench, attach: Attach, pattern: str) -> None:
    attach(pattern)
    assert names(bench.message_of()) == ["00042_kim.pdf"]


@pytest.mark.usefixtures("folder")
def test_a_cell_with_a_wildcard_finds_a_file_with_that_very_name(bench: Bench, attach: Attach) -> None:
    attach("pdf/*{{ name }}*.pdf")
    assert names(bench.message_of(name="s*r")) == ["s*r.pdf"]


@pytest.mark.usefixtures("folder")
def test_several_files_are_attached_in_order_where_that_is_meant(bench: Bench, attach: Attach) -> None:
    attach("pdf/{{ number }}_*.pdf", several=True)
    assert names(bench.message_of(number="00043")) == ["00043_lee (1).pdf", "00043_lee.pdf"]
    assert names(bench.message_of(number="00042")) == ["00042_kim.pdf"]
    assert bench.merge(number="00045") is None
    attach("pdf/{{ number }}_*.pdf", several=True, optional=True)
    assert names(bench.message_of(number="00045")) == []


@pytest.mark.usefixtures("folder")
def test_several_files_have_names_of_their_own(bench: Bench, attach: Attach) -> None:
    attach("pdf/*.pdf", several=True, filename=template("Invoice.pdf"))
    bench.merger()
    assert bench.found == [("manifest-bad-value", "job.yaml:10:5")]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_pattern_never_leads_out_through_a_link(bench: Bench, folder: Path) -> None:
    (bench.job.folder.parent / "secret.pdf").write_bytes(b"secret")
    (folder / "7_secret.pdf").symlink_to(bench.job.folder.parent / "secret.pdf")
    assert bench.merge(number="7") is None
    assert bench.findings.count("attachment-outside") == 1


LETTERS = st.text("ab*?.é", min_size=1, max_size=5)


@given(files=st.sets(LETTERS.filter(lambda name: name.strip("."))), pattern=LETTERS)
def test_a_pattern_fits_what_a_shell_says_it_fits(files: set[str], pattern: str) -> None:
    with TemporaryDirectory() as folder:
        kept = {name for name in files if sys.platform != "win32" or not set(name) & set("*?")}
        for name in kept:
            (Path(folder) / name).touch()
        fitting = list(Listing(Path(folder)).fitting(pattern))
    shown = {name for name in kept if pattern.startswith(".") or not name.startswith(".")}
    assert fitting == sorted(name for name in shown if fnmatchcase(name, pattern))
