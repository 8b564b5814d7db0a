"""LINE WORKS API 1.0: recorded exchanges, and what every answer means."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from batchmail.errors import BatchmailError
from batchmail.job import Bytes, Url
from batchmail.location import TextLocation
from batchmail.message import Address, ContentType, Message
from batchmail.outcome import Closed, Divided, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Feature, Reply
from batchmail.providers.works_v1 import FIELDS, WorksV1Api, WorksV1Provider, WorksV1Settings, build
from batchmail.rate import Rate
from batchmail.secret import Secret, SecretMissing
from tests.providers.form_parts import parse_form

if TYPE_CHECKING:
    from tests.providers.conftest import Contents

EXCHANGES = sorted((Path(__file__).parent / "exchanges" / "works-v1").glob("*.json"))
API = WorksV1Api("https://apis.worksmobile.com", "kr1abc", 20_000_000)
MESSAGE = Message((Address("kim@example.com"), Address("sato@example.jp")), "Hello", "")


def secret(name: str) -> Secret:
    return Secret("env", name, TextLocation(Path("job.yaml"), 5, 16))


SETTINGS = WorksV1Settings("kr1abc", secret("WORKS_CONSUMER_KEY"), secret("WORKS_ACCESS_TOKEN"))


@dataclass(frozen=True)
class RecordedFile:
    filename: str
    media_type: str
    content: str


@dataclass(frozen=True)
class RecordedPart:
    name: str
    content: str
    filename: str | None = None
    media_type: str = ""


@dataclass(frozen=True)
class RecordedReply:
    status: int
    body: str


@dataclass(frozen=True)
class Exchange:
    what: str
    message: Message
    files: list[RecordedFile]
    parts: list[RecordedPart]
    reply: RecordedReply
    outcome: dict[str, object]
    attachment_limit: int = field(default=20_000_000)

    @property
    def api(self) -> WorksV1Api:
        return replace(API, attachment_limit=self.attachment_limit)

    def attached(self, files: Contents) -> Message:
        attachments = (files.attach(each.filename, each.content.encode(), each.media_type) for each in self.files)
        return replace(self.message, attachments=tuple(attachments))


@pytest.fixture(params=EXCHANGES, ids=lambda path: path.stem)
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return TypeAdapter(Exchange).validate_json(request.param.read_bytes())


def test_a_message_becomes_the_recorded_call(exchange: Exchange, files: Contents) -> None:
    call = exchange.api.call(exchange.attached(files), files)
    assert (call.method, call.url) == ("POST", "https://apis.worksmobile.com/r/kr1abc/mail/v2/sendMail")
    assert call.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    parts = parse_form(b"".join(call.body))
    assert parts == [(each.name, each.filename, each.media_type, each.content.encode()) for each in exchange.parts]


def test_a_reply_has_the_recorded_meaning(exchange: Exchange, files: Contents) -> None:
    reply = Reply(exchange.reply.status, {}, exchange.reply.body.encode())
    outcome = exchange.api.outcome(reply, exchange.attached(files))
    told = json.loads(
        json.dumps(asdict(outcome)), object_hook=lambda each: {k: each[k] for k in each if k != "allowance"}
    )
    assert {"kind": type(outcome).__name__, **told} == exchange.outcome


def meaning(status: int, body: object = None, message: Message = MESSAGE, **headers: str) -> Outcome:
    content = b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return API.outcome(Reply(status, named, content), message)


def gateway(code: str) -> dict[str, str]:
    return {"errorCode": code, "errorMessage": "no"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, gateway("001"), Closed),
        (404, gateway("002"), Closed),
        (401, gateway("024"), Closed),
        (401, gateway("028"), Closed),
        (401, gateway("029"), Closed),
        (403, gateway("041"), Closed),
        (403, gateway("042"), Closed),
        (403, gateway("043"), Closed),
        (403, gateway("099"), Closed),
        (400, gateway("024"), Closed),
        *((status, None, Closed) for status in (301, 302, 307, 308, 401, 403, 404, 410)),
        *((status, None, Rejected) for status in (400, 405, 411, 413, 415, 422, 501, 505)),
        *((status, None, Refused) for status in (425, 429)),
        *((status, None, InDoubt) for status in (100, 200, 204, 303, 408, 500, 502, 503, 504, 599)),
        (500, {"code": "SYSTEM_ERROR", "message": "?", "domain": "mail"}, InDoubt),
        (500, gateway("024"), InDoubt),
    ],
)
def test_every_answer_has_a_meaning(status: int, body: object, kind: type[Outcome]) -> None:
    assert isinstance(meaning(status, body), kind)


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("001", "provider.baseUrl"),
        ("024", "provider.accessToken"),
        ("041", "provider.apiId"),
        ("042", "provider.consumerKey"),
    ],
)
def test_the_gateways_answer_names_the_setting_to_look_at(code: str, setting: str) -> None:
    outcome = meaning(401, gateway(code))
    assert isinstance(outcome, Closed)
    assert outcome.code == code
    assert f"`{setting}`" in outcome.hint


def test_a_rate_limit_is_waited_for() -> None:
    assert meaning(429, gateway("047"), retry_after="30") == Refused("047", "no", 30.0, attempt=False)


@pytest.mark.parametrize("body", [None, [], {}, {"returnCode": 0}, {"successList": None}, {"code": "?"}])
def test_success_without_the_lists_is_in_doubt(body: object) -> None:
    outcome = meaning(200, body)
    assert isinstance(outcome, InDoubt)
    assert "without saying who gets the mail" in outcome.reason


def test_an_answer_that_broke_off_is_in_doubt() -> None:
    reply = Reply(200, {}, b'{"successList": ["kim@example.com", "sa', complete=False)
    assert isinstance(API.outcome(reply, MESSAGE), InDoubt)


def test_lists_that_name_nobody_of_the_mail_leave_it_in_doubt() -> None:
    outcome = meaning(200, {"successList": ["others@example.com"], "wrongAddrList": []})
    assert outcome == InDoubt("the provider does not say whether it took the address")


def test_who_is_named_only_as_repeated_is_taken() -> None:
    assert meaning(200, {"successList": ["kim@example.com"], "dupAddrList": ["sato@example.jp"]}) == Sent()


def test_who_is_named_as_taken_and_as_failed_is_in_doubt() -> None:
    both = ["kim@example.com", "sato@example.jp"]
    outcome = meaning(200, {"successList": both, "smtpFailList": ["sato@example.jp"]})
    assert outcome == Divided(
        {}, {"sato@example.jp": InDoubt("the provider names the address in successList and in smtpFailList")}
    )


def test_a_single_recipient_may_be_refused() -> None:
    alone = replace(MESSAGE, to=MESSAGE.to[:1])
    outcome = meaning(200, {"wrongAddrList": ["kim@example.com"]}, alone)
    assert outcome == Rejected("wrongAddrList", "the provider says that it is no address")


def test_everybody_may_be_refused_for_a_reason_of_their_own() -> None:
    outcome = meaning(200, {"wrongAddrList": ["kim@example.com"], "dormantAddrList": ["sato@example.jp"]})
    assert isinstance(outcome, Divided)
    assert {mailbox: each.code for mailbox, each in outcome.refused.items()} == {
        "kim@example.com": "wrongAddrList",
        "sato@example.jp": "dormantAddrList",
    }


LISTS = (
    "successList",
    "dupAddrList",
    "wrongAddrList",
    "noneExistenceAddrList",
    "dormantAddrList",
    "smtpFailList",
)
MAILBOXES = [f"p{number}@example.com" for number in range(4)]


@given(st.dictionaries(st.sampled_from(LISTS), st.lists(st.sampled_from(MAILBOXES))))
def test_nobody_is_called_sent_whom_the_provider_does_not_call_so(lists: dict[str, list[str]]) -> None:
    message = replace(MESSAGE, to=tuple(map(Address, MAILBOXES)))
    named = {mailbox: {name for name in lists if mailbox in lists[name]} for mailbox in MAILBOXES}
    match meaning(200, lists, message):
        case Sent():
            sent = set(MAILBOXES)
        case Divided(refused, doubtful):
            sent = set(MAILBOXES) - set(refused) - set(doubtful)
            assert not set(refused) & set(doubtful)
            assert all(each.code in named[mailbox] for mailbox, each in refused.items())
        case _:
            sent = set()
    taken = {"successList", "dupAddrList"}
    assert sent == {mailbox for mailbox, each in named.items() if each and each <= taken}


@given(
    status=st.integers(100, 999),
    body=st.binary()
    | st.recursive(
        st.none() | st.text(),
        lambda each: st.dictionaries(
            st.sampled_from(["code", "errorCode", "message", "errorMessage", *LISTS]), each | st.lists(each)
        ),
    ).map(lambda each: json.dumps(each).encode()),
)
def test_any_answer_has_a_meaning_that_can_be_shown(status: int, body: bytes) -> None:
    outcome = API.outcome(Reply(status, {}, body, complete=False), MESSAGE)
    for text in asdict(outcome).values():
        if isinstance(text, str):
            assert text.isprintable()
            assert len(text) < 500


@pytest.mark.parametrize(("size", "kind"), [(15_000_000, InDoubt), (15_000_001, Rejected), (20_000_000, Rejected)])
def test_an_error_over_large_attachments_is_the_documented_refusal(
    size: int, kind: type[Outcome], files: Contents
) -> None:
    heavy = replace(MESSAGE, attachments=(replace(files.attach("a.pdf", b""), size=size),))
    assert isinstance(meaning(500, {"code": "SYSTEM_ERROR", "message": "?"}, heavy), kind)
    assert isinstance(meaning(500, None, heavy), InDoubt)
    assert isinstance(meaning(502, {"code": "SYSTEM_ERROR", "message": "?"}, heavy), InDoubt)


@given(body=st.text(st.sampled_from("a \r\n")))
def test_plain_text_has_crlf_at_every_line_end_and_html_is_left_alone(body: str, make_files: type[Contents]) -> None:
    def sent(content_type: ContentType) -> str:
        message = replace(MESSAGE, body=body, content_type=content_type)
        parts = parse_form(b"".join(API.call(message, make_files({})).body))
        return next(content for name, _, _, content in parts if name == "text").decode("utf-8")

    text = sent(ContentType.TEXT)
    assert not {"\r", "\n"} & set(text.replace("\r\n", ""))
    assert text.replace("\r\n", "\n") == body.replace("\r\n", "\n").replace("\r", "\n")
    assert sent(ContentType.HTML) == body


def test_a_hundred_messages_share_one_attachment(files: Contents) -> None:
    offer = files.attach("offer.pdf", bytes(1_000_000))
    calls = [API.call(replace(MESSAGE, subject=f"No. {n}", attachments=(offer,)), files) for n in range(100)]
    shared = files.content(offer)
    assert all(any(piece is shared for piece in call.body) for call in calls)
    assert sum(len(piece) for call in calls for piece in call.body if piece is not shared) < 200_000


@pytest.mark.parametrize(("api_id", "path"), [("kr1abc", "kr1abc"), ("a/b?c", "a%2Fb%3Fc")])
def test_the_api_id_is_encoded_for_the_path(api_id: str, path: str, files: Contents) -> None:
    call = WorksV1Api("http://127.0.0.1:8000/", api_id, 1).call(MESSAGE, files)
    assert call.url == f"http://127.0.0.1:8000/r/{path}/mail/v2/sendMail"


def test_the_limits_are_those_of_the_documentation() -> None:
    able = build(replace(SETTINGS, attachment_limit=Bytes(10_000_000))).capabilities
    assert (able.subject_characters, able.attachment_bytes, able.rates) == (100, 10_000_000, (Rate(60, 60.0),))
    assert (able.filename_characters, able.recipients_per_request) == (None, None)
    assert able.reserved_filenames == {name.lower() for name in FIELDS}
    assert able.features == {
        Feature.HTML,
        Feature.CC,
        Feature.BCC,
        Feature.USER_NAME,
        Feature.SAVE_SENT,
        Feature.SEND_SEPARATELY,
        Feature.ATTACHMENTS,
    }


def test_every_part_that_is_no_file_is_reserved(files: Contents) -> None:
    full = replace(MESSAGE, cc=MESSAGE.to, bcc=MESSAGE.to, user_name="Kim")
    names = [name for name, *_ in parse_form(b"".join(API.call(full, files).body))]
    assert sorted(names) == sorted(FIELDS)


@pytest.mark.parametrize(
    ("base_url", "official"),
    [("https://apis.worksmobile.com", True), ("http://127.0.0.1:8000", False), ("https://www.worksapis.com", False)],
)
def test_only_the_vendors_own_host_has_the_vendors_limits(base_url: str, official: bool) -> None:  # noqa: FBT001  a column of the table
    assert build(replace(SETTINGS, base_url=Url(base_url))).official is official


@pytest.mark.parametrize("missing", ["WORKS_CONSUMER_KEY", "WORKS_ACCESS_TOKEN"])
def test_both_secrets_are_looked_up_when_a_connection_is_opened(
    missing: str, monkeypatch: pytest.MonkeyPatch, files: Contents
) -> None:
    provider = build(SETTINGS)
    for name in ("WORKS_CONSUMER_KEY", "WORKS_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "kHx-canary")
    provider.check_credentials()
    provider.open(files, 120.0)
    monkeypatch.delenv(missing)
    with pytest.raises(SecretMissing, match=f"the environment variable {missing} is not set"):
        provider.check_credentials()
    monkeypatch.setenv(missing, "kHx canary")
    with pytest.raises(BatchmailError, match="it is not a") as caught:
        provider.open(files, 120.0)
    assert "canary" not in str(caught.value)


def test_neither_secret_is_printed(monkeypatch: pytest.MonkeyPatch, files: Contents) -> None:
    monkeypatch.setenv("WORKS_CONSUMER_KEY", "key-canary")
    monkeypatch.setenv("WORKS_ACCESS_TOKEN", "token-canary")
    provider = build(SETTINGS)
    sender = provider.open(files, 120.0)
    access = provider._access()
    assert access.headers == {"Authorization": "Bearer token-canary", "consumerKey": "key-canary"}
    assert access.conceal(b"key-canary, token-canary") == b"***, ***"
    assert "canary" not in f"{provider!r} {sender!r} {access!r} {sender.prepare(MESSAGE)!r}"


def test_an_emulator_needs_no_secret_of_the_manifest(files: Contents) -> None:
    provider = build(SETTINGS).at("http://127.0.0.1:8000", "emulated")
    assert isinstance(provider, WorksV1Provider)
    assert (provider.account, provider.official) == ("me", False)
    provider.open(files, 120.0)


def test_a_message_is_adapted_by_leaving_it_alone() -> None:
    assert build(SETTINGS).adapt(MESSAGE) is MESSAGE


def test_settings_of_another_kind_are_a_mistake() -> None:
    with pytest.raises(TypeError, match="WorksV1Settings expected, not str"):
        build("works-v1")
