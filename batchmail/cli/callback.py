"""How the answer of a provider's sign-in page comes back: to a listener on this machine, or pasted by hand."""

import asyncio
import re
from collections.abc import Callable
from secrets import compare_digest
from urllib.parse import parse_qs, urlsplit

from batchmail.providers.consent import ConsentFailed

PATH = "/callback"
#: A browser asks at once; whatever else connects is not waited for any longer, in seconds.
_REQUEST_SECONDS = 5.0
_LONGEST_HEAD = 16_384

#: A code as it stands in an address (RFC 6749, appendix A.11); shorter ones could be guessed (section 10.10).
_CODE = re.compile(r"[!-~]{8,}")
_ANSWER = frozenset({"code", "error"})
_PASTE = "Begin again, and paste the whole address that the browser ends at, or what follows `code=` in it, up to `&`."

_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>batchmail</title>
<body style="font-family: system-ui, sans-serif; margin: 4rem auto; max-width: 32rem"><p>{}</p></body></html>
"""
_TAKEN = _PAGE.format("batchmail has got the answer. Close this page and go back to the terminal.")
_STRANGE = _PAGE.format("This is not the answer that batchmail waits for.")


def redirect_uri(port: int) -> str:
    """Where the provider leads back to. RFC 8252, section 8.3: an address, not `localhost`, which may be another's."""
    return f"http://127.0.0.1:{port}{PATH}"


def code_of(query: str, state: str) -> str | None:
    """The code in the query of an address that was led back to; None where it does not belong to this sign-in.

    Raises ConsentFailed where the person said no, or the provider did.
    """
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    if not compare_digest(fields.get("state", "").encode(), state.encode()):
        return None
    if "error" in fields:
        told = "".join(c if c.isprintable() else " " for c in fields["error"])[:60]
        raise ConsentFailed(f"The sign-in was refused ({told})", "Begin again, and agree to what the page asks.")
    return fields.get("code") or None


def pasted_code(text: str, state: str) -> str:
    """The code in what somebody pasted: the code alone, or the whole address that the browser was led to.

    Raises ConsentFailed where there is none, or that of another sign-in.
    """
    text = text.strip()
    if not text:
        raise ConsentFailed("No code was given", "Begin again, and paste the address that the browser ends at.")
    if "://" not in text and "code=" not in text:
        if not _CODE.fullmatch(text):
            raise ConsentFailed("What was pasted is no code and no address", _PASTE)
        return text
    query = urlsplit(text).query or text.partition("?")[2] or text
    if not _ANSWER.intersection(parse_qs(query)):
        raise ConsentFailed("The address has no code in it: it is not the one that the browser ends at", _PASTE)
    code = code_of(query, state)
    if code is None:
        raise ConsentFailed("The address belongs to another sign-in", "Begin again, and paste the newest address.")
    return code


async def brought_code(port: int, state: str, open_page: Callable[[], bool], seconds: float) -> str | None:
    """The code that a browser brings to `redirect_uri`; None where `open_page` says that there is no browser.

    It is called, in a thread, once the browser may come. Raises OSError where the port cannot be used, TimeoutError,
    and what `code_of` raises.
    """
    listener = _Listener(state)
    server = await asyncio.start_server(listener.answer, "127.0.0.1", port, limit=_LONGEST_HEAD)
    try:
        opening = asyncio.ensure_future(asyncio.to_thread(open_page))
        async with asyncio.timeout(seconds):
            # A browser in this very terminal comes before it is closed, any other only after it was opened.
            await asyncio.wait((opening, listener.code), return_when=asyncio.FIRST_COMPLETED)
            if opening.done() and not opening.result():
                return None
            return await listener.code
    finally:
        server.close()
        listener.end()
        await server.wait_closed()


class _Listener:
    """Takes one answer; whatever else asks gets a page that says nothing."""

    def __init__(self, state: str) -> None:
        self.code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._state = state
        self._open: set[asyncio.StreamWriter] = set()

    def end(self) -> None:
        """Wait for nobody any more: browsers connect ahead, and say nothing."""
        for writer in self._open:
            writer.transport.abort()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                await self._respond(writer, head.partition(b"\r\n")[0].decode("latin-1"))
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a port scanner, or a browser that thought better of it
        finally:
            self._open.discard(writer)
            writer.close()

    async def _respond(self, writer: asyncio.StreamWriter, request: str) -> None:
        method, _, rest = request.partition(" ")
        target = urlsplit(rest.partition(" ")[0])
        failure: ConsentFailed | None = None
        code: str | None = None
        if method == "GET" and target.path == PATH:
            try:
                code = code_of(target.query, self._state)
            except ConsentFailed as error:
                failure = error
        ours = bool(code or failure)
        writer.write(_answer(200, _TAKEN) if ours else _answer(404, _STRANGE))
        await writer.drain()
        if self.code.done():
            return
        if failure is not None:
            self.code.set_exception(failure)
        elif code is not None:
            self.code.set_result(code)


def _answer(status: int, page: str) -> bytes:
    body = page.encode()
    head = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}",  # noqa: PLR2004  the two there are
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",  # the code is in the address of this page
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(head).encode("ascii") + body
