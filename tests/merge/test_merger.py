"""A row makes a message, or findings at its cells; never half of either."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from batchmail.errors import BatchmailError, LibraryMissing
from batchmail.job import FieldSpec
from batchmail.location import TextLocation
from batchmail.message import Address, ContentType, Message
from batchmail.row import CellFault
from batchmail.values import Addresses, Blank
from tests.merge.bench import Bench, template


def test_html_bodies_escape_what_a_cell_holds(bench: Bench) -> None:
    bench.message(body="<p>{{ name }}</p>")
    message = bench.message_of(name="Lee & Sons <b>")
    assert message.body == "<p>Lee &amp; Sons &lt;b&gt;</p>"
    assert message.subject == "Hello Lee & Sons <b>"


def test_text_bodies_are_not_escaped(bench: Bench) -> None:
    bench.message(body="{{ name }}", content_type=ContentType.TEXT)
    assert bench.message_of(name="Lee & Sons").body == "Lee & Sons"


def test_columns_whose_names_are_no_identifiers_are_reached_through_the_row(bench: Bench) -> None:
    bench.message(body='{{ row["First name"] }} {{ 氏名 }} {{ row.氏名 }}')
    assert bench.message_of().body == "Min 髙橋 髙橋"


@pytest.mark.parametrize("cell", ["{{ 7*7 }}", "{% for x in range(9) %}", "{# no #}"])
def test_what_a_cell_holds_is_never_a_template(bench: Bench, cell: str) -> None:
    bench.message(body="{{ name }}", content_type=ContentType.TEXT)
    assert bench.message_of(name=cell).body == cell


def test_a_printed_blank_cell_is_a_finding_at_the_cell(bench: Bench) -> None:
    bench.message(body="Dear {{ name }},", subject="Hello")
    assert bench.merge(name="") is None
    assert bench.found == [("row-blank-value", "people.xlsx › People!A7")]


def test_every_printed_blank_cell_is_told_once(bench: Bench) -> None:
    bench.message(body="{{ name }} {{ number }} {{ name }}")
    bench.merge(name="", number="")
    assert bench.found == [
        ("row-blank-value", "people.xlsx › People!A7"),
        ("row-blank-value", "people.xlsx › People!C7"),
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ name or 'customer' }}", "customer"),
        ("{{ name | default('customer') }}", "customer"),
        ("{% if name %}Dear {{ name }}{% else %}Hello{% endif %}", "Hello"),
        ("{% if name == '' %}Hello{% endif %}", "Hello"),
        ("{{ 'yes' if name != '' else 'no' }}", "no"),
    ],
)
def test_a_template_may_provide_for_blank_cells(bench: Bench, body: str, text: str) -> None:
    bench.message(body=body, subject="Hello")
    assert bench.message_of(name="").body == text


@pytest.mark.parametrize("word", ["NaN", "None", "null", "#N/A", "nan"])
@pytest.mark.parametrize(
    "body", ["Dear {{ name }},", "Dear {{ name | upper }},", "{{ 'Dear ' ~ name }}", "{{ [name] | join }}"]
)
def test_a_word_that_programs_write_for_a_missing_value_is_never_printed(bench: Bench, body: str, word: str) -> None:
    bench.message(body=body, subject="Hello")
    assert bench.merge(name=Blank("name", word)) is None
    assert bench.found == [("row-missing-value", "people.xlsx › People!A7")]


def test_computing_with_a_blank_cell_says_which_one(bench: Bench) -> None:
    bench.message(body="{{ number * 2 }}")
    bench.merge(number="")
    (finding,) = bench.findings
    assert finding.rule == "template-failed"
    assert "the cell of `number` is blank" in finding.message


@pytest.mark.parametrize("body", ["{{ {}.get('x') }}", "{% set x = none %}{{ x }}"])
def test_an_expression_without_a_value_never_prints(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert bench.merge() is None
    assert bench.findings.count("template-failed") == 1


@pytest.mark.parametrize(
    "body",
    [
        "{{ (name ~ '').__class__.__mro__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ 'a' * 10**9 }}",
        "{{ [0] * 10**9 }}",
        "{{ 9 ** 999 }}",
        "{{ range(10**9) }}",
        "{{ number / 0 }}",
        "{{ 1 / 0 }}",
    ],
)
def test_hostile_expressions_are_findings(bench: Bench, body: str) -> None:
    bench.message(body=body)
    assert bench.merge() is None
    assert bench.findings.count("template-failed") == 1


def test_a_template_without_columns_that_fails_is_told_once_for_all_rows(bench: Bench) -> None:
    bench.message(body="{{ 1 / 0 }}")
    merger = bench.merger()
    assert [merger.merge(read) for read in (bench.row(), bench.row())] == [None, None]
    assert len(bench.findings) == 1


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("kim@@example.com", "row-bad-address"),
        ("kim", "row-bad-address"),
        ("kim@localhost", "row-bad-address"),
        ("a@x.jp;boss@y.jp", "row-several-addresses"),
        ("a@x.jp, boss@y.jp", "row-several-addresses"),
        ("a@x.jp；boss@y.jp", "row-several-addresses"),
        ("a@b.com\nBcc: c@d.com", "row-several-addresses"),
        ("a@b.com\x1fboss@y.jp", "row-several-addresses"),
    ],
)
def test_an_address_that_is_none_is_found_at_its_cell(bench: Bench, cell: str, rule: str) -> None:
    assert bench.merge(email=cell) is None
    assert bench.found == [(rule, "people.xlsx › People!B7")]


def test_a_declared_list_of_addresses_may_hold_several(bench: Bench) -> None:
    message = bench.message_of(email=Addresses(("a@example.com", "b@example.com", "A@example.com")))
    assert message.to == (Address("a@example.com"), Address("b@example.com"))


def test_a_bad_address_of_the_manifest_is_told_once_at_the_manifest(bench: Bench) -> None:
    bench.message(cc=(template("boss@@example.com"),))
    merger = bench.merger()
    assert [merger.merge(read) for read in (bench.row(), bench.row())] == [None, None]
    assert bench.found == [("row-bad-address", "job.yaml:10:5")]


def test_a_blank_copy_address_is_left_out_where_the_template_provides_for_it(bench: Bench) -> None:
    bench.message(cc=(template("{{ number | default('') }}"),))
    assert bench.message_of(number="").cc == ()


def test_nobody_is_twice_in_one_mail(bench: Bench) -> None:
    kim, lee, boss = (template(f"{name}@example.com") for name in ("kim", "lee", "boss"))
    shouted = [template(f"{name}@Example.COM") for name in ("KIM", "LEE", "BOSS")]
    bench.message(to=(kim,), cc=(shouted[0], lee), bcc=(*shouted, boss))
    message = bench.message_of()
    assert message.recipients == (
        Address("kim@example.com"),
        Address("lee@example.com"),
        Address("BOSS@Example.COM"),
    )
    assert (message.to, message.cc, message.bcc) == tuple((each,) for each in message.recipients)


@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\u2028", "\u202e"])
def test_a_control_character_in_the_subject_is_found(bench: Bench, character: str) -> None:
    bench.message(subject="Invoice {{ name }}")
    assert bench.merge(name=f"Kim{character}Bcc: boss@example.com") is None
    assert bench.found == [("row-control-character", "people.xlsx › People!A7")]


def test_a_subject_that_comes_out_blank_is_found(bench: Bench) -> None:
    bench.message(subject="{% if number == '1' %}Hello{% endif %}")
    assert bench.merge() is None
    assert bench.findings.count("provider-blank-subject") == 1


def test_a_fault_of_a_cell_matters_only_where_the_cell_is_used(bench: Bench) -> None:
    fault = {2: CellFault("cell-not-calculated", "no saved value", "Save the workbook.", "=A1")}
    assert bench.merge(faults=fault, number="") is not None
    bench.message(body="{{ number }}")
    assert bench.merge(faults=fault, number="") is None
    assert bench.found == [("cell-not-calculated", "people.xlsx › People!C7")]


def test_a_fault_of_a_declared_column_always_matters(bench: Bench) -> None:
    spec = {"number": FieldSpec("number", TextLocation(bench.job.path, 5, 5))}
    bench.job = replace(bench.job, recipients=replace(bench.job.recipients, fields=spec))
    fault = {2: CellFault("cell-bad-value", "no number", "Write a number.", "many")}
    assert bench.merge(faults=fault) is None


def test_where_keeps_the_rows_for_which_it_is_true(bench: Bench) -> None:
    bench.where("number == '00042'")
    merger = bench.merger()
    assert merger.wanted(bench.row())
    assert not merger.wanted(bench.row(number="1"))
    assert not merger.wanted(bench.row(number=""))


def test_where_keeps_a_row_whose_cell_cannot_be_read(bench: Bench) -> None:
    bench.where("number == '1'")
    fault = {2: CellFault("cell-error-value", "#N/A", "Correct the formula.", "#N/A")}
    assert bench.merger().wanted(bench.row(faults=fault, number=""))
    assert bench.merge(faults=fault, number="") is None


def test_where_knows_the_columns(bench: Bench) -> None:
    bench.where("activ == 'yes'")
    bench.merger()
    assert bench.found == [("template-unknown-name", "job.yaml:10:5")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{ email }", "Did you mean `{{ email }}`?"),
        ("｛｛ email ｝｝", "Did you mean `{{ email }}`?"),
        ("Kim <{email}>", "Did you mean `{{ email }}`?"),
        ("{First name}", "Did you mean `{{ row['First name'] }}`?"),
        ("{ mail }", "Correct the address."),
        ("{{ number }}", "Correct the address."),
        ("{{ name }} {", "Correct the address."),
    ],
)
def test_a_column_in_other_braces_than_those_of_templates_is_recognised(bench: Bench, written: str, meant: str) -> None:
    bench.message(to=(template(written),))
    assert bench.merge() is None
    (finding,) = bench.findings
    assert (finding.rule, finding.hint) == ("row-bad-address", meant)


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("name = 'no pork'", "Write `==` to compare."),
        ("number == '1' and name = 'no pork'", "Write `==` to compare."),
        ("{{ name == 'no pork' }}", "An expression stands here: write it without {{ and }}."),
        ("name == 'no pork", "An expression stands here: the names of columns as they are, texts in quotes: "),
    ],
)
def test_where_that_cannot_be_read_says_how_it_is_written(bench: Bench, expression: str, hint: str) -> None:
    bench.where(expression)
    bench.merger()
    (finding,) = bench.findings
    assert (finding.rule, finding.text) == ("template-syntax", expression)
    assert finding.hint.startswith(hint)


def test_a_body_may_be_chosen_by_the_row(bench: Bench) -> None:
    (bench.job.folder / "body-ko.html").write_text("안녕 {{ name }}", encoding="utf-8")
    bench.body_file("body-{{ number }}.html".replace("{{ number }}", "en"), "Hello {{ name }}")
    bench.body_name("body-{{ number }}.html")
    assert bench.message_of(number="ko").body == "안녕 김민수"
    assert bench.message_of(number="en").body == "Hello 김민수"
    assert bench.merge(number="fr") is None
    assert bench.found == [("file-missing", "people.xlsx › People!C7")]


@pytest.mark.parametrize("name", ["../secret.html", "/etc/passwd", "x/../../secret.html"])
def test_a_row_never_chooses_a_body_outside_of_the_folder(bench: Bench, name: str) -> None:
    (bench.job.folder.parent / "secret.html").write_text("secret", encoding="utf-8")
    bench.body_name("{{ number }}")
    assert bench.merge(number=name) is None
    assert bench.found == [("attachment-outside", "people.xlsx › People!C7")]


def test_a_template_that_fails_says_on_which_line(bench: Bench) -> None:
    bench.body_file("body.html", "<p>\n{{ name }}\n{{ number + 1 }}\n</p>")
    assert bench.merge() is None
    (finding,) = bench.findings
    assert "body.html:3:1" in finding.hint


def test_a_record_comes_from_the_row(bench: Bench) -> None:
    bench.message(record="{{ number }}")
    assert bench.message_of(number=" 4711 ").record == "4711"


def test_without_a_template_there_is_no_record(bench: Bench) -> None:
    assert bench.message_of().record == ""


@pytest.mark.parametrize(
    "cell", ["0", "00042", "-7", "4.0", "1,234", "1e3", "٤٢", "7/../8", "7?x=1", "12345678901234567890", "R-7"]
)
def test_a_record_that_is_no_positive_whole_number_is_a_finding_at_its_cell(bench: Bench, cell: str) -> None:
    bench.message(record="{{ number }}")
    assert bench.merge(number=cell) is None
    assert bench.found == [("row-bad-record", "people.xlsx › People!C7")]


def test_a_blank_record_is_told_as_a_blank_cell_and_no_more(bench: Bench) -> None:
    bench.message(record="{{ number }}")
    assert bench.merge(number="") is None
    assert bench.found == [("row-blank-value", "people.xlsx › People!C7")]
    assert [finding.hint for finding in bench.findings] == [
        "Fill the cell: without the record's number, its mail belongs to none."
    ]


def test_no_default_is_offered_for_an_address_that_is_blank(bench: Bench) -> None:
    assert bench.merge(email="") is None
    assert [finding.hint for finding in bench.findings] == ["Fill the cell, or leave the row out with `where`."]


def test_a_record_written_wrongly_into_the_manifest_is_told_once(bench: Bench) -> None:
    bench.message(record="none")
    merger = bench.merger()
    assert [merger.merge(bench.row()), merger.merge(bench.row())] == [None, None]
    assert bench.found == [("row-bad-record", "job.yaml:10:5")]


def test_mails_to_different_records_are_different_mails(bench: Bench) -> None:
    bench.message(record="{{ number }}")
    one, other = (bench.message_of(number=number) for number in ("1", "2"))
    assert one.content_digest() != other.content_digest()


def test_a_message_is_what_its_provider_makes_of_it(bench: Bench) -> None:
    merger = bench.merger(adapt=lambda message: replace(message, body="as text"))
    message = merger.merge(bench.row())
    assert message is not None
    assert message.body == "as text"


def refusing(error: BatchmailError) -> Callable[[Message], Message]:
    def refuse(_: Message) -> Message:
        raise error

    return refuse


def test_what_cannot_be_made_for_the_provider_is_a_finding_of_the_row_and_hides_no_other(bench: Bench) -> None:
    bench.message(body="{{ name }}")
    merger = bench.merger(adapt=refusing(BatchmailError("too deep", "Close the tags.")))
    assert [merger.merge(bench.row()), merger.merge(bench.row(email="kim"))] == [None, None]
    assert sorted(bench.found) == [
        ("row-bad-address", "people.xlsx › People!B7"),
        ("row-not-convertible", "people.xlsx › People!A7"),
    ]
    assert ("too deep", "Close the tags.") in [(finding.message, finding.hint) for finding in bench.findings]


def test_a_library_that_is_missing_is_no_matter_of_a_row(bench: Bench) -> None:
    merger = bench.merger(adapt=refusing(LibraryMissing("not installed", "Install it.")))
    with pytest.raises(LibraryMissing):
        merger.merge(bench.row())


def test_a_row_with_findings_is_not_shown_to_the_provider(bench: Bench) -> None:
    seen: list[Message] = []

    def look(message: Message) -> Message:
        seen.append(message)
        return message

    merger = bench.merger(adapt=look)
    assert (merger.merge(bench.row(email="kim")), seen) == (None, [])
