"""What tells two messages apart."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address, Attachment, ContentType, Message, Unsubscribe

TEXT = st.text(alphabet="ab김\ud800", max_size=3)
ADDRESS = st.builds(Address, st.sampled_from(("kim@example.com", "lee@example.com")), st.sampled_from(("", "Kim")))
PEOPLE = st.lists(ADDRESS, max_size=2).map(tuple)
MESSAGES = st.builds(
    Message,
    to=PEOPLE,
    subject=TEXT,
    body=TEXT,
    content_type=st.sampled_from(ContentType),
    cc=PEOPLE,
    bcc=PEOPLE,
    sender=st.none() | ADDRESS,
    reply_to=st.none() | ADDRESS,
    alternative=st.none() | st.sampled_from(("", "None", "text")),
    user_name=st.none() | st.sampled_from(("", "None", "Billing")),
    save_sent=st.booleans(),
    save_tracking=st.booleans(),
    send_separately=st.booleans(),
    security_level=st.sampled_from(("General", "Confidential")),
    attachments=st.lists(
        st.builds(Attachment, st.just(Path("a")), TEXT, TEXT, st.just(1), TEXT, st.none() | TEXT), max_size=1
    ).map(tuple),
    record=st.sampled_from(("", "7")),
    headers=st.lists(st.tuples(TEXT, TEXT), max_size=1).map(tuple),
    unsubscribe=st.none() | st.builds(Unsubscribe, TEXT, TEXT, st.booleans()),
)
BARE = st.builds(Message, to=PEOPLE, subject=TEXT, body=TEXT)


def parts(message: Message) -> list[str]:
    """All that a message's digest is made of, in the order that journals were written with."""
    found = [message.subject, message.body, message.content_type]
    found += [f"{message.save_sent}{message.save_tracking}{message.send_separately}"]
    found += [message.security_level, message.record, str(message.sender), str(message.reply_to)]
    found += [str(message.alternative), str(message.user_name)]
    found += ["cc", *map(str, message.cc), "bcc", *map(str, message.bcc)]
    for each in message.attachments:
        found += [each.filename, each.media_type, str(each.cid), each.digest]
    for name, text in message.headers:
        found += ["header", name, text]
    if message.unsubscribe:
        way = message.unsubscribe
        found += ["unsubscribe", way.url, way.mailto, str(way.one_click)]
    for number, address in enumerate(message.to):
        found += ["name", str(number), address.name] if address.name else []
    return found


@given(message=st.one_of(MESSAGES, BARE))
def test_the_digest_of_a_message_is_that_which_journals_have(message: Message) -> None:
    digest = blake2b(digest_size=16)
    for part in parts(message):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    assert message.content_digest() == digest.digest()


@given(first=st.one_of(MESSAGES, BARE), second=st.one_of(MESSAGES, BARE))
def test_messages_with_one_digest_differ_in_nothing_but_their_mailboxes(first: Message, second: Message) -> None:
    same = parts(first) == parts(second)
    assert (first.content_digest() == second.content_digest()) is same


@given(message=MESSAGES, other=MESSAGES, to=PEOPLE, same=st.sets(st.sampled_from(Message.__match_args__)))
def test_messages_that_say_the_same_have_one_digest(
    message: Message, other: Message, to: tuple[Address, ...], same: set[str]
) -> None:
    other = replace(other, **{name: getattr(message, name) for name in same})
    for each in (other, message.addressed(to), message.addressed((Address("kim@example.com"),))):
        assert not message.says_the_same_as(each) or message.content_digest() == each.content_digest()


def test_what_goes_to_one_after_the_other_says_the_same() -> None:
    message = Message((Address("kim@example.com"),), "Hello", "text")
    assert message.says_the_same_as(message.addressed((Address("lee@example.com"),)))
    assert not message.says_the_same_as(message.addressed((Address("lee@example.com", "Lee"),)))
    assert not message.says_the_same_as(replace(message, alternative="other"))


@given(message=MESSAGES, to=PEOPLE)
def test_a_message_to_others_or_with_its_stamp_is_the_same_in_all_else(
    message: Message, to: tuple[Address, ...]
) -> None:
    now = datetime(2026, 10, 31, 9, 30, tzinfo=UTC)
    assert message.addressed(to) == replace(message, to=to)
    assert message.stamped("7f", now) == replace(message, identity="7f", date=now)
