"""HTML mails: a cell never becomes markup, and what mail programs would drop is told at its place."""

from html.parser import HTMLParser

import pytest

from batchmail.merge.html_lint import unsafe_link
from tests.merge.bench import Bench

#: What cells are made of by those who would write into the mail's markup.
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p><h1>Pay here</h1>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" onmouseover="alert(1)',
    '" style="display:none',
    "<!-- ",
    "--><b>",
    "]]><b>",
    "<style>*{display:none}</style>",
    "</title><b>",
    "</textarea><b>",
    "&lt;b&gt;",
    "<b",
    "<a href='https://evil.example'>",
    "{{ 7 * 7 }}",
    "{% include '/etc/passwd' %}",
    "<svg/onload=alert(1)>",
    "<![endif]--><b>",
    "\u2028<b>",
    "＜script＞",
]
LAYOUT = (
    '<html lang="{{ name }}"><head><title>{{ name }}</title></head><body><!-- {{ name }} --><p class="{{ name }}">'
    "{{ name }}</p><a href=\"https://example.com/?q={{ name }}\" title='{{ name }}'>x</a>"
    '<textarea>{{ name }}</textarea><img alt="{{ name }}" src="cid:a"></body></html>'
)


class Shape(HTMLParser):
    """The elements of a text with the names of their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", "blank" if not data else "text"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_becomes_markup(bench: Bench, payload: str) -> None:
    bench.message(body=LAYOUT, subject="Hello")
    plain, hostile = bench.message_of(name="Kim").body, bench.message_of(name=payload).body
    assert Shape(hostile).found == Shape(plain).found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_cell_arrives_as_its_author_wrote_it(bench: Bench, payload: str) -> None:
    class Text(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    bench.message(body="<p>{{ name }}</p>", subject="Hello")
    reader = Text()
    reader.feed(bench.message_of(name=payload).body)
    reader.close()
    assert reader.said == payload


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "ftp://example.com",
    ],
)
def test_a_cell_makes_no_link_that_runs_something(bench: Bench, link: str) -> None:
    bench.message(body='<a href="{{ name }}">x</a>', subject="Hello")
    assert bench.merge(name=link) is None
    assert bench.found == [("row-unsafe-link", "people.xlsx › People!A7")]


@pytest.mark.parametrize(
    "link",
    ["https://example.com/?a=b:c", "http://example.com", "mailto:kim@example.com", "tel:+82-2-1", "/path", "#a", "x"],
)
def test_a_cell_may_be_a_link_of_a_mail(bench: Bench, link: str) -> None:
    bench.message(body='<a href="{{ name }}">x</a>', subject="Hello")
    assert bench.merge(name=link) is not None


def test_a_link_is_read_as_a_browser_reads_it() -> None:
    assert unsafe_link('<a href="javascript&#58;alert(1)">') == "javascript:alert(1)"
    assert unsafe_link("<img src=data:image/png;base64,xx><a href='sms:1'>") == ""


@pytest.mark.parametrize(
    ("html", "rule", "column"),
    [
        ("<p><script>x</script>", "html-dropped", 4),
        ("<form action='https://a.jp'><p>", "html-dropped", 1),
        ("<video src='https://a.jp/v.mp4'></video>", "html-dropped", 1),
        ("<link rel='stylesheet' href='a.css'>", "html-dropped", 1),
        ("<meta http-equiv='refresh' content='1'>", "html-dropped", 1),
        ("<p onclick='x()'>", "html-dropped", 4),
        ("<img alt='' src='data:image/png;base64,xx'>", "html-dropped", 1),
        ("<p><a href='javascript:alert(1)'>", "html-unsafe-link", 7),
        ("<a title={{ name }} href='#'>", "html-unprotected", 4),
        ("<td {{ name }}>", "html-unprotected", 5),
        ("<style>p{color:{{ name }}}</style>", "html-unprotected", 8),
        ("<p onclick='{{ name }}'>", "html-unprotected", 4),
        ("<p>{{ name | safe }}", "html-unprotected", 14),
        ("<p><img src='logo.png' alt=''>", "html-dead-address", 9),
        ("<a href='/help'>", "html-dead-address", 4),
        ("<a href=''>", "html-dead-address", 4),
        ("<img alt='' src='http://a.jp/a.png'>", "html-insecure-image", 1),
        ("<img alt='' src='https://a.jp/a.png'>", "html-remote-image", 1),
        ("<img src='cid:logo'>", "html-image-without-alt", 1),
        ("<p style='position: absolute'>", "html-style", 4),
        ("<style>\n\np{background:url(https://a.jp/x.png)}</style>", "html-style", -3),
        ("<p style='display:flex'>", "html-style", 4),
    ],
)
def test_what_mail_programs_drop_or_a_cell_could_change_is_told_at_its_place(
    bench: Bench, html: str, rule: str, column: int
) -> None:
    bench.message(body=html, subject="Hello")
    bench.merger()
    where = f"job.yaml:10:{column + 4}" if column > 0 else "job.yaml:12:1"
    assert (rule, where) in bench.found


@pytest.mark.parametrize(
    "html",
    [
        "<p class='{{ name }}'>{{ name }}</p><a href='{{ name }}'>x</a><a href='https://a.jp/{{ name }}'>y</a>",
        "<td {% if name %}class='late'{% endif %} style='background-position: left; color: red'>{{ number }}</td>",
        "<!--[if mso]><table><tr><td position:x><![endif]--><img src='cid:logo' alt=''>",
        "{# <script> #}{% set a = '<form>' %}{% raw %}{{ x }}{% endraw %}<p>{{ a < 'b' }}</p>",
        "<a href='mailto:a@b.jp'>a</a><a href='tel:1'>b</a><a href='#top'>c</a><a name='top'></a>",
        "<p>javascript: position: <b>onclick</b></p>",
    ],
)
def test_html_that_all_mail_programs_take_is_not_talked_about(bench: Bench, html: str) -> None:
    bench.message(body=html)
    bench.merger()
    assert bench.found == []


def test_the_html_of_an_included_file_is_looked_at_once_at_its_own_place(bench: Bench) -> None:
    (bench.job.folder / "foot.html").write_text("<p>\n <script></script>", encoding="utf-8")
    bench.message(body="{% include 'foot.html' %}{% include 'foot.html' %}")
    bench.merger()
    assert bench.found == [("html-dropped", f"{(bench.job.folder / 'foot.html').as_posix()}:2:2")]


def test_text_is_not_looked_at_as_html(bench: Bench) -> None:
    bench.message(alternative="<script> {{ name }}", subject="<script>")
    bench.merger()
    assert bench.found == []
