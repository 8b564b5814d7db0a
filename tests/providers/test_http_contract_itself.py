"""The contract that providers inherit finds who does not keep to it."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from batchmail.job import TemplateText
from batchmail.message import Address, Message
from batchmail.outcome import Closed, InDoubt, Outcome, Refused, Rejected, Sent
from batchmail.providers.base import Call, Capabilities, Feature, Files, Reply, Sender
from batchmail.providers.contract import HttpContract, Received
from batchmail.providers.credential import FixedCredential, GivenToken, bearer
from batchmail.providers.http import HttpSender, Timeouts
from batchmail.providers.kind import ProviderKind
from batchmail.providers.status import usual
from batchmail.providers.tls import tls_context

CAPABILITIES = Capabilities(frozenset({Feature.HTML, Feature.ATTACHMENTS}))


@dataclass(frozen=True)
class Manners:
    """How a provider behaves; well, where nothing else is said."""

    capabilities: Capabilities = CAPABILITIES
    adapt: Callable[[Message], Message] = lambda message: message
    subject: Callable[[str], str] = lambda subject: subject
    base64: Callable[[Files, Message], list[str]] = lambda files, message: [
        files.base64(each).decode() for each in message.attachments
    ]
    outcome: Callable[[Reply], Outcome | None] = lambda _: None
    token: str | None = None
    shows_its_token: bool = False


@dataclass(frozen=True)
class Api:
    """`POST /`: everything in one JSON, and `{"ok": true}` for a mail that was taken."""

    url: str
    manners: Manners

    def call(self, message: Message, files: Files) -> Call:
        fields = {
            "to": [each.mailbox for each in message.to],
            "subject": self.manners.subject(message.subject),
            "body": message.body,
            "names": [(each.filename, each.media_type) for each in message.attachments],
            "files": self.manners.base64(files, message),
        }
        return Call("POST", self.url, {}, (json.dumps(fields).encode(),))

    def outcome(self, reply: Reply, message: Message) -> Outcome:
        del message
        if (decided := self.manners.outcome(reply)) is not None:
            return decided
        match reply.status:
            case 200:
                return Sent() if reply.body == b'{"ok": true}' else InDoubt("no sign of the API")
            case 401 | 403:
                return Closed("NO", "no", "Get a token.")
            case _:
                return usual(reply, f"HTTP {reply.status}", "refused")


class Plain:
    """A provider with these manners."""

    title = "Plain"
    account = "me"
    official = False
    record: TemplateText | None = None

    def __init__(self, manners: Manners, url: str = "", token: str = "") -> None:
        self.capabilities = manners.capabilities
        self._manners, self._url, self._token = manners, url, token

    def __repr__(self) -> str:
        return f"Plain({self._token if self._manners.shows_its_token else '…'})"

    def adapt(self, message: Message) -> Message:
        return self._manners.adapt(message)

    def check_credentials(self) -> None:
        """There are none."""

    def open(self, files: Files, timeout_seconds: float) -> Sender:
        credential = FixedCredential(bearer(GivenToken(self._manners.token or self._token)))
        api = Api(self._url, self._manners)
        return HttpSender(api, files, credential, tls_context(), Timeouts(answer=timeout_seconds))

    def at(self, base_url: str, access_token: str) -> "Plain":
        return Plain(self._manners, base_url, access_token)


class Contract(HttpContract):
    unsaid = InDoubt

    def __init__(self, manners: Manners) -> None:
        def build(settings: object) -> Plain:
            assert isinstance(settings, Manners)
            return Plain(settings)

        self.__class__.kind = ProviderKind("plain", "Plain", Manners, build, CAPABILITIES)
        self.__class__.settings = manners

    def taken(self, message: Message) -> bytes:
        del message
        return b'{"ok": true}'

    def understand(self, body: bytes) -> Received:
        fields = json.loads(body)
        contents = map(b64decode, fields["files"])
        files = {name: (kind, content, None) for (name, kind), content in zip(fields["names"], contents, strict=True)}
        return Received(Message(tuple(map(Address, fields["to"])), fields["subject"], fields["body"]), files)


PROMISES = [name for name in dir(HttpContract) if name.startswith("test_")]


@pytest.mark.parametrize("promise", PROMISES)
def test_a_provider_with_good_manners_keeps_to_it(promise: str) -> None:
    getattr(Contract(Manners()), promise)()


@pytest.mark.parametrize(
    ("promise", "manners"),
    [
        ("a_message_arrives_as_it_was_meant", Manners(subject=lambda subject: subject[:20])),
        ("a_message_arrives_as_it_was_meant", Manners(base64=lambda _, message: [""] * len(message.attachments))),
        ("a_message_arrives_as_it_was_meant", Manners(outcome=lambda _: InDoubt("who knows"))),
        (
            "a_status_proves_what_it_proves_and_nothing_is_sent_twice",
            Manners(outcome=lambda reply: Rejected("NO", "no") if reply.status == 500 else None),
        ),
        (
            "a_status_proves_what_it_proves_and_nothing_is_sent_twice",
            Manners(outcome=lambda reply: Rejected("NO", "") if reply.status == 400 else None),
        ),
        (
            "a_status_proves_what_it_proves_and_nothing_is_sent_twice",
            Manners(outcome=lambda reply: Rejected("NO", "\x1b[2J") if reply.status == 400 else None),
        ),
        (
            "a_status_proves_what_it_proves_and_nothing_is_sent_twice",
            Manners(outcome=lambda reply: Rejected("NO", "o" * 500) if reply.status == 400 else None),
        ),
        (
            "a_mail_that_was_taken_is_never_sent_again_whatever_else_the_answer_says",
            Manners(outcome=lambda reply: Refused("NO", "no") if reply.body.startswith(b"<") else None),
        ),
        (
            "a_rate_limit_takes_no_attempt_and_says_how_long_to_wait",
            Manners(outcome=lambda reply: Refused("NO", "no", 30.0) if reply.status == 429 else None),
        ),
        (
            "a_rate_limit_takes_no_attempt_and_says_how_long_to_wait",
            Manners(outcome=lambda reply: Refused("NO", "no", attempt=False) if reply.status == 429 else None),
        ),
        ("the_token_is_in_the_request_and_nowhere_else", Manners(token="another")),
        ("the_token_is_in_the_request_and_nowhere_else", Manners(shows_its_token=True)),
        ("a_file_that_changed_is_found_before_a_byte_leaves", Manners(base64=lambda _, __: [])),
        (
            "what_it_has_a_field_for_is_never_adapted",
            Manners(adapt=lambda message: replace(message, body=message.body.lower())),
        ),
        (
            "it_needs_nothing_that_it_cannot_express",
            Manners(capabilities=replace(CAPABILITIES, required=frozenset({Feature.FROM}))),
        ),
        (
            "what_it_can_do_is_known_before_it_is_built",
            Manners(capabilities=replace(CAPABILITIES, converted=frozenset({Feature.CC}))),
        ),
    ],
)
def test_a_provider_with_bad_manners_is_found_out(promise: str, manners: Manners) -> None:
    with pytest.raises(AssertionError):
        getattr(Contract(manners), f"test_{promise}")()
