"""Templates may be made of several files of the manifest's folder, each checked like the first."""

import sys
from pathlib import Path

import pytest

from batchmail.message import ContentType
from tests.merge.bench import Bench


def write(bench: Bench, **files: str) -> None:
    """Write files, named by their stems, into the manifest's folder."""
    for stem, text in files.items():
        (bench.job.folder / f"{stem}.html").write_text(text, encoding="utf-8")


def at(bench: Bench, name: str, line: int, column: int) -> str:
    return f"{(bench.job.folder / name).as_posix()}:{line}:{column}"


def test_a_file_is_included_with_the_columns_of_the_row(bench: Bench) -> None:
    write(bench, foot="<p>{{ name }} {{ row['First name'] }} {{ x }}</p>")
    bench.message(body="{% set x = 5 %}Dear {% include 'foot.html' %}")
    assert bench.message_of(name="<Kim>").body == "Dear <p>&lt;Kim&gt; Min 5</p>"


def test_a_layout_is_extended(bench: Bench) -> None:
    write(bench, base="<html>{% block body %}base{% endblock %} {{ company }}</html>")
    bench.message(
        body="{% extends 'base.html' %}{% set company = 'Maru' %}{% block body %}{{ super() }} {{ name }}{% endblock %}"
    )
    assert bench.message_of().body == "<html>base 김민수 Maru</html>"


def test_macros_are_imported(bench: Bench) -> None:
    write(bench, parts="{% macro button(text) %}<b>{{ text }}</b>{% endmacro %}")
    bench.message(body="{% import 'parts.html' as parts %}{{ parts.button(name) }}")
    assert bench.message_of().body == "<b>김민수</b>"
    bench.message(body="{% from 'parts.html' import button as b %}{{ b(name) }}")
    assert bench.message_of().body == "<b>김민수</b>"


def test_an_imported_file_sees_columns_only_with_context(bench: Bench) -> None:
    write(bench, parts="{% macro hello() %}\nHello {{ name }}{% endmacro %}")
    bench.message(body="{% import 'parts.html' as parts with context %}{{ parts.hello() }}")
    assert bench.message_of().body == "\nHello 김민수"
    bench.message(body="{% import 'parts.html' as parts %}{{ parts.hello() }}")
    bench.merger()
    assert bench.found == [("template-unknown-name", at(bench, "parts.html", 2, 10))]
    assert "with context" in next(iter(bench.findings)).hint


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("<p>\n  {{ nmae }}</p>", "template-unknown-name", 2, 6),
        ("\n\n{{ name | uper }}", "template-unknown-filter", 3, 11),
        ("{{ name.frist }}", "template-unknown-attribute", 1, 9),
        ("a\n{% if name %}", "template-syntax", 2, 1),
    ],
)
def test_the_faults_of_an_included_file_stand_at_its_own_place(
    bench: Bench, text: str, rule: str, line: int, column: int
) -> None:
    write(bench, foot=text, middle="{% include 'foot.html' %}")
    bench.message(body="{% include 'middle.html' %}", alternative="{% include 'middle.html' %}")
    assert bench.merge() is None
    assert bench.found == [(rule, at(bench, "foot.html", line, column))]


def test_a_rendering_that_fails_in_an_included_file_says_where(bench: Bench) -> None:
    write(bench, foot="\n{{ name + 1 }}")
    bench.message(body="{% include 'foot.html' %}")
    assert bench.merge() is None
    assert "foot.html:2:1" in next(iter(bench.findings)).hint


def test_a_file_that_is_not_there_is_found_at_the_tag(bench: Bench) -> None:
    bench.message(body="Dear {% include 'nowhere.html' %}")
    assert bench.merge() is None
    assert bench.found == [("file-missing", "job.yaml:10:10")]


def test_a_file_that_may_be_missing_is_no_fault(bench: Bench) -> None:
    write(bench, foot="foot")
    bench.message(body="{% include 'no.html' ignore missing %}{% include ['no.html', 'foot.html'] %}")
    assert bench.message_of().body == "foot"


@pytest.mark.parametrize("name", ["../out.html", "x/../../out.html", "/etc/passwd", "C:/out.html", "\\\\host\\x", " "])
def test_no_template_leads_out_of_the_folder(bench: Bench, name: str) -> None:
    (bench.job.folder.parent / "out.html").write_text("secret", encoding="utf-8")
    for body in (f"{{% include {name!r} %}}", f"{{% include {name!r} ignore missing %}}", f"{{% extends {name!r} %}}"):
        bench.message(body=body)
        assert bench.merge() is None
    assert {rule for rule, _ in bench.found} == {"template-outside"}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("name", ["link.html", "linked/out.html"])
def test_no_template_is_reached_through_a_link(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "out.html").write_text("secret", encoding="utf-8")
    (bench.job.folder / "link.html").symlink_to(outside / "out.html")
    (bench.job.folder / "linked").symlink_to(outside, target_is_directory=True)
    bench.message(body=f"{{% include '{name}' %}}")
    assert bench.merge() is None
    assert [rule for rule, _ in bench.found] == ["template-outside"]


def test_a_row_may_choose_among_the_files_of_the_folder(bench: Bench) -> None:
    write(bench, ko="안녕 {{ name }}", en="Hello {{ row['First name'] }}")
    bench.message(body="{% include number ~ '.html' %}")
    assert bench.message_of(number="ko").body == "안녕 김민수"
    assert bench.message_of(number="en").body == "Hello Min"


@pytest.mark.parametrize("cell", ["../out", "/etc/passwd", "none", "en.html\x00", "."])
def test_a_row_that_chooses_no_file_of_the_folder_is_a_finding(bench: Bench, cell: str) -> None:
    (bench.job.folder.parent / "out").write_text("secret", encoding="utf-8")
    bench.message(body="{% include number %}")
    assert bench.merge(number=cell) is None
    assert [rule for rule, _ in bench.found] == ["template-failed"]


def test_a_circle_is_found(bench: Bench) -> None:
    write(bench, a="{% include 'b.html' %}", b="\n {% include 'a.html' %}")
    bench.message(body="{% include 'a.html' %}")
    assert bench.merge() is None
    assert bench.found == [("template-circle", at(bench, "b.html", 2, 2))]


def test_a_circle_that_a_row_chooses_ends_too(bench: Bench) -> None:
    write(bench, a="{% include number %}{% include number %}")
    bench.message(body="{% include number %}")
    assert bench.merge(number="a.html") is None
    assert [rule for rule, _ in bench.found] == ["template-failed"]


def test_files_that_double_and_double_end_in_a_finding(bench: Bench) -> None:
    for number in range(30):
        write(bench, **{f"a{number}": f"{{% include 'a{number + 1}.html' %}}" * 2})
    write(bench, a30="x")
    bench.message(body="{% include 'a0.html' %}")
    assert bench.merge() is None
    assert [rule for rule, _ in bench.found] == ["template-circle"]


def test_a_body_in_text_includes_without_escaping(bench: Bench) -> None:
    (bench.job.folder / "foot.txt").write_text("{{ name }}", encoding="utf-8")
    bench.message(body="{% include 'foot.txt' %}", content_type=ContentType.TEXT, subject="Hello")
    assert bench.message_of(name="A & B").body == "A & B"


def test_an_included_file_is_read_once_for_all_rows(bench: Bench) -> None:
    write(bench, foot="{{ name }}")
    bench.message(body="{% include 'foot.html' %}")
    merger = bench.merger()
    assert merger.merge(bench.row()) is not None
    Path(bench.job.folder / "foot.html").unlink()
    assert merger.merge(bench.row()) is not None


def test_a_change_of_an_included_file_changes_the_mail(bench: Bench) -> None:
    bench.message(body="{% include 'foot.html' %}")
    write(bench, foot="one")
    first = bench.message_of().content_digest()
    write(bench, foot="two")
    assert bench.message_of().content_digest() != first


def test_addresses_include_nothing(bench: Bench) -> None:
    write(bench, a="kim@example.com")
    bench.message(to=())
    bench.message(reply_to="{% include 'a.html' %}")
    bench.merger()
    assert ("template-syntax", "job.yaml:10:5") in bench.found
