"""CSS is written into the elements of the template once; where a row decides on it, into each mail; always the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchmail.finding import Findings
from batchmail.merge.environment import html_environment
from batchmail.merge.inline_css import inlined, inlined_template
from batchmail.merge.masking import masked
from tests.merge.bench import Bench

STYLE = "<style>p{color:red} td{padding:1px} .a{color:blue} div p{margin:0}</style>"
ROWS = "{% for x in [1, 2] %}<tr><td>{{ x }}</td></tr>{% endfor %}"


def as_read(html: str) -> str:
    """What a parser makes of HTML, its comments and blanks aside."""
    return re.sub(r"\s+", " ", inlined("<style></style>" + html))


def both(template: str, cells: dict[str, str]) -> tuple[str, str, str]:
    """A mail whose template was worked on, the mail that was worked on itself, and why the first was not done."""
    environment = html_environment()
    made, why = inlined_template(masked(template, environment), environment.parse(template))
    return environment.from_string(made).render(cells), inlined(environment.from_string(template).render(cells)), why


@pytest.mark.parametrize(
    "body",
    [
        f"{STYLE}<p>{{{{ name }}}}</p>",
        f"<html><head>{STYLE}<title>{{{{ name }}}}</title></head><body><p title='{{{{ name }}}}'>x</p></body></html>",
        f"{STYLE}<table>{ROWS}</table>",
        f"{STYLE}<table><tbody>{ROWS}</tbody></table>",
        f"{STYLE}<table><thead><tr><td>x</td></tr></thead><tbody>{ROWS}</tbody></table>",
        f"{STYLE}{{% if name == 'Kim' %}}<p class='a'>a</p>{{% else %}}<div><p>b</p></div>{{% endif %}}",
        f'{STYLE}<a href="https://a.jp/?{{{{ name }}}}">x</a>{{# no #}}{{% set y = 1 %}}<p>{{{{ y }}}}',
        f"{STYLE}<!--[if mso]><table><tr><td>{{{{ name }}}}<![endif]--><p>x</p>",
    ],
)
@pytest.mark.parametrize("name", ["Kim", "<b>&", ""])
def test_the_template_gives_the_mail_that_would_have_been_made_of_it(body: str, name: str) -> None:
    once, each, _ = both(body, {"name": name})
    assert as_read(once) == as_read(each)


TEXTS = st.sampled_from(["{{ name }}", "text", "{{ number }} &amp; co", ""])


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, max_size=3).map("".join)
    return st.one_of(
        several.map(lambda html: f"<div class='a'>{html}</div>"),
        several.map(lambda html: f"<p>{re.sub('<[^>]*>', '', html)}</p>"),
        several.map(lambda html: f"<div id='{{{{ name }}}}'>{html}</div>"),
        several.map(lambda html: f"{{% if name == 'Kim' %}}{html}{{% else %}}<p class='a'>no</p>{{% endif %}}"),
        several.map(lambda html: f"{{% for x in [1, 2] %}}{html}{{% endfor %}}"),
        several.map(lambda html: f"<table><tr><td class='a'>{html}</td></tr></table>"),
        several.map(lambda html: f"<table>{{% for x in [1, 2] %}}<tr><td>{html}</td></tr>{{% endfor %}}</table>"),
        several.map(lambda html: f"<a href='https://a.jp/{{{{ name }}}}'>{re.sub('<[^>]*>', '', html)}</a>"),
    )


@settings(deadline=None, max_examples=60)
@given(body=st.recursive(TEXTS, blocks, max_leaves=12), name=st.sampled_from(["Kim", "a b", "<p>"]))
def test_any_template_gives_the_mails_that_would_have_been_made_of_it(body: str, name: str) -> None:
    once, each, why = both(STYLE + body, {"name": name, "number": "42"})
    assert why or as_read(once) == as_read(each)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<style>p{color:red}</style><p class='{{ name }}'>x</p>", "a class"),
        ("<style>p{color:red}</style><p {% if name %}hidden{% endif %}>x</p>", "attributes"),
        ("<style>p{color:{{ name }}}</style><p>x</p>", "rules in <style>"),
        ("<style>p + p{color:red}</style>{% if name %}<p>x</p>{% endif %}<p>y</p>", "the order"),
        ("<style>p:first-child{color:red}</style>{% if name %}<p>x</p>{% endif %}<p>y</p>", "the order"),
        ("<style>p{color:red}</style>{% if name %}<div>{% endif %}<p>x</p>", "one element"),
        ("{% if name %}<style>p{color:red}</style>{% endif %}<p>x</p>", "<style>"),
        ("<style>p{color:red}</style>{{ ('<p>x</p>') | safe }}", "printed as HTML"),
        ("<style>p{color:red}</style>{% macro m() %}<p>x</p>{% endmacro %}{{ m() }}", "macros"),
        ("<style>p{color:red}</style><table>{{ name }}<b>x</b></table>", "another order"),
    ],
)
def test_where_a_row_decides_each_mail_is_worked_on(bench: Bench, body: str, why: str) -> None:
    bench.message(body=body, inline_css=True)
    message = bench.message_of(name="red")
    assert 'style="color: red' in message.body or why in ("<style>", "another order")
    found = [finding for finding in bench.findings if finding.rule == "css-inlined-per-mail"]
    assert why in " ".join(finding.message for finding in found) or why == "another order"


@pytest.mark.parametrize(
    "html", ["<b>" * 20_000, "<div>" * 100_000, "<b><div></b>" * 20_000, "<div><table><tr><td></div>" * 20_000]
)
def test_elements_too_deep_for_the_library_are_a_finding_of_the_template_or_the_row(bench: Bench, html: str) -> None:
    bench.message(body=f"<style>p{{color:red}}</style>{html}", inline_css=True)
    assert bench.merge() is None
    (finding,) = (each for each in bench.findings if each.rule in ("template-syntax", "template-failed"))
    assert (str(finding.where), "300 deep" in finding.message) == ("job.yaml:10:5", True)

    bench.findings = Findings()
    bench.message(body="<style>p{color:red}</style>{{ name | safe }}")
    assert bench.merge(name=html) is None
    assert ("template-failed", "people.xlsx › People!A7") in bench.found


def test_a_body_that_is_the_same_for_all_has_its_css_inlined_whatever_is_left_open(bench: Bench) -> None:
    bench.message(body="<style>p{color:red}</style><div><p>x</p>", inline_css=True)
    assert '<p style="color: red;">' in bench.message_of().body


def test_rules_that_cannot_be_read_are_a_finding(bench: Bench) -> None:
    bench.message(body='<style>p{color:red}</style><p style="((">x</p>', inline_css=True)
    assert bench.merge() is None
    assert bench.found == [("template-syntax", "job.yaml:10:5")]


def test_css_is_left_alone_unless_it_is_asked_for(bench: Bench) -> None:
    bench.message(body=f"{STYLE}<p>{{{{ name }}}}</p>")
    assert bench.message_of().body == f"{STYLE}<p>김민수</p>"


def test_what_cannot_stand_in_an_element_stays_in_the_style(bench: Bench) -> None:
    bench.message(body="<style>p{color:red} @media print{p{color:blue}}</style><p>x</p>", inline_css=True)
    body = bench.message_of().body
    assert "@media print" in body
    assert '<p style="color: red;">' in body


def test_no_stylesheet_is_fetched(bench: Bench) -> None:
    (bench.job.folder / "a.css").write_text("p{color:red}", encoding="utf-8")
    link = f"<link rel='stylesheet' href='{(bench.job.folder / 'a.css').as_uri()}'><style>b{{color:red}}</style><p>x"
    bench.message(body=link, inline_css=True)
    assert "<p>x" in bench.message_of().body
