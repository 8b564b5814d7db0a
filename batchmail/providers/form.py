"""A form with files (RFC 7578) as a request's body, in pieces: contents of files are shared, never copied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count

#: What would end or break a quoted name, and what browsers write instead (WHATWG HTML, section 4.10.21.8; `\` is ours).
_ESCAPES = str.maketrans({'"': "%22", "\\": "%5C", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file in a form: the name of its part is also its file name."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """A form ready to be sent."""

    content_type: str
    body: tuple[bytes, ...] = field(repr=False)


def form(texts: Mapping[str, str], files: Sequence[FormFile], seed: bytes) -> Form:
    """The form of some texts and files; names and texts are in UTF-8. The same seed and content give the same bytes."""
    parts = [(_head(name), _encoded(text)) for name, text in texts.items()]
    parts += [(_head(file.name, file.media_type), file.content) for file in files]
    boundary = unused(_candidates(seed), [piece for part in parts for piece in part])
    content_type = f"multipart/form-data; boundary={boundary.decode('ascii')}; charset=UTF-8"
    return Form(content_type, tuple(_joined(boundary, parts)))


def unused(candidates: Iterable[bytes], pieces: Sequence[bytes]) -> bytes:
    """The first of the candidates that occurs in none of the pieces (RFC 2046, section 5.1.1)."""
    return next(candidate for candidate in candidates if not any(candidate in piece for piece in pieces))


def _candidates(seed: bytes) -> Iterator[bytes]:
    for number in count():
        digest = blake2b(seed, digest_size=16, salt=number.to_bytes(8, "big")).hexdigest()
        yield b"batchmail-" + digest.encode("ascii")


def _head(name: str, media_type: str | None = None) -> bytes:
    quoted = name.translate(_ESCAPES)
    lines = [f'Content-Disposition: form-data; name="{quoted}"']
    if media_type is not None:
        lines = [f'{lines[0]}; filename="{quoted}"', f"Content-Type: {media_type.translate(_ESCAPES)}"]
    return _encoded("\r\n".join([*lines, "", ""]))


def _encoded(text: str) -> bytes:
    # Half a surrogate pair has no UTF-8; what is sent for it is no text either, and the server's to judge.
    return text.encode("utf-8", "surrogatepass")


def _joined(boundary: bytes, parts: Sequence[tuple[bytes, bytes]]) -> Iterator[bytes]:
    before = b"--" + boundary + b"\r\n"
    for head, content in parts:
        yield before + head
        yield content
        before = b"\r\n--" + boundary + b"\r\n"
    yield b"\r\n--" + boundary + b"--\r\n"
