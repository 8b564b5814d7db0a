"""Takes a form apart as plainly as RFC 7578 puts it together, without any library's leniency."""

import re

#: A part's name, its file name, its media type and its content.
Part = tuple[str, str | None, str, bytes]

_DISPOSITION = re.compile(r'Content-Disposition: form-data; name="([^"\\\r\n]*)"(?:; filename="([^"\\\r\n]*)")?')
_TYPE = re.compile(r"Content-Type: ([^\r\n]+)")


def parse_form(body: bytes) -> list[Part]:
    """The parts of a form, in their order. The boundary is what its first line says."""
    boundary = body[: body.index(b"\r\n")]
    first, *parts, last = (b"\r\n" + body).split(b"\r\n" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    return [_part(part) for part in parts]


def _part(part: bytes) -> Part:
    head, _, content = part.partition(b"\r\n\r\n")
    empty, disposition, *others = head.decode("utf-8", "surrogatepass").split("\r\n")
    named = _DISPOSITION.fullmatch(disposition)
    assert empty == ""
    assert named is not None
    types = [found[1] for found in map(_TYPE.fullmatch, others) if found]
    assert len(types) == len(others)
    return named[1], named[2], "".join(types), content
