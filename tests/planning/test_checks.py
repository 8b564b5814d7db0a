"""What a provider would refuse or lose is known before the first mail."""

from dataclasses import replace
from pathlib import Path

import pytest

from batchmail.delivery import Mailing
from batchmail.job import Job, MessageSpec, ProviderSpec, RecipientsSpec, Route, TemplateText
from batchmail.location import TextLocation
from batchmail.message import Address, Attachment, ContentType, Message
from batchmail.planning.checks import job_findings, message_objections
from batchmail.providers.base import Capabilities, Feature, Files, Provider, Sender
from batchmail.rate import Rate

CAPABILITIES = Capabilities(
    features=frozenset({Feature.ATTACHMENTS, Feature.CC}),
    rates=(Rate(240, 60), Rate(60, 60)),
    subject_characters=10,
    filename_characters=8,
    attachment_bytes=100,
    recipients_per_request=2,
    reserved_filenames=frozenset({"to"}),
    unfit_in_filenames='"',
    distinct_filenames=True,
)
MESSAGE = Message(to=(Address("a@example.com"),), subject="Hello", body="")


class PlainProvider:
    """A provider that can do little."""

    title = "Plain"
    account = "me"
    capabilities = CAPABILITIES
    record: TemplateText | None = None

    def __init__(self, *, official: bool = True) -> None:
        self.official = official

    def adapt(self, message: Message) -> Message:
        return message

    def check_credentials(self) -> None:
        raise NotImplementedError

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        raise NotImplementedError

    def at(self, base_url: str, access_token: str) -> Provider:
        raise NotImplementedError


def template(text: str) -> TemplateText:
    return TemplateText(text, TextLocation(Path("job.yaml"), 1, 1))


def job(**written: str) -> Job:
    """A job whose manifest has these keys under `message`, each on a line of its own from 11."""
    spec = MessageSpec(to=(template("a@example.com"),), subject=template("Hello"), body=None)
    lines = enumerate(written, 11)
    places: dict[Route, TextLocation] = {
        ("message", key): TextLocation(Path("job.yaml"), line, 3) for line, key in lines
    }
    names = {"from": "sender", "replyTo": "reply_to", "text": "alternative", "userName": "user_name"}
    values = {names[key]: template(value) for key, value in written.items() if key in names}
    return Job(
        path=Path("job.yaml"),
        mailing=Mailing("test"),
        provider=ProviderSpec("plain", None),
        recipients=RecipientsSpec(Path("people.csv")),
        message=replace(spec, **values),  # type: ignore[arg-type]  # by name
        places={**places, ("send", "rate"): TextLocation(Path("job.yaml"), 30, 9)},
    )


@pytest.mark.parametrize(
    "key", ["from", "replyTo", "text", "userName", "isSaveSentMail", "isSaveTracking", "securityLevel"]
)
def test_what_the_provider_cannot_express_is_found_at_its_line(key: str) -> None:
    (finding,) = job_findings(job(**{key: "x"}), PlainProvider())
    assert (finding.rule, str(finding.where)) == ("provider-cannot-express", "job.yaml:11:3")
    assert f"`{key}" in finding.message


def test_what_the_provider_cannot_do_without_is_found_where_it_belongs() -> None:
    demanding = PlainProvider()
    features = CAPABILITIES.features | {Feature.FROM}
    demanding.capabilities = replace(CAPABILITIES, features=features, required=frozenset({Feature.FROM}))
    written = job()
    places = {**written.places, ("message",): TextLocation(Path("job.yaml"), 10, 1)}
    (finding,) = job_findings(replace(written, places=places), demanding)
    assert (finding.rule, str(finding.where)) == ("manifest-missing-key", "job.yaml:10:1")
    assert finding.message == "message.from is missing: Plain sends no mail without it"
    assert "from: Billing <billing@example.com>" in finding.hint
    assert list(job_findings(job(**{"from": "desk@example.com"}), demanding)) == []


def test_a_body_in_plain_text_has_no_plain_alternative() -> None:
    written = job(text="Hello")
    both = replace(written, message=replace(written.message, content_type=ContentType.TEXT, body=template("Hello")))
    able = PlainProvider()
    able.capabilities = replace(CAPABILITIES, features=CAPABILITIES.features | {Feature.ALTERNATIVE})
    (finding,) = job_findings(both, able)
    assert (finding.rule, str(finding.where)) == ("manifest-bad-value", "job.yaml:11:3")


def test_a_job_that_asks_for_nothing_special_has_no_findings() -> None:
    assert list(job_findings(job(), PlainProvider())) == []


def test_a_rate_above_the_vendors_limit_is_a_warning_at_its_line() -> None:
    fast = replace(job(), send=replace(job().send, rates=(Rate(2, 1),)))
    (finding,) = job_findings(fast, PlainProvider())
    assert (finding.rule, str(finding.where)) == ("rate-above-limit", "job.yaml:30:9")
    assert "60/min" in finding.message


def test_a_server_of_ones_own_may_be_called_at_any_rate() -> None:
    fast = replace(job(), send=replace(job().send, rates=(Rate(2, 1),)))
    assert list(job_findings(fast, PlainProvider(official=False))) == []


def test_a_message_within_all_limits_has_no_objection() -> None:
    assert list(message_objections(MESSAGE, CAPABILITIES)) == []


def test_html_that_the_provider_converts_is_no_finding() -> None:
    html = job()
    html = replace(html, message=replace(html.message, body=template("<p>Hello</p>")))
    converting = PlainProvider()
    (finding,) = job_findings(html, converting)
    assert (finding.rule, "contentType: text" in finding.hint) == ("provider-cannot-express", True)
    converting.capabilities = replace(CAPABILITIES, converted=frozenset({Feature.HTML}))
    assert list(job_findings(html, converting)) == []


def test_the_limit_of_a_request_is_no_limit_where_everybody_has_a_request_of_their_own() -> None:
    people = tuple(Address(f"{number}@x.jp") for number in range(3))
    message = replace(MESSAGE, to=people)
    limited = Capabilities(frozenset(), recipients_per_request=2)
    assert [each.rule.id for each in message_objections(message, limited)] == ["provider-too-many-recipients"]
    assert list(message_objections(replace(message, send_separately=True), limited)) == []


def test_a_subject_that_is_not_cut_but_fails_is_an_error() -> None:
    failing = replace(CAPABILITIES, subject_is_cut=False)
    (objection,) = message_objections(replace(MESSAGE, subject="x" * 11), failing)
    assert (objection.rule.id, objection.rule.severity) == ("subject-too-long", "error")


def test_any_file_name_will_do_for_a_provider_that_has_a_field_for_it() -> None:
    message = replace(MESSAGE, attachments=(attachment("to", 1), attachment('"', 1), attachment("to", 1)))
    assert list(message_objections(message, Capabilities(CAPABILITIES.features))) == []


def test_a_row_whose_sender_is_blank_is_objected_to_where_there_must_be_one() -> None:
    demanding = replace(CAPABILITIES, required=frozenset({Feature.FROM}))
    (objection,) = message_objections(MESSAGE, demanding)
    assert (objection.rule.id, "no sender" in objection.message) == ("row-bad-address", True)
    assert list(message_objections(replace(MESSAGE, sender=Address("desk@example.com")), demanding)) == []


def attachment(name: str, size: int) -> Attachment:
    return Attachment(Path(name), name, "text/plain", size, "")


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        (replace(MESSAGE, subject="x" * 11), "subject-would-be-cut"),
        (replace(MESSAGE, attachments=(attachment("a", 60), attachment("b", 41))), "attachment-too-large"),
        (replace(MESSAGE, attachments=(attachment("x" * 9, 1),)), "attachment-long-name"),
        (replace(MESSAGE, body='<p><IMG alt="" SRC="cid:logo"></p>'), "inline-image-missing"),
        (replace(MESSAGE, attachments=(attachment("To", 1),)), "attachment-unfit-name"),
        (replace(MESSAGE, attachments=(attachment('a".pdf', 1),)), "attachment-unfit-name"),
        (replace(MESSAGE, attachments=(attachment("a.txt", 1), attachment("A.TXT", 1))), "attachment-unfit-name"),
        (replace(MESSAGE, cc=(Address("b@x.jp"), Address("c@x.jp"))), "provider-too-many-recipients"),
        (replace(MESSAGE, to=(Address("a@example.com", "Kim"),)), "provider-cannot-express"),
    ],
)
def test_a_message_beyond_a_limit_is_objected_to(message: Message, rule: str) -> None:
    assert [objection.rule.id for objection in message_objections(message, CAPABILITIES)] == [rule]


def test_mail_that_may_not_leave_the_company_is_told_where_it_would() -> None:
    closed = Capabilities(frozenset(Feature), inside_levels=frozenset({"Restricted"}), inside_domain="x.jp")
    people = (Address("a@X.jp"), Address("b@sub.x.jp"), Address("c@y.jp"))
    message = replace(MESSAGE, to=people[:1], security_level="Restricted")
    assert list(message_objections(message, closed)) == []
    (objection,) = message_objections(replace(message, bcc=people[1:]), closed)
    assert (objection.rule.id, objection.text) == ("level-may-not-leave", "b@sub.x.jp")
    assert list(message_objections(replace(message, cc=people, security_level="General"), closed)) == []


def test_it_is_told_once_where_nobody_knows_which_addresses_are_inside() -> None:
    anonymous = PlainProvider()
    anonymous.capabilities = Capabilities(frozenset(Feature), inside_levels=frozenset({"Restricted"}))
    plain = job(securityLevel="Restricted")
    restricted = replace(plain, message=replace(plain.message, security_level="Restricted"))
    (finding,) = job_findings(restricted, anonymous)
    assert (finding.rule, finding.severity, str(finding.where)) == ("level-unchecked", "info", "job.yaml:11:3")
    anonymous.capabilities = replace(anonymous.capabilities, inside_domain="x.jp")
    assert list(job_findings(restricted, anonymous)) == []
