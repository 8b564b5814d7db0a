"""Templates are checked before any row is merged."""

import pytest

from batchmail.job import AttachmentSpec, TemplateText
from batchmail.location import TextLocation
from tests.merge.bench import Bench, template


@pytest.mark.parametrize(
    ("body", "column"),
    [
        ("<p>Dear {{ nmae }},</p>", 16),
        ('{{ row["nmae"] }}', 13),
        ("{{ row.nmae }}", 12),
        ("{% for x in nmae %}{{ x }}{% endfor %}", 17),
        ("{{ name if nmae else 1 }}", 16),
    ],
)
def test_a_name_that_is_no_column_is_found_at_its_own_place(bench: Bench, body: str, column: int) -> None:
    bench.message(body=body)
    bench.merger()
    assert bench.found == [("template-unknown-name", f"job.yaml:10:{column}")]
    (finding,) = bench.findings
    assert "Did you mean `name`?" in finding.hint


def test_a_name_in_a_body_file_is_found_on_its_line(bench: Bench) -> None:
    bench.body_file("body.html", "<h1>Hi</h1>\n<p>{{ name }}</p>\n  <p>{{ adress }}</p>\n")
    bench.merger()
    assert bench.found == [("template-unknown-name", f"{(bench.job.folder / 'body.html').as_posix()}:3:9")]


def test_a_name_in_a_block_of_the_manifest_is_found_on_its_line(bench: Bench) -> None:
    block = TemplateText("Dear {{ name }},<br>\nyour {{ nr }}\n", TextLocation(bench.job.path, 20, 5), margin=5)
    bench.message(body=block)
    bench.merger()
    (finding,) = bench.findings
    assert finding.where == TextLocation(bench.job.path, 21, 13)


def test_each_unknown_name_of_a_template_is_told_once(bench: Bench) -> None:
    bench.message(body="{{ a1 }} {{ b1 }} {{ a1 }}")
    bench.merger()
    assert [rule for rule, _ in bench.found] == ["template-unknown-name"] * 2


@pytest.mark.parametrize("body", ["{{ name", "{% if name %}", "{{ name }", "{% nonsense %}"])
def test_a_template_that_cannot_be_parsed_is_a_finding(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert bench.merge() is None
    assert bench.found == [("template-syntax", "job.yaml:10:5")]


def test_names_set_within_a_template_are_no_columns(bench: Bench) -> None:
    bench.message(
        body="{% set greeting = 'Hi' %}{% for x in [1, 2] %}{{ loop.index }}{{ greeting }}{{ x }}{% endfor %}"
    )
    assert bench.message_of().body == "1Hi12Hi2"


def test_a_missing_body_file_is_found_once_at_the_manifest(bench: Bench) -> None:
    bench.body_file("body.html", "")
    (bench.job.folder / "body.html").unlink()
    merger = bench.merger()
    assert bench.found == [("file-missing", "job.yaml:10:5")]
    assert merger is not None


def test_a_body_file_in_another_encoding_is_a_finding(bench: Bench) -> None:
    bench.body_file("body.html", "")
    (bench.job.folder / "body.html").write_bytes("안녕하세요".encode("cp949"))
    bench.merger()
    assert bench.found == [("file-unreadable", "job.yaml:10:5")]


def test_all_templates_are_checked_in_one_pass(bench: Bench) -> None:
    bench.message(
        subject="{{ a1 }}",
        body="{{ b1 }}",
        user_name="{{ c1 }}",
        cc=(template("{{ d1 }}"),),
        attachments=(AttachmentSpec(template("{{ e1 }}.pdf"), template("{{ f1 }}")),),
    )
    bench.merger()
    assert sorted(finding.message[1:3] for finding in bench.findings) == ["a1", "b1", "c1", "d1", "e1", "f1"]


def test_a_broken_template_does_not_hide_the_faults_of_a_row(bench: Bench) -> None:
    bench.message(subject="{{ oops }}")
    assert bench.merge(email="kim@@example.com") is None
    assert [rule for rule, _ in bench.found] == ["template-unknown-name", "row-bad-address"]
