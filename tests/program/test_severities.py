"""The job weighs warnings and notes as its people do; nothing makes an error any less."""

import json

from tests.program.office import Office

LONG = "subject: \"Hello {{ name }} {{ 'and more ' * 30 }}\""


def weigh(office: Office, weights: str) -> None:
    office.edit("report:", f"findings: {{{weights}}}\nreport:")


def found(office: Office) -> set[tuple[str, str]]:
    return {(each["rule"], each["severity"]) for each in office.plan().document["findings"]}


def test_a_warning_may_become_an_error_and_blocks_the_job(office: Office) -> None:
    office.edit('subject: "Hello {{ name }}"', LONG)
    weigh(office, "subject-would-be-cut: error")
    assert found(office) == {("subject-would-be-cut", "error")}
    ended = office.plan()
    assert (ended.code, ended.document["counts"]["blocked"], ended.document["counts"]["send"]) == (1, 3, 0)
    assert office.send("--allow", "subject-would-be-cut").code == 1
    assert office.works.inbox.requests == 0


def test_a_warning_may_become_a_note_that_needs_no_leave(office: Office) -> None:
    office.edit('subject: "Hello {{ name }}"', LONG)
    weigh(office, "subject-would-be-cut: info")
    assert found(office) == {("subject-would-be-cut", "info")}
    assert office.send().code == 0


def test_a_note_may_become_a_warning_that_needs_leave(office: Office) -> None:
    office.edit('  to: "{{ email }}"', '  to: "{{ email }}"\n  cc: [boss@example.com]')
    weigh(office, "recipients-see-each-other: warning")
    assert office.send().code == 1
    assert office.send("--allow", "recipients-see-each-other").code == 0


def test_an_error_stays_an_error(office: Office) -> None:
    weigh(office, "row-bad-address: info")
    ended = office.plan()
    (finding,) = ended.document["findings"]
    assert ended.code == 1
    assert (finding["rule"], finding["text"]) == ("manifest-bad-value", "row-bad-address")
    assert "errors cannot be weighed otherwise" in finding["message"]


def test_rules_that_do_not_exist_are_told_with_the_nearest_all_at_once(office: Office) -> None:
    weigh(office, "subject-would-be-cutt: info, no-such-thing: info")
    hints = [finding["hint"] for finding in office.plan().document["findings"]]
    assert len(hints) == 2
    assert any("Did you mean `subject-would-be-cut`?" in hint for hint in hints)


def test_a_severity_that_does_not_exist_is_told(office: Office) -> None:
    weigh(office, "subject-would-be-cut: warn")
    (finding,) = office.plan().document["findings"]
    assert "Did you mean `warning`?" in finding["hint"]


def test_the_text_of_a_plan_counts_by_the_jobs_own_weights(office: Office) -> None:
    office.edit('subject: "Hello {{ name }}"', LONG)
    weigh(office, "subject-would-be-cut: error")
    ended = office.run("plan", str(office.job))
    assert "3 faults: nothing can be sent." in ended.out
    assert "batchmail explain subject-would-be-cut" in ended.out


def test_editors_are_told_which_rules_may_stand_there(office: Office) -> None:
    schema = json.loads(office.run("schema").out)
    names = schema["properties"]["findings"]["propertyNames"]["enum"]
    assert "subject-would-be-cut" in names
    assert "row-bad-address" not in names
