"""`plan --diff`: how the mails differ from what was sent before."""

import pytest

from tests.program.office import Office


@pytest.fixture
def sent(office: Office) -> Office:
    """An office whose three people have their mail."""
    assert office.send().code == 0
    return office


def change(office: Office, old: str, new: str) -> None:
    text = (office.folder / "people.csv").read_text(encoding="utf-8")
    assert old in text
    office.write("people.csv", text.replace(old, new))


def diff(office: Office) -> dict[str, object]:
    found = office.plan("--diff").document["diff"]
    assert isinstance(found, dict)
    return found


def told(office: Office) -> str:
    ended = office.run("plan", str(office.job), "--diff")
    assert ended.code == 0
    return ended.out


def test_before_the_first_send_all_is_new(office: Office) -> None:
    assert diff(office)["counts"] == {"new": 3, "changed": 0, "gone": 0, "unchanged": 0}
    assert diff(office)["new"] == ["00001", "00002", "00003"]


def test_rows_are_new_changed_gone_or_as_they_were(sent: Office) -> None:
    change(sent, "00001,Person 1,person1@example.com\n", "")
    change(sent, "Person 2", "Min Lee")
    sent.write("people.csv", (sent.folder / "people.csv").read_text(encoding="utf-8") + "00004,Kim,kim@example.com\n")
    found = diff(sent)
    assert found["counts"] == {"new": 1, "changed": 1, "gone": 1, "unchanged": 1}
    assert (found["new"], found["gone"]) == (["00004"], ["00001"])
    text = told(sent)
    assert "subject  now: Hello Min Lee" in text
    assert f"batchmail preview {sent.job.as_posix()} --key 00002" in text


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("person2@example.com", "min@example.com", ["to"]),
        ("Person 2", "Min Lee", ["subject"]),
        ("00002,Person 2,person2@", "00002,Min Lee,min@", ["to", "subject"]),
    ],
)
def test_what_is_other_in_a_mail_is_told(sent: Office, old: str, new: str, parts: list[str]) -> None:
    change(sent, old, new)
    (changed,) = sent.plan("--diff").document["diff"]["changed"]
    assert (changed["key"], changed["parts"]) == ("00002", parts)
    assert changed["where"].endswith("people.csv:3:1")


def test_a_body_that_is_other_is_told_without_the_text_that_nobody_keeps(sent: Office) -> None:
    sent.edit("<p>Dear", "<p>Hello")
    assert [each["parts"] for each in sent.plan("--diff").document["diff"]["changed"]] == [["body or files"]] * 3
    assert "digests are kept and no text" in told(sent)


def test_without_the_option_nothing_is_compared(sent: Office) -> None:
    assert "diff" not in sent.plan().document
    assert "against what was sent" not in sent.run("plan", str(sent.job)).out


def test_only_so_many_rows_are_named(office: Office) -> None:
    office.people(25)
    found = diff(office)
    assert found["counts"] == {"new": 25, "changed": 0, "gone": 0, "unchanged": 0}
    assert found["new"] == [f"{n:05}" for n in range(1, 21)]
    assert "00020, …" in told(office)
