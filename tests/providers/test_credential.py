"""Tokens: revealed for a request, and to nobody else."""

import pytest

from batchmail.errors import BatchmailError
from batchmail.providers.credential import Access, GivenToken, bearer, checked


def test_a_token_goes_into_one_header() -> None:
    assert bearer(GivenToken("kHx-canary/7")).headers == {"Authorization": "Bearer kHx-canary/7"}


def test_no_token_is_printed() -> None:
    token = GivenToken("kHx-canary/7")
    assert "canary" not in f"{token!r} {bearer(token)!r} {[token]}"


@pytest.mark.parametrize("token", ["two words", "two\nlines", "\x7f", "ключ", "“quoted”"])
def test_what_no_header_can_hold_is_no_token(token: str) -> None:
    with pytest.raises(BatchmailError, match="it is not a token") as caught:
        bearer(GivenToken(token))
    assert token not in str(caught.value)


def test_a_secret_that_is_no_token_is_called_by_its_name() -> None:
    assert checked(GivenToken("kHx-canary/7"), "consumer key", "consumer key") == "kHx-canary/7"
    with pytest.raises(BatchmailError, match=r"The consumer key has blanks, .*: it is not a consumer key") as caught:
        checked(GivenToken("kHx canary"), "consumer key", "consumer key")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("body", [b"said a/b", b"said a\\/b", b'{"said": "a/b", "and": "a\\/b"}'])
def test_an_answer_is_shown_without_the_secret(body: bytes) -> None:
    concealed = Access({}, ("a/b",)).conceal(body)
    assert b"***" in concealed
    assert b"a/b" not in concealed.replace(b"\\", b"")
