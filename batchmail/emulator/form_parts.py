"""A form's parts (RFC 7578), read by python-multipart: a reader that never saw the code that writes them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


class NoForm(Exception):
    """A request's body is no form; the text says why."""


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a form; `filename` and `media_type` are None where the part has none."""

    name: str
    content: bytes
    filename: str | None = None
    media_type: str | None = None


def read_form(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of a form, in their order. Raises NoForm."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise NoForm(f"Content-Type is {content_type or 'missing'}, not multipart/form-data")
    if not options.get(b"boundary"):
        raise NoForm("Content-Type has no boundary")
    reader = _Reader()
    try:
        parser = MultipartParser(options[b"boundary"], reader.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise NoForm("The form cannot be parsed") from None
    if not reader.ended:
        raise NoForm("The form breaks off")
    return reader.parts


class _Reader:
    """Collects the parts as the parser comes upon them."""

    def __init__(self) -> None:
        self.parts: list[FormPart] = []
        self.ended = False
        self._name = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._content: list[bytes] = []

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser is to call."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers = {}
        self._content = []

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def _part_end(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            raise NoForm("A part of the form has no name")
        media_type = self._headers.get(b"content-type")
        filename = options.get(b"filename")
        self.parts.append(
            FormPart(
                _text(options[b"name"]),
                b"".join(self._content),
                None if filename is None else _text(filename),
                None if media_type is None else _text(media_type),
            )
        )

    def _end(self) -> None:
        self.ended = True


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise NoForm("A part of the form has a header that is not in UTF-8") from None
