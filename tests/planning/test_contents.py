"""What is known of a message's content is its own, whatever came before it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import Candidate
from batchmail.lookup import subject_mark
from batchmail.message import Address, Message
from batchmail.planning.contents import Contents
from tests.planning.test_planner import Desk, template

TO = st.lists(
    st.builds(Address, st.sampled_from(("kim@example.com", "lee@example.com")), st.sampled_from(("", "Kim"))),
    max_size=2,
).map(tuple)
MESSAGES = st.builds(
    Message,
    to=TO,
    subject=st.sampled_from(("Hello", "Hello again")),
    body=st.sampled_from(("text", "<p>text</p>")),
    cc=TO,
    alternative=st.none() | st.just("text"),
    save_sent=st.booleans(),
)


@given(messages=st.lists(MESSAGES, max_size=8), characters=st.none() | st.just(6))
def test_the_content_of_a_message_is_what_it_is_alone(messages: list[Message], characters: int | None) -> None:
    contents = Contents(characters)
    for message in messages:
        content = contents.of(message)
        assert content.digest == message.content_digest()
        assert content.subject == (subject_mark(message.subject, characters) if message.save_sent else b"")


def test_of_the_same_content_one_digest_is_made() -> None:
    message = Message((Address("kim@example.com"),), "Hello", "text")
    contents = Contents(None)
    first = contents.of(message)
    assert contents.of(replace(message, to=(Address("lee@example.com"),))) is first
    assert contents.of(replace(message, subject="Goodbye")) is not first


#: The text of a mail: the same for everybody, or a cell, in part or alone.
TEXTS = st.sampled_from(("Hello", "{{ text }}", "Hello {{ row['text'] }}", "{% if text == 'a' %}A{% endif %}B"))
CELLS = st.lists(st.sampled_from(("a", "b", "c", "<c>")), min_size=1, max_size=6)


def planned(subject: str, body: str, cells: dict[int, str]) -> list[Candidate]:
    """The rows with these texts as a plan has them; a row's number is its key, and its address has it in it."""
    desk = Desk(*((str(number), f"p{number}@example.com", text) for number, text in cells.items()))
    desk.job = replace(desk.job, message=replace(desk.job.message, subject=template(subject), body=template(body)))
    return list(desk.plan().rows())


@given(subject=TEXTS, body=TEXTS, cells=CELLS)
def test_a_row_is_planned_alone_as_it_is_after_others(subject: str, body: str, cells: list[str]) -> None:
    together = planned(subject, body, dict(enumerate(cells)))
    for number, row in enumerate(together):
        (alone,) = planned(subject, body, {number: cells[number]})
        assert row == alone._replace(position=number + 1)
