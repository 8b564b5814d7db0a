"""Every rule of every emulator can be read and changed over HTTP."""

from dataclasses import replace

import pytest

from batchmail.emulator import (
    GatewayRefusal,
    PleasanterRules,
    Refusal,
    WorksAuthRules,
    WorksRules,
    WorksV1Rules,
)
from batchmail.emulator.json_fields import Unacceptable
from batchmail.emulator.rule_switches import changed, rules_json
from batchmail.emulator.smtp_rules import SmtpRules
from tests.emulator.steering import call, standing

Rules = WorksRules | WorksAuthRules | WorksV1Rules | PleasanterRules | SmtpRules

ALL: list[Rules] = [
    WorksRules(),
    WorksRules.rehearsal(),
    WorksRules(over_quota="draft", sent_delay_seconds=1.5),
    WorksAuthRules(),
    WorksAuthRules(redirect_uris=frozenset({"http://127.0.0.1:1/"})),
    WorksV1Rules(),
    WorksV1Rules(no_good_address=Refusal(400, "INVALID_PARAMETER"), over_rate=GatewayRefusal(403, "047")),
    PleasanterRules(),
    SmtpRules(),
    SmtpRules.rehearsal(),
    SmtpRules(over_rate="421 4.7.0 <{address}> later", logins=frozenset({"PLAIN"}), mails_per_minute=3),
    PleasanterRules(records=frozenset({7, 5}), internal_domains=("x.example",), fixed_from="a@x.example", bad_json=401),
]


@pytest.mark.parametrize("rules", ALL)
def test_what_is_shown_can_be_given_back(rules: Rules) -> None:
    assert changed(type(rules)(), rules_json(rules)) == rules


def test_rules_that_are_not_named_stay() -> None:
    rules = WorksRules(mails_per_minute=7)
    given = {"unknownUser": None, "overQuota": {"status": 429, "code": "BUSY"}}
    assert changed(rules, given) == replace(rules, unknown_user=None, over_quota=Refusal(429, "BUSY"))


BAD: list[tuple[Rules, str, object, str]] = [
    (WorksRules(), "requestsPerMinute", -1, "a whole number from 0 or null"),
    (WorksRules(), "requestsPerMinute", True, "a whole number from 0 or null"),
    (WorksRules(), "requestsPerMinute", 1.5, "a whole number from 0 or null"),
    (WorksRules(), "subjectCharacters", None, "a whole number from 0"),
    (WorksRules(), "usedHeader", "neither", '"both", "used" or "ssed"'),
    (
        WorksRules(),
        "overQuota",
        "drafts",
        '{"status": 400 to 599, "code": a text that is not empty} or "draft"',
    ),
    (
        WorksRules(),
        "wrongType",
        {"status": 200, "code": "OK"},
        '{"status": 400 to 599, "code": a text that is not empty}',
    ),
    (WorksRules(), "wrongType", {"status": 400}, '{"status": 400 to 599, "code": a text that is not empty}'),
    (WorksRules(), "sentDelaySeconds", "1", "a number from 0 to 1000000000"),
    (WorksRules(), "base64Spaces", 1, "true or false"),
    (
        WorksV1Rules(),
        "overRate",
        {"status": 429, "errorCode": "999"},
        '{"status": 400 to 599, "errorCode": "001", "024", "028", "029", "041", "042" or "047"}',
    ),
    (WorksV1Rules(), "blockedEndings", ["exe", 7], "a list of texts"),
    (SmtpRules(), "overRate", "250 Ok", "a code from 400 to 599, a space, and a text in ASCII"),
    (SmtpRules(), "overRate", "451", "a code from 400 to 599, a space, and a text in ASCII"),
    (SmtpRules(), "overRate", "451 a\r\nb", "a code from 400 to 599, a space, and a text in ASCII"),
    (SmtpRules(), "overRate", 451, "a code from 400 to 599, a space, and a text in ASCII"),
    (PleasanterRules(), "badJson", 402, "400 or 401"),
    (PleasanterRules(), "badJson", 400.0, "400 or 401"),
    (PleasanterRules(), "records", 7, "a list of whole numbers from 0 or null"),
    (PleasanterRules(), "fixedFrom", "", "a text that is not empty or null"),
]


@pytest.mark.parametrize(("rules", "name", "value", "accepted"), BAD)
def test_a_bad_value_is_told_with_what_is_accepted(rules: Rules, name: str, value: object, accepted: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        changed(rules, {name: value})
    (fault,) = refused.value.faults
    assert (fault.field, fault.accepted) == (name, accepted)


def test_a_rule_that_there_is_not_is_told_those_that_there_are() -> None:
    with pytest.raises(Unacceptable) as refused:
        changed(PleasanterRules(), {"requests_per_day": 3})
    assert "requestsPerDay" in refused.value.faults[0].accepted


def test_one_fault_among_several_changes_nothing() -> None:
    with standing() as works:
        before = works.get("/rules").json
        answer = works.change("PATCH", "/rules", {"mailsPerMinute": 1, "subjectCharacters": "many", "colour": 1})
        assert answer.status == 400
        assert [field["field"] for field in answer.json["fields"]] == ["subjectCharacters", "colour"]
        assert works.get("/rules").json == before


@pytest.mark.parametrize(("kind", "over"), [("works", 429), ("works-v1", 429)])
def test_a_rate_can_be_set_and_lifted(kind: str, over: int) -> None:
    with standing(kind) as emulator:
        good = emulator.outcome()
        assert emulator.change("PATCH", "/rules", {"requestsPerMinute": 1}).status == 200
        assert [emulator.outcome(), emulator.outcome()] == [good, over]
        emulator.change("DELETE", "/rules")
        assert emulator.outcome() == good


@pytest.mark.parametrize("kind", ["works", "works-v1"])
def test_a_rate_of_none_at_all_refuses_everything(kind: str) -> None:
    with standing(kind) as emulator:
        emulator.change("PATCH", "/rules", {"requestsPerMinute": 0})
        assert emulator.outcome() == 429


def test_the_limits_are_the_vendors_or_none() -> None:
    with standing("works", limits=True) as real, standing("works") as rehearsed:
        assert real.get("/rules").json["requestsPerMinute"] == 240
        assert rehearsed.get("/rules").json["requestsPerMinute"] is None


def test_pleasanter_speaks_japanese_and_its_quota_is_used_up() -> None:
    with standing("pleasanter") as pleasanter:
        pleasanter.change("PATCH", "/rules", {"language": "ja", "requestsPerDay": 1})
        answer = pleasanter.send()
        assert (answer.status, answer.json["Message"]) == (200, "メールを送信しました。")
        assert pleasanter.outcome() == 429


def test_the_look_up_follows_changed_rules_too() -> None:
    with standing() as works:
        works.send()
        url = str(works.standing.settings["baseUrl"])
        headers = {"Authorization": f"Bearer {works.standing.environment['WORKS_ACCESS_TOKEN']}"}

        def sent() -> int:
            return int(call(f"{url}/users/me/mail/mailfolders/1/children", headers=headers).json["totalCount"])

        assert sent() == 1
        works.change("PATCH", "/rules", {"sentDelaySeconds": 3600})
        assert sent() == 0
