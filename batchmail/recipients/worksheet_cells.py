"""The cells of a worksheet as they are stored, row by row and in flat memory (ECMA-376 part 1, 18.3.1)."""

from collections.abc import Callable, Generator
from typing import IO, NamedTuple

from batchmail.recipients.shared_strings import unescaped
from batchmail.recipients.xml_stream import XmlRefused, local, parse

#: "Excel specifications and limits".
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384

#: How an attribute says yes (22.9.2.1: ST_OnOff, and XML Schema's boolean).
TRUE = ("1", "true", "on")

_DRAINED_BYTES = 65_536
_REMEMBERED_STYLES = 1_000
_LETTERS = 26


class RawCell(NamedTuple):
    """A cell with content: its column from 0, what its value is (18.18.11: n, s, str, inlineStr, b, e, d), its style.

    `value` is None where nothing is stored, `formula` where there is none.
    """

    column: int
    kind: str
    style: int
    value: str | None
    formula: str | None


class RawRow(NamedTuple):
    """A row that has cells with content: its number from 1, whether it is hidden, and those cells."""

    number: int
    hidden: bool
    cells: list[RawCell]


def worksheet_rows(source: IO[bytes]) -> Generator[RawRow, None, None]:
    """The rows that have cells with content.

    Raises XmlRefused and ExpatError. What stands after the cells is not looked at; see `worksheet_frame`.
    """
    handler = _Rows()
    for _ in parse(source, handler):
        yield from handler.rows
        handler.rows.clear()
        if handler.done:
            while source.read(_DRAINED_BYTES):  # the archive checks a part's sum at its end
                pass
            return
    raise XmlRefused("its worksheet has no end")


def column_letters(column: int) -> str:
    """The letters of a column, counted from 0: A to Z, AA, AB and so on."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


class _Rows:
    """Takes the elements of a worksheet; its rows are ready as soon as they end."""

    def __init__(self) -> None:
        self.rows: list[RawRow] = []
        self.done = False
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._texts: frozenset[str] = frozenset()
        self._named = False
        self._row = 0
        self._hidden = False
        self._cells: list[RawCell] = []
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._value: str | None = None
        self._formula: str | None = None
        self._pieces: list[str] = []
        #: Text inside of an element: the list's own method, for a cell has some.
        self.text: Callable[[str], None] = self._pieces.append
        self._in_reading = False
        self._columns: dict[str, int] = {}
        self._styles: dict[str, int] = {"": 0}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self._texts:
            self._pieces.clear()
            return
        action = self._starts.get(name)
        if action:
            action(attributes)
        elif not self._named:
            self._take_prefix(name)

    def end(self, name: str) -> None:
        action = self._ends.get(name)
        if action:
            action()

    def _take_prefix(self, root: str) -> None:
        """All names have the prefix of the first, `worksheet`."""
        if local(root) != "worksheet":
            raise XmlRefused("its worksheet is none")
        prefix = root.removesuffix("worksheet")
        self._starts = {
            f"{prefix}row": self._start_row,
            f"{prefix}c": self._start_cell,
            f"{prefix}rPh": self._start_reading,
        }
        self._texts = frozenset({f"{prefix}v", f"{prefix}f", f"{prefix}t"})
        self._ends = {
            f"{prefix}row": self._end_row,
            f"{prefix}c": self._end_cell,
            f"{prefix}v": self._end_value,
            f"{prefix}f": self._end_formula,
            f"{prefix}t": self._end_inline_text,
            f"{prefix}rPh": self._end_reading,
            f"{prefix}sheetData": self._end_data,
        }
        self._named = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = whole(attributes["r"]) if "r" in attributes else self._row + 1
        if not self._row < number <= MOST_ROWS:
            raise XmlRefused(f"its row {number} comes after row {self._row}")
        self._row = number
        self._hidden = attributes.get("hidden", "0") in TRUE
        self._column = -1
        self._cells = []

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column = self._column_of(attributes["r"]) if "r" in attributes else self._column + 1
        if self._column >= MOST_COLUMNS:
            raise XmlRefused(f"its row {self._row} has more than {MOST_COLUMNS:,} columns")
        self._attributes = attributes
        self._value = None
        self._formula = None

    def _start_reading(self, _attributes: dict[str, str]) -> None:
        self._in_reading = True

    def _end_reading(self) -> None:
        self._in_reading = False

    def _end_value(self) -> None:
        self._value = "".join(self._pieces)

    def _end_formula(self) -> None:
        self._formula = "".join(self._pieces)

    def _end_inline_text(self) -> None:
        if not self._in_reading:
            self._value = (self._value or "") + "".join(self._pieces)

    def _end_cell(self) -> None:
        if self._value is None and self._formula is None:
            return
        kind = self._attributes.get("t", "n")
        style = self._attributes.get("s", "")
        value = self._value
        if value and kind in ("str", "inlineStr"):
            value = unescaped(value)
        self._cells.append(RawCell(self._column, kind, self._style_of(style), value, self._formula))

    def _end_row(self) -> None:
        if self._cells:
            self.rows.append(RawRow(self._row, self._hidden, self._cells))

    def _end_data(self) -> None:
        self.done = True
        self._starts.clear()
        self._texts = frozenset()
        self._ends.clear()

    def _style_of(self, written: str) -> int:
        style = self._styles.get(written)
        if style is None:
            style = whole(written)
            if len(self._styles) < _REMEMBERED_STYLES:
                self._styles[written] = style
        return style

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_number(letters)
        return column


def column_number(letters: str) -> int:
    """The number of a column with these letters, from 0. Raises XmlRefused."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or number > MOST_COLUMNS:
            raise XmlRefused(f"it has a cell {letters[:20]}")
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number - 1 if letters else MOST_COLUMNS


def whole(text: str) -> int:
    """The number of a row or style. Raises XmlRefused."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004  more than any row or style has
        raise XmlRefused(f"`{text[:20]}` is no number of a row or style")
    return int(text)
