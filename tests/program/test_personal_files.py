"""The right file for the right person, through the whole program."""

import pytest

from batchmail.rules import (
    ATTACHMENT_FOR_TWO,
    ATTACHMENT_LACKS_KEY,
    ATTACHMENT_MISSING,
    ATTACHMENT_NAMES_UNCHECKED,
)
from tests.program.office import JOB, Office

COLUMNS = "number,name,email,file"


def rows(*files: str) -> str:
    """The sheet, one row for each file."""
    lines = (f"{n:05},Person {n},person{n}@example.com,{file}" for n, file in enumerate(files, 1))
    return "\n".join([COLUMNS, *lines]) + "\n"


@pytest.fixture
def invoices(office: Office) -> Office:
    """Ten people, each with an invoice; the sheet names the files."""
    names = [f"{n:05}.pdf" for n in range(1, 11)]
    for name in names:
        office.write(f"pdf/{name}", f"%PDF {name}")
    office.write("people.csv", rows(*names))
    attach(office, '"pdf/{{ file }}"')
    return office


def attach(office: Office, path: str) -> None:
    office.manifest(JOB.replace("send:", f"  attachments:\n    - {{path: {path}}}\nsend:"))


def found(office: Office) -> dict[str, list[str]]:
    """The keys of the rows that each rule was found in."""
    keys: dict[str, list[str]] = {}
    for finding in office.plan().document["findings"]:
        keys.setdefault(finding["rule"], []).append(finding["key"] or finding["cell"] or str(finding["line"]))
    return keys


def test_every_row_with_its_own_file_has_no_finding(invoices: Office) -> None:
    assert found(invoices) == {}


def test_two_swapped_cells_are_found_and_nothing_is_sent(invoices: Office) -> None:
    names = [f"{n:05}.pdf" for n in range(1, 11)]
    names[3], names[6] = names[6], names[3]
    invoices.write("people.csv", rows(*names))
    assert found(invoices) == {ATTACHMENT_LACKS_KEY.id: ["00004", "00007"]}
    finding = invoices.plan().document["findings"][0]
    assert (finding["line"], finding["column"], finding["text"]) == (5, 36, "00007.pdf")
    assert invoices.send().code == 1
    assert invoices.works.inbox.requests == 0
    assert invoices.send("--allow", ATTACHMENT_LACKS_KEY.id).code == 0


@pytest.mark.parametrize("count", [2, 10])
def test_a_column_that_was_sorted_alone_is_found(invoices: Office, count: int) -> None:
    invoices.write("people.csv", rows(*(f"{n:05}.pdf" for n in range(count, 0, -1))))
    assert len(found(invoices)[ATTACHMENT_LACKS_KEY.id]) == count


def test_a_file_for_two_people_is_an_error(invoices: Office) -> None:
    names = [f"{n:05}.pdf" for n in range(1, 11)]
    names[6] = names[3]
    invoices.write("people.csv", rows(*names))
    assert found(invoices)[ATTACHMENT_FOR_TWO.id] == ["00007"]
    plan = invoices.plan()
    assert plan.code == 1
    assert plan.document["counts"]["blocked"] == 1
    assert "`00004.pdf` would go to `00007` and to `00004`" in plan.document["findings"][0]["message"]


def test_a_file_that_is_declared_shared_may_go_to_many(invoices: Office) -> None:
    invoices.write("people.csv", rows(*["00001.pdf"] * 10))
    attach(invoices, '"pdf/{{ file }}", shared: true')
    assert found(invoices) == {}


def test_a_file_that_the_manifest_names_goes_to_everybody(invoices: Office) -> None:
    attach(invoices, "pdf/00001.pdf")
    assert found(invoices) == {}


def test_the_same_row_twice_is_no_file_for_two(invoices: Office) -> None:
    text = rows(*(f"{n:05}.pdf" for n in range(1, 11)))
    invoices.write("people.csv", text + "00001,Person,other@example.com,00001.pdf\n")
    invoices.edit("key: number", "key: number\n  duplicates: first")
    assert found(invoices) == {}


def test_names_without_keys_are_told_once_and_hinder_nobody(invoices: Office) -> None:
    for n in range(1, 11):
        invoices.write(f"pdf/offer-{chr(96 + n)}.pdf", "offer")
    invoices.write("people.csv", rows(*(f"offer-{chr(96 + n)}.pdf" for n in range(1, 11))))
    assert list(found(invoices)) == [ATTACHMENT_NAMES_UNCHECKED.id]
    assert invoices.plan().code == 0


def test_a_pattern_finds_each_file_and_an_error_in_the_sheet_finds_none(invoices: Office) -> None:
    attach(invoices, '"pdf/*{{ number }}*.pdf"')
    assert found(invoices) == {}
    invoices.write("people.csv", rows("") + "*,Star,star@example.com,\n")
    assert found(invoices) == {ATTACHMENT_MISSING.id: ["3"]}


def test_a_program_is_told_as_what_mail_systems_refuse(invoices: Office) -> None:
    invoices.write("setup.EXE", "MZ")
    attach(invoices, "setup.EXE")
    assert set(found(invoices)) == {"attachment-blocked-type"}
