"""Who may send, how often, and what becomes of a mail."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from batchmail.emulator import Answer, Refusal, WorksRules, WorksTenant
from tests.emulator.bench import MAIL, START, Bench, accepted, refusal

UNAUTHORIZED = (401, "UNAUTHORIZED")
FORBIDDEN = (403, "FORBIDDEN")
LIMIT_EXCEEDED = (403, "LIMIT_EXCEEDED")
QUOTAS_OFF = WorksRules(requests_per_minute=None, mails_per_minute=None)


def with_token(bench: Bench, token: str) -> Answer:
    return bench.send(headers={"authorization": f"Bearer {token}", "content-type": "application/json"})


def rate(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("rateLimit-")}


def many(count: int, domain: str) -> str:
    return ";".join(f"person{number}@{domain}" for number in range(count))


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "TOKEN",
        "Bearer",
        "Bearer ",
        "Bearer  TOKEN",
        "bearer TOKEN",
        "Basic TOKEN",
        "Bearer TOKENx",
        "Bearer x",
    ],
)
def test_without_its_token_exactly_as_documented_a_request_is_unauthorized(
    bench: Bench, authorization: str | None
) -> None:
    headers = {"content-type": "application/json"}
    if authorization is not None:
        headers["authorization"] = authorization.replace("TOKEN", bench.token)
    assert refusal(bench.send(headers=headers)) == UNAUTHORIZED


def test_a_token_lives_for_its_time(bench: Bench) -> None:
    token = bench.tenant.issue_token(lifetime_seconds=3600)
    bench.clock.passed = 3599.9
    assert accepted(with_token(bench, token))
    bench.clock.passed = 3600
    assert refusal(with_token(bench, token)) == UNAUTHORIZED


def test_a_token_can_be_revoked(bench: Bench) -> None:
    bench.tenant.revoke_token(bench.token)
    assert refusal(bench.send()) == UNAUTHORIZED


@pytest.mark.parametrize("scope", ["", "mail.read", "bot calendar", "mailbox"])
def test_a_token_needs_the_scope_mail_to_send(bench: Bench, scope: str) -> None:
    assert refusal(with_token(bench, bench.tenant.issue_token(scope=scope))) == FORBIDDEN


def test_one_scope_of_several_will_do(bench: Bench) -> None:
    assert accepted(with_token(bench, bench.tenant.issue_token(scope="bot mail mail.read")))


def test_a_service_account_may_not_send(bench: Bench) -> None:
    assert refusal(with_token(bench, bench.tenant.issue_token(service_account=True))) == FORBIDDEN


def test_a_user_is_named_by_me_or_id_or_login_id(bench: Bench) -> None:
    sender = bench.tenant.sender
    for name in ("me", sender.user_id, sender.login_id, sender.login_id.upper()):
        assert accepted(bench.send(user=name))
    assert {mail.account for mail in bench.inbox.mails} == {sender.login_id}


def test_another_user_is_forbidden_and_nobody_does_not_exist(bench: Bench) -> None:
    assert refusal(bench.send(user=bench.tenant.colleague.login_id)) == FORBIDDEN
    assert refusal(bench.send(user=bench.tenant.colleague.user_id)) == FORBIDDEN
    assert refusal(bench.send(user="nobody")) == (404, "USER_NOT_EXIST")


def test_by_another_guess_nobody_is_the_tokens_own_user() -> None:
    bench = Bench(WorksRules(unknown_user=None))
    assert accepted(bench.send(user="nobody"))
    assert bench.mail.account == bench.tenant.sender.login_id
    assert refusal(bench.send(user=bench.tenant.colleague.login_id)) == FORBIDDEN


@pytest.mark.parametrize(
    ("account", "user_id", "login_id"),
    [
        ("me", "a1e6b0c9-sender", "sender@works.example"),
        ("billing@example.com", "a1e6b0c9-sender", "billing@example.com"),
        ("U-17", "U-17", "sender@works.example"),
    ],
)
def test_the_sender_may_be_given(bench: Bench, account: str, user_id: str, login_id: str) -> None:
    sender = WorksTenant(bench.inbox, WorksRules(), bench.clock, account).sender
    assert (sender.user_id, sender.login_id) == (user_id, login_id)


def test_the_241st_call_of_a_minute_is_too_many() -> None:
    bench = Bench(WorksRules(mails_per_minute=None))
    answers = [bench.send() for _ in range(240)]
    assert all(map(accepted, answers))
    refused = bench.send()
    assert refused.status == 429
    assert json.loads(refused.body) == {"code": "TOO_MANY_REQUESTS", "description": "API rate limit exceeded"}
    assert bench.inbox.accepted == 240
    bench.clock.passed = 60
    assert accepted(bench.send())


def test_every_answer_says_how_much_of_the_minute_is_left() -> None:
    bench = Bench(WorksRules(requests_per_minute=2, mails_per_minute=None))
    assert rate(bench.send()) == {
        "rateLimit-used": "1",
        "rateLimit-ssed": "1",
        "rateLimit-limit": "2",
        "rateLimit-remaining": "1",
        "rateLimit-reset": "60",
    }
    bench.clock.passed = 12.5
    assert rate(bench.send(b"no JSON"))["rateLimit-remaining"] == "0"
    last = rate(bench.send())
    assert (last["rateLimit-used"], last["rateLimit-remaining"], last["rateLimit-reset"]) == ("2", "0", "48")
    assert rate(bench.send(headers={})) == last


@pytest.mark.parametrize("used", ["used", "ssed"])
def test_the_used_count_may_have_one_name_only(used: str) -> None:
    rules = WorksRules(used_header="used" if used == "used" else "ssed")
    assert [name for name in rate(Bench(rules).send()) if name.endswith("sed")] == [f"rateLimit-{used}"]


def test_a_request_without_a_token_does_not_count() -> None:
    bench = Bench(WorksRules(requests_per_minute=1))
    assert refusal(bench.send(headers={})) == UNAUTHORIZED
    assert accepted(bench.send())


def test_each_operation_has_a_minute_of_its_own() -> None:
    bench = Bench(WorksRules(requests_per_minute=1))
    assert accepted(bench.send())
    assert bench.folders().answer.status == 200
    assert bench.folders().answer.status == 429


def test_without_limits_nothing_is_said_of_them() -> None:
    bench = Bench(WorksRules.rehearsal())
    assert all(accepted(bench.send()) for _ in range(300))
    assert rate(bench.send()) == {}


@pytest.mark.parametrize("level", ["Restricted", "Confidential"])
@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
def test_restricted_mail_stays_inside(bench: Bench, level: str, field: str) -> None:
    assert refusal(bench.send(fields={"securityLevel": level, field: "kim@outside.example"})) == FORBIDDEN
    assert accepted(bench.send(fields={"securityLevel": level, field: "kim@WORKS.example"}))


@pytest.mark.parametrize("level", ["General", "Non-business"])
def test_other_mail_may_go_outside(bench: Bench, level: str) -> None:
    assert accepted(bench.send(fields={"securityLevel": level, "to": "kim@outside.example"}))


def test_a_mail_has_at_most_500_recipients_outside(bench: Bench) -> None:
    inside = {"cc": many(600, "works.example")}
    assert accepted(bench.send(fields={**inside, "to": many(250, "a.example"), "bcc": many(250, "b.example")}))
    assert refusal(bench.send(fields={"to": many(501, "a.example")})) == LIMIT_EXCEEDED


def test_a_mailbox_sends_60_mails_a_minute() -> None:
    bench = Bench(WorksRules(requests_per_minute=None))
    for second in range(60):
        bench.clock.passed = second / 2
        assert accepted(bench.send())
    bench.clock.passed = 59.9
    assert refusal(bench.send()) == LIMIT_EXCEEDED
    bench.clock.passed = 60.0
    assert accepted(bench.send())
    assert refusal(bench.send()) == LIMIT_EXCEEDED


def test_a_mailbox_reaches_20_000_recipients_a_day() -> None:
    bench = Bench(QUOTAS_OFF)
    everybody = {"to": many(10_000, "works.example")}
    assert accepted(bench.send(fields=everybody))
    bench.clock.passed = 3600
    assert accepted(bench.send(fields=everybody))
    assert refusal(bench.send()) == LIMIT_EXCEEDED
    bench.clock.passed = 86_400
    bench.token = bench.tenant.issue_token()
    assert accepted(bench.send())


def test_what_is_refused_uses_up_no_quota() -> None:
    bench = Bench(replace(QUOTAS_OFF, recipients_per_day=3))
    assert refusal(bench.send(fields={"to": many(4, "works.example")})) == LIMIT_EXCEEDED
    assert accepted(bench.send(fields={"to": many(3, "works.example")}))


@pytest.mark.parametrize(
    ("limit", "fields"),
    [
        (WorksRules(over_quota="draft", external_recipients=0), {"to": "kim@outside.example"}),
        (WorksRules(over_quota="draft", mails_per_minute=0), {}),
        (WorksRules(over_quota="draft", recipients_per_day=0), {}),
    ],
)
def test_by_another_guess_a_mail_over_quota_stays_in_the_drafts(limit: WorksRules, fields: dict[str, str]) -> None:
    bench = Bench(limit)
    assert accepted(bench.send(fields=fields))
    assert bench.mail.drafted
    assert bench.mail.copies == ()
    assert bench.listing(1).json["mails"] == []
    assert [mail["subject"] for mail in bench.listing(3).json["mails"]] == ["Hello"]


@pytest.mark.parametrize("length", [1, 179, 180, 181, 1000])
def test_a_subject_is_cut_at_180_characters(bench: Bench, length: int) -> None:
    subject = "가나다라마바사아자차" * 100
    assert accepted(bench.send(fields={"subject": subject[:length]}))
    assert bench.mail.subject == subject[: min(length, 180)]
    assert json.loads(bench.mail.request)["subject"] == subject[:length]


def test_a_mail_is_numbered_and_dated(bench: Bench) -> None:
    for seconds in (0.0, 1.5):
        bench.clock.passed = seconds
        bench.send()
    assert [(mail.number, mail.time - START) for mail in bench.inbox.mails] == [
        (1, timedelta(0)),
        (2, timedelta(seconds=1.5)),
    ]


def test_a_mail_to_several_is_one_that_names_them_all_but_the_blind(bench: Bench) -> None:
    bench.send(fields={"to": "a@x.example;b@x.example", "cc": "c@x.example", "bcc": "d@x.example"})
    (copy,) = bench.mail.copies
    assert copy.recipients == ("a@x.example", "b@x.example", "c@x.example", "d@x.example")
    assert (copy.to, copy.cc) == (("a@x.example", "b@x.example"), ("c@x.example",))


def test_sent_separately_one_request_is_one_mail_for_each_recipient(bench: Bench) -> None:
    bench.send(
        fields={"to": many(98, "x.example"), "cc": "c@x.example", "bcc": "d@x.example", "isSendSeparately": True}
    )
    assert bench.inbox.accepted == 1
    assert len(bench.mail.copies) == 100
    assert all(copy.recipients == copy.to and len(copy.to) == 1 and not copy.cc for copy in bench.mail.copies)


def test_who_is_named_twice_is_there_twice(bench: Bench) -> None:
    bench.send(fields={"to": "a@x.example;a@x.example", "isSendSeparately": True})
    assert [copy.recipients for copy in bench.mail.copies] == [("a@x.example",), ("a@x.example",)]


def test_the_checks_come_in_their_order() -> None:
    """Every request has the fault of its step and of all steps after it; the first of them is the one it hears of."""
    bench = Bench(WorksRules(requests_per_minute=4, mails_per_minute=0))
    weak = {"authorization": f"Bearer {bench.tenant.issue_token(scope='bot')}"}
    own = {"authorization": f"Bearer {bench.token}", "content-type": "application/json"}
    outside = {"to": "kim@outside.example", "securityLevel": "Restricted"}
    assert refusal(bench.send(b"{", user="nobody", headers=weak)) == FORBIDDEN
    assert refusal(bench.send(b"{", user="nobody")) == (404, "USER_NOT_EXIST")
    assert refusal(bench.send(b"{", headers=own)) == (400, "INVALID_PARAMETER")
    assert refusal(bench.send(fields=outside)) == FORBIDDEN
    assert refusal(bench.send(b"{", user="nobody", headers=weak)) == (429, "TOO_MANY_REQUESTS")
    assert refusal(bench.send(b"{", user="nobody", headers={})) == UNAUTHORIZED
    bench.clock.passed = 60
    assert refusal(bench.send()) == LIMIT_EXCEEDED


def test_the_tenants_own_refusals_can_be_others_too() -> None:
    odd = Refusal(418, "TEAPOT")
    rules = WorksRules(
        service_account=odd,
        other_user=odd,
        unknown_user=odd,
        restricted_outside=odd,
        over_quota=odd,
        mails_per_minute=0,
    )
    bench = Bench(rules)
    for answer in (
        with_token(bench, bench.tenant.issue_token(service_account=True)),
        bench.send(user=bench.tenant.colleague.user_id),
        bench.send(user="nobody"),
        bench.send(fields={"to": "kim@outside.example", "securityLevel": "Restricted"}),
        bench.send(),
    ):
        assert refusal(answer) == (418, "TEAPOT")


def test_looking_needs_either_scope_of_mail(bench: Bench) -> None:
    for scope, status in (("mail", 200), ("mail.read", 200), ("bot", 403)):
        bench.token = bench.tenant.issue_token(scope=scope)
        assert bench.get(f"{MAIL}/mailfolders").answer.status == status
