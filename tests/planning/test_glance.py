"""What is passed at a glance has nothing to object to when it is looked at closely."""

from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address, ContentType, Message
from batchmail.planning.checks import close_look
from batchmail.planning.glance import fits, is_simple
from batchmail.providers.base import Capabilities, Feature

ADDRESS = st.builds(
    Address, st.sampled_from(("kim@example.com", "lee@elsewhere.com")), st.sampled_from(("", "", "Kim"))
)
MESSAGES = st.builds(
    Message,
    to=st.lists(ADDRESS, max_size=2).map(tuple),
    subject=st.text("ab", max_size=4),
    body=st.sampled_from(("", "<p>Hello</p>", '<img src="cid:logo">')),
    content_type=st.sampled_from(ContentType),
    cc=st.lists(ADDRESS, max_size=1).map(tuple),
    bcc=st.lists(ADDRESS, max_size=1).map(tuple),
    sender=st.none() | ADDRESS,
    security_level=st.sampled_from(("General", "Confidential")),
)
CAPABILITIES = st.builds(
    Capabilities,
    features=st.sets(st.sampled_from(Feature)).map(frozenset),
    subject_characters=st.none() | st.integers(0, 5),
    recipients_per_request=st.none() | st.integers(0, 2),
    required=st.sets(st.just(Feature.FROM)).map(frozenset),
    inside_levels=st.sets(st.just("Confidential")).map(frozenset),
    inside_domain=st.sampled_from(("", "example.com")),
)


@given(message=MESSAGES, capabilities=CAPABILITIES)
def test_a_simple_mail_that_fits_has_no_objection(message: Message, capabilities: Capabilities) -> None:
    if is_simple(message) and fits(message, capabilities):
        assert list(close_look(message, capabilities)) == []


def test_most_mails_are_simple_and_fit() -> None:
    message = Message((Address("kim@example.com"),), "Hello", "<p>Hello</p>")
    capabilities = Capabilities(frozenset(), subject_characters=5, inside_levels=frozenset({"Confidential"}))
    assert is_simple(message)
    assert fits(message, capabilities)
