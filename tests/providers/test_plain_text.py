"""HTML as text: nothing that a reader needs is lost, and nothing in silence."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from batchmail.errors import BatchmailError, LibraryMissing
from batchmail.providers.plain_text import as_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear Kim,</p><p>see <b>below</b>.</p>", "Dear Kim,\n\nsee below."),
        ("Hello<br>there<br><br>you", "Hello\nthere\n\nyou"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
        ("<p>김 &#x1F600; 佐藤</p>", "김 😀 佐藤"),
        ("<a href='https://example.com/?a=1&amp;b=2'>here</a>", "[here](https://example.com/?a=1&b=2)"),
        ("<a href='https://example.com'>https://example.com</a>", "https://example.com"),
        ("<a href='mailto:kim@example.com'>kim@example.com</a>", "kim@example.com"),
        ("<img src='logo.png' alt='Maru Paper'>", "[Maru Paper]"),
        ("<ul><li>one<li>two</ul>", "  * one\n  * two"),
        ("<table><tr><th>No<th>Amount<tr><td>00042<td>1,814.90</table>", "No     Amount\n00042  1,814.90"),
        ("<style>p {}</style><script>alert()</script><p>x</p><!-- c -->", "x"),
        ("<html><head><meta charset='shift_jis'><title>T</title></head><body>é佐藤</body></html>", "é佐藤"),
        ("<!DOCTYPE html><p>x</p>", "x"),
        ("<p>x</p>\n\n\n<div></div>\n\n<p>y</p>", "x\n\ny"),
        ("", ""),
        (" \n", ""),
        ("<!-- nothing -->", ""),
    ],
)
def test_a_page_reads_as_a_browser_shows_it(html: str, text: str) -> None:
    assert as_text(html) == text


def test_depth_and_length_lose_nothing() -> None:
    assert as_text("<div>" * 300 + "deep" + "</div>" * 300 + "<p>end</p>").split() == ["deep", "end"]
    assert len(as_text(f"<p>{'x' * 11_000_000}</p>")) == 11_000_000


@pytest.mark.parametrize("html", ["<b>" * 100_000, "<div>" * 301, "<table><tr><td>" * 101])
def test_what_is_too_deep_is_told_rather_than_cut(html: str) -> None:
    with pytest.raises(BatchmailError, match="nested too deeply"):
        as_text(html + "deep")


WORDS = st.text(st.characters(exclude_categories=("C", "Z", "P", "S")), min_size=1, max_size=20)


@given(words=st.lists(WORDS, min_size=1, max_size=8), tag=st.sampled_from(["p", "div", "li", "h1", "blockquote"]))
def test_every_word_arrives(words: list[str], tag: str) -> None:
    html = "".join(f"<{tag}>{escape(word)}</{tag}>" for word in words)
    assert [each for each in as_text(html).split() if each != "*"] == words


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "inscriptis", None)  # how Python itself spells a module that cannot be imported
    with pytest.raises(LibraryMissing, match="not installed") as caught:
        as_text("<p>not converted before</p>")
    assert "batchmail[html]" in caught.value.hint
