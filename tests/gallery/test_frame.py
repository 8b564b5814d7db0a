"""A mail's own document in the page: its words, its pictures, and nothing that runs or is loaded."""

import re

import pytest

from batchmail.gallery.frame import frame_document
from batchmail.message import ContentType

PNG = {"logo": ("image/png", b"\x89PNG")}


def html(body: str) -> str:
    return frame_document(body, ContentType.HTML, PNG)


@pytest.mark.parametrize(
    "body",
    ['<img src="cid:logo">', "<img src='cid:logo'>", "<img src=cid:logo>", '<p style="background: url(cid:logo)">'],
)
def test_inline_images_become_part_of_it(body: str) -> None:
    assert "data:image/png;base64,iVBORw==" in html(body)
    assert "cid:" not in html(body)


def test_an_image_that_no_attachment_has_stays_as_it_is() -> None:
    assert "cid:other" in html('<img src="cid:other">')


def test_a_word_that_begins_with_cid_is_left_alone() -> None:
    assert "see cid:logo for details" in html("<p>see cid:logo for details</p>")


def test_the_policy_stands_before_whatever_the_mail_brings() -> None:
    document = html('<html><head><meta http-equiv="Content-Security-Policy" content="default-src *"><base href="//x">')
    first = re.search(r"<meta http-equiv=[^>]*>", document)
    assert first is not None
    assert "default-src 'none'" in first[0]


def test_text_is_shown_as_text() -> None:
    document = frame_document("a < b\n<script>alert(1)</script>", ContentType.TEXT, {})
    assert "&lt;script&gt;" in document
    assert "<script>" not in document
