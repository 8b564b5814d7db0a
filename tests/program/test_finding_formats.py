"""`plan --format` for machines: the same findings, the same exit code."""

import json

import pytest

from batchmail.cli import ending
from tests.program.office import Office


def test_a_job_without_findings_prints_nothing_for_github_and_no_results_as_sarif(office: Office) -> None:
    github = office.run("plan", str(office.job), "--format", "github")
    assert (github.code, github.out) == (ending.DONE, "")
    sarif = office.run("plan", str(office.job), "--format", "sarif")
    assert json.loads(sarif.out)["runs"][0]["results"] == []


@pytest.mark.parametrize(("old", "new"), [("{{ name }}", "{{ nmae }}"), ("kind: works", "kind: wroks")])
def test_what_json_tells_the_others_tell_too(office: Office, old: str, new: str) -> None:
    office.edit(old, new)
    told = office.run("plan", str(office.job), "--format", "json")
    rules = [each["rule"] for each in told.document["findings"]]
    github = office.run("plan", str(office.job), "--format", "github")
    sarif = office.run("plan", str(office.job), "--format", "sarif")
    assert rules
    assert (github.code, sarif.code) == (told.code, told.code) == (ending.BLOCKED, ending.BLOCKED)
    assert [line.partition("title=")[2].partition("::")[0] for line in github.out.splitlines()] == rules
    assert [each["ruleId"] for each in json.loads(sarif.out)["runs"][0]["results"]] == rules
