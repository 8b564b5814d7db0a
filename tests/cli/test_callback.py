"""The listener for a browser that comes back from a sign-in page: the right answer counts, and nothing else."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress

import pytest

from batchmail.cli.callback import brought_code, code_of, pasted_code, redirect_uri
from batchmail.providers.consent import ConsentFailed

STATE = "state-1"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


async def said(port: int, request: bytes) -> bytes:
    """What the listener answers to the bytes of a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def get(target: str, method: str = "GET") -> bytes:
    return f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def brought(visits: Callable[[int], Awaitable[None]]) -> str | None:
    """The code that the listener gets while these visits are made."""

    async def scenario() -> str | None:
        port, ready = free_port(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def open_page() -> bool:
            loop.call_soon_threadsafe(ready.set)
            return True

        waiting = asyncio.ensure_future(brought_code(port, STATE, open_page, 20.0))
        await ready.wait()
        await visits(port)
        return await waiting

    return asyncio.run(scenario())


STRANGE = {
    "another state": get("/callback?code=evil&state=state-2"),
    "no state": get("/callback?code=evil"),
    "no code": get("/callback?state=state-1"),
    "another path": get("/favicon.ico?code=evil&state=state-1"),
    "another method": get("/callback?code=evil&state=state-1", "POST"),
    "an error with another state": get("/callback?error=access_denied&state=x"),
    "nothing of HTTP": b"\x16\x03\x01\r\n\r\n",
}


@pytest.mark.parametrize("strange", STRANGE)
def test_what_is_no_answer_of_this_sign_in_does_not_count(strange: str) -> None:
    answers: list[bytes] = []

    async def visits(port: int) -> None:
        answers.append(await said(port, STRANGE[strange]))
        answers.append(await said(port, get("/callback?code=good%2B1&state=state-1")))

    assert brought(visits) == "good+1"
    assert answers[-1].startswith(b"HTTP/1.1 200 ")
    assert all(answer.startswith(b"HTTP/1.1 404 ") for answer in answers[:-1])
    assert not [answer for answer in answers if b"good" in answer or b"evil" in answer]


def test_a_connection_that_says_nothing_holds_nobody_up() -> None:
    """Browsers connect ahead, and keep such connections for later."""

    async def visits(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /call")
        await said(port, get("/callback?code=good&state=state-1"))
        with suppress(ConnectionError):
            await reader.read()  # until the listener ends
        writer.close()

    assert brought(visits) == "good"


def test_a_head_without_end_is_not_read_to_it() -> None:
    async def visits(port: int) -> None:
        await said(port, b"GET /" + b"x" * 100_000)
        await said(port, get("/callback?code=good&state=state-1"))

    assert brought(visits) == "good"


def test_a_refusal_is_told_and_cannot_steer_the_terminal() -> None:
    async def visits(port: int) -> None:
        answer = await said(port, get("/callback?error=no%1b%5B31m&state=state-1"))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"31m" not in answer

    with pytest.raises(ConsentFailed, match=r"refused \(no \[31m\)"):
        brought(visits)


def test_without_a_browser_there_is_nothing_to_wait_for() -> None:
    assert asyncio.run(brought_code(free_port(), STATE, lambda: False, 20.0)) is None


def test_the_redirect_url_is_this_machine_s_own_address() -> None:
    assert redirect_uri(8734) == "http://127.0.0.1:8734/callback"


@pytest.mark.parametrize(
    "pasted",
    [
        "the-code",
        "  the-code\n",
        "http://127.0.0.1:8734/callback?code=the-code&state=state-1",
        "127.0.0.1:8734/callback?state=state-1&code=the-code",
        "?code=the-code&state=state-1",
        "code=the-code&state=state-1",
    ],
)
def test_a_code_is_found_in_whatever_is_pasted(pasted: str) -> None:
    assert pasted_code(pasted, STATE) == "the-code"


@pytest.mark.parametrize("pasted", ["hello world", "abc", "코드입니다코드입니다", "--no-browser --port 1"])
def test_what_is_no_code_and_no_address_is_told_as_that(pasted: str) -> None:
    with pytest.raises(ConsentFailed, match="no code and no address"):
        pasted_code(pasted, STATE)


@pytest.mark.parametrize("pasted", ["https://example.com/", "http://127.0.0.1:8734/callback?state=state-1"])
def test_an_address_without_a_code_is_told_as_that(pasted: str) -> None:
    with pytest.raises(ConsentFailed, match="has no code in it"):
        pasted_code(pasted, STATE)


def test_a_code_of_another_sign_in_is_not_taken() -> None:
    assert code_of("code=a&state=상태", STATE) is None
    with pytest.raises(ConsentFailed, match="another sign-in"):
        pasted_code("http://127.0.0.1:8734/callback?code=a&state=b", STATE)
