"""Files that are no more than lists of addresses: one a line, or a column of a table, with a header or without."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from pathlib import Path
from types import MappingProxyType

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import CellLocation, Location, TextLocation
from batchmail.recipients.base import SheetBroken
from batchmail.recipients.cell_text import ReadCell
from batchmail.recipients.csv_file import CsvFile, check_start
from batchmail.recipients.encodings import AUTO
from batchmail.recipients.text_file import TextFile, text_file
from batchmail.recipients.worksheet_cells import column_letters
from batchmail.recipients.xlsx_file import bare_rows
from batchmail.wording import shown

#: The header of a column of addresses, as `_folded` writes it.
_NAMES = frozenset(
    [
        "email",
        "emails",
        "emailaddress",
        "emailaddresses",
        "mail",
        "mailaddress",
        "mailadresse",
        "emailadresse",
        "メール",
        "メールアドレス",
        "eメール",
        "eメールアドレス",
        "電子メール",
        "電子メールアドレス",
        "이메일",
        "이메일주소",
        "메일",
        "메일주소",
        "전자우편",
        "邮箱",
        "邮件地址",
        "电子邮件",
        "電子郵件",
        "電子信箱",
    ]
)
#: These are also what a column of streets and houses is called: its cells decide.
_VAGUE = frozenset(["address", "addresses", "adresse", "アドレス", "주소", "地址"])
_UNSEEN = re.compile(r"[\s_-]+")
#: What no name of a column has.
_LIKE_AN_ADDRESS = re.compile(r"[@＠]|\w\.\w")
_ROWS_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list has where an address is expected: the text, and its worksheet (empty in text files), line and cell.

    `fault` says why the text of a workbook's cell cannot be told.
    """

    sheet: str
    line: int
    cell: int
    text: str
    fault: str = ""

    def place(self, path: Path) -> Location:
        """Where it stands in the file."""
        if self.sheet:
            return CellLocation(path, self.sheet, f"{column_letters(self.cell)}{self.line}")
        return TextLocation(path, self.line)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    texts: Sequence[str]
    faults: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, cell: int) -> str:
        return self.texts[cell].strip() if cell < len(self.texts) else ""


def address_entries(path: Path, where: Location, is_address: Callable[[str], bool]) -> Iterator[Entry]:
    """Every entry of a file of addresses, whatever stands there. Raises SheetBroken; `where` is where it is named.

    The column is the one with a name that says so, else the first whose cells are addresses.
    """
    for sheet, lines in _tables(path, where):
        head = list(islice(lines, _ROWS_LOOKED_AT))
        if not head:
            continue
        cell, headers = _column(head, is_address, alone=path.suffix.lower() == ".txt")
        if cell < 0:
            raise SheetBroken(_without_addresses(path, sheet))
        for line in chain(head[headers:], lines):
            yield Entry(sheet, line.number, cell, line.text(cell), line.faults.get(cell, ""))


def _tables(path: Path, where: Location) -> Iterator[tuple[str, Iterator[_Line]]]:
    """The tables of a file with their lines that are not blank, each to be read before the next one."""
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        with closing(bare_rows(path, where)) as rows:
            for sheet, group in groupby(rows, key=lambda row: row[0]):
                filled = (_of_cells(number, cells) for _, number, cells in group)
                yield sheet, (line for line in filled if line.faults or any(map(str.strip, line.texts)))
        return
    check_start(path, where)
    text = text_file(path, AUTO, where)
    if suffix == ".txt":
        yield "", _lines(text)
    else:
        yield "", (_Line(number, cells) for number, cells in CsvFile(text, None).records())


def _lines(text: TextFile) -> Iterator[_Line]:
    with closing(text.read()) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _Line(number, (line,))


def _of_cells(number: int, cells: dict[int, ReadCell]) -> _Line:
    texts = [cells[cell].text if cell in cells else "" for cell in range(max(cells, default=-1) + 1)]
    return _Line(number, texts, {cell: read.fault.message for cell, read in cells.items() if read.fault})


def _column(head: Sequence[_Line], is_address: Callable[[str], bool], *, alone: bool) -> tuple[int, int]:
    """The column of the addresses, -1 where none has any, and how many lines its header has."""
    names = [_folded(text) for text in head[0].texts]
    if alone:
        return 0, int(names[0] in _NAMES | _VAGUE)
    named = next((cell for cell, name in enumerate(names) if name in _NAMES), None)
    if named is not None:
        return named, 1
    body = head[1:] or head
    filled = [[text for line in body if (text := line.text(cell))] for cell in range(max(len(x.texts) for x in head))]
    full = (cell for cell, texts in enumerate(filled) if texts and 2 * sum(map(is_address, texts)) >= len(texts))
    cell = next(full, -1)
    if cell < 0 and len(head) == 1 and not _VAGUE.isdisjoint(names):
        return next(number for number, name in enumerate(names) if name in _VAGUE), 1
    return cell, int(_LIKE_AN_ADDRESS.search(head[0].text(cell)) is None)


def _folded(name: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", name).casefold())


def _without_addresses(path: Path, sheet: str) -> Finding:
    where = CellLocation(path, sheet) if sheet else TextLocation(path)
    message = f"`{shown(path.name)}` has no column with addresses"
    hint = "Write one address a line, or give the column with the addresses the name `email`."
    return rules.SUPPRESS_BAD_ENTRY.finding(message, where, hint, text=shown(path.name))
