"""The right file goes with the right row, and nothing else of the machine."""

import sys
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from typing import Literal

import pytest

from batchmail.job import AttachmentSpec
from batchmail.merge.attachments import media_type
from tests.merge.bench import Bench, template

Attach = Callable[..., None]


@pytest.fixture
def attach(bench: Bench) -> Attach:
    """Give the message one attachment by the template of its path."""

    def change(path: str, *, cid: str | None = None, optional: bool = False) -> None:
        bench.message(attachments=(AttachmentSpec(template(path), cid=cid, optional=optional),))

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
