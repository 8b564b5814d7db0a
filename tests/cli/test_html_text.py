"""HTML as it can be read in a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.cli.html_text import html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear Kim,</p><p>thank   you\nfor it.</p>", "Dear Kim,\n\nthank you for it."),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<style>p { color: red }</style><script>x()</script><title>t</title>shown", "shown"),
        ('<img src="cid:logo" alt="Maru"> hello', "[Maru] hello"),
        ('<a href="https://example.com/a">here</a>', "here <https://example.com/a>"),
        ('<a href="https://example.com">https://example.com</a>', "https://example.com"),
        ("<ul><li>one<li>two</ul>", "· one\n· two"),
        ("<table><tr><td>Sum<td>12</tr></table>", "Sum 12"),
        ("a &lt; b &amp; c&nbsp;d", "a < b & c d"),
        ("", ""),
    ],
)
def test_it_reads_as_in_a_browser(html: str, text: str) -> None:
    assert html_text(html) == text


@given(st.text(alphabet="<>/abp \"'=!-&;\n", max_size=200))
def test_whatever_the_html_it_can_be_shown(html: str) -> None:
    assert "\n\n\n" not in html_text(html)
