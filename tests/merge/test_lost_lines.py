"""A plain text that is sent as HTML is told before its lines run together; what has a tag in it is left alone."""

from pathlib import Path

import pytest

from batchmail.job import TemplateText
from batchmail.location import CellLocation
from batchmail.message import ContentType
from tests.merge.bench import Bench

LETTER = "Dear {{ name }},\n\nsee you on Friday.\n"
RULE = "html-without-tags"


def in_cell(text: str) -> TemplateText:
    return TemplateText(text, CellLocation(Path("lunch.xlsx"), "job", "B9"))


def rules_of(bench: Bench) -> list[str]:
    bench.merger()
    return [finding.rule for finding in bench.findings]


def test_a_cell_with_line_breaks_is_told_with_the_row_to_add(bench: Bench) -> None:
    bench.message(body=in_cell(LETTER))
    bench.merger()
    (finding,) = bench.findings
    assert (finding.rule, finding.text) == (RULE, "Dear {{ name }},")
    assert "readers will see one line instead of 2" in finding.message
    assert "Add a row `message.contentType` with `text`" in finding.hint
    assert "B9" in str(finding.where)


def test_a_body_in_yaml_is_told_with_the_key_to_write(bench: Bench) -> None:
    bench.message(body=LETTER)
    bench.merger()
    (finding,) = bench.findings
    assert finding.hint.startswith("Write `contentType: text` under `message`. ")
    assert str(finding.where) == "job.yaml:10:5"


def test_a_file_is_told_like_a_text_of_the_job(bench: Bench) -> None:
    bench.body_file("letter.txt", LETTER)
    bench.merger()
    assert [(finding.rule, Path(str(finding.where)).name) for finding in bench.findings] == [(RULE, "letter.txt:1:1")]


def test_a_body_in_plain_text_keeps_its_lines_and_nothing_is_said(bench: Bench) -> None:
    bench.message(body=LETTER, content_type=ContentType.TEXT)
    assert rules_of(bench) == []


def test_the_plain_text_beside_a_body_in_html_may_have_lines(bench: Bench) -> None:
    bench.message(body="<p>Dear {{ name }},</p>", alternative=LETTER)
    assert rules_of(bench) == []


@pytest.mark.parametrize(
    "body",
    [
        "Dear {{ name }}, see you.\n",
        "Dear {{ name }},<br>\nsee you.",
        "<p>Dear {{ name }},\n\nsee you.",
        "{{ name | safe }},\nsee you.",
        "{% autoescape false %}{{ name }}{% endautoescape %},\nsee you.",
        "{% if name %}\nDear {{ name }}\n{% elif number %}\nDear all\n{% else %}\nHello\n{% endif %}\n",
        "{# A remark\nof two lines #}\nDear {{ name }}",
        "{% set greeting = 'Dear' %}\n{{ greeting }} {{\n  name\n}}",
    ],
)
def test_one_line_or_a_tag_of_html_or_cells_that_may_have_one_are_left_alone(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert RULE not in rules_of(bench)


@pytest.mark.parametrize(
    "body",
    [
        "Dear {{ name }},\n{% if number %}number {{ number }}{% endif %}",
        "{% if number %}Dear\n{{ name }}{% else %}Hello{% endif %}",
        "Write to\nKim <kim@example.com>",
        "Dear {{ '<b>' }},\nsee you.",
        "1 < 2\nand 3 > 2",
    ],
)
def test_what_only_looks_like_a_tag_is_none(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert rules_of(bench) == [RULE]


def test_a_frame_of_html_makes_the_text_in_it_html(bench: Bench) -> None:
    (bench.job.folder / "frame.html").write_text("<p>{% block text %}{% endblock %}</p>", encoding="utf-8")
    bench.message(body="{% extends 'frame.html' %}{% block text %}Dear {{ name }},\nsee you.{% endblock %}")
    assert rules_of(bench) == []


def test_a_warning_for_all_rows_is_told_once(bench: Bench) -> None:
    bench.message(body=LETTER)
    merger = bench.merger()
    for name in ("Kim", "Lee", "Park"):
        merger.merge(bench.row(name=name))
    assert len(list(bench.findings)) == 1
