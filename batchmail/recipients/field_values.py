"""What a cell of a declared type may say: numbers, dates and truths, from texts and from what workbooks store."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import NoReturn

from batchmail.row import StoredValue

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*[¥₩$€]?\s*(?P<sign_after>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?P<fraction>\.\d+)?\s*[원円]?",
    re.ASCII,
)
_LONGEST_NUMBER = 40
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.\s*(\d{1,2})\.\s*(\d{1,2})\.?"
    r"|年\s*(\d{1,2})月\s*(\d{1,2})日|년\s*(\d{1,2})월\s*(\d{1,2})일)",
    re.ASCII,
)
_TIME = re.compile(r"(?:T|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?", re.ASCII)
_AMBIGUOUS_DATE = re.compile(r"\d{1,2}([-/.]\s*)\d{1,2}\1(?:\d{4}|\d{2}).*", re.ASCII)
_MIDNIGHT = time()

#: The full-width forms of ASCII, and other ways to write its signs.
_HALF_WIDTH: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(wide): narrow for wide, narrow in {"\N{MINUS SIGN}": "-", "\u3000": " ", "￥": "¥", "￦": "₩"}.items()},
}

_TRUE = frozenset({"true", "yes", "y", "1", "on", "○", "◯", "〇", "✓", "✔", "はい", "예"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "×", "✕", "✗", "いいえ", "아니오", "아니요"})


class BadCell(ValueError):
    """A cell does not say what its column's type asks for: why, and what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def decimal(text: str, stored: StoredValue = None) -> Decimal:
    """A number: 1234.5, 1,234.50, ₩1,234 or 1,234원. Raises BadCell; a comma is never a decimal point."""
    if isinstance(stored, int | float) and not isinstance(stored, bool):
        return Decimal(repr(stored))
    plain = _written(text, stored, "no number", "Write a number, such as 1234.50, or change the cell's format.")
    found = _NUMBER.fullmatch(plain) if len(plain) <= _LONGEST_NUMBER else None
    if found is None or not (found["whole"] or found["fraction"]) or (found["sign"] and found["sign_after"]):
        raise BadCell("it is no number", "Write it as 1234.50 or 1,234.50.")
    whole = (found["whole"] or "0").replace(",", "")
    return Decimal(f"{found['sign'] or found['sign_after']}{whole}{found['fraction'] or ''}")


def integer(text: str, stored: StoredValue = None) -> int:
    """A whole number. Raises BadCell; 12.0 is one in a workbook, which stores all numbers alike, and not in a text."""
    number = decimal(text, stored)
    written_with_decimals = isinstance(stored, str | None) and number.as_tuple().exponent != 0
    if written_with_decimals or number != number.to_integral_value():
        raise BadCell("it is no whole number", "Write it without decimals, or declare the column `type: decimal`.")
    return int(number)


def day(text: str, stored: StoredValue = None) -> date:
    """A date. Raises BadCell, for a time of day too: it would be lost."""
    found = moment(text, stored)
    if found.time() != _MIDNIGHT:
        raise BadCell("it has a time of day", "Declare the column `type: datetime`, or write the date alone.")
    return found.date()


def moment(text: str, stored: StoredValue = None) -> datetime:
    """A date with or without a time. Raises BadCell for one that can be read in several ways."""
    if isinstance(stored, datetime):
        return stored
    if isinstance(stored, date):
        return datetime.combine(stored, _MIDNIGHT)
    plain = _written(text, stored, "no date", "Give the cell the format of a date, or write the date as 2026-10-31.")
    found = _DATE.match(plain)
    rest = plain[found.end() :] if found else ""
    clock = _TIME.fullmatch(rest)
    if found is None or (rest and clock is None):
        _refuse_date(plain)
    year, month, number = (int(part) for part in found.groups() if part)
    hours, minutes, seconds, fraction = clock.groups() if clock else (None,) * 4
    try:
        microseconds = int((fraction or "").ljust(6, "0"))
        return datetime.combine(
            date(year, month, number), time(int(hours or 0), int(minutes or 0), int(seconds or 0), microseconds)
        )
    except ValueError:
        raise BadCell("there is no such day or time", "Write it as YYYY-MM-DD, such as 2026-10-31.") from None


def truth(text: str, stored: StoredValue = None) -> bool:
    """True or false, in the words that people use. Raises BadCell."""
    if isinstance(stored, int | float) and stored in (0, 1):
        return bool(stored)
    word = _plain(stored if isinstance(stored, str) else text).casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise BadCell("it is neither yes nor no", "Write yes or no, true or false, 1 or 0, ○ or ×.")


def _plain(text: str) -> str:
    """A text with full-width digits and signs as plain ones, and without surrounding blanks."""
    return text.strip() if text.isascii() else text.translate(_HALF_WIDTH).strip()


def _written(text: str, stored: StoredValue, what: str, hint: str) -> str:
    """What was written into the cell; a workbook's own value of another type is not read from its text."""
    if isinstance(stored, str | None):
        return _plain(stored or text)
    raise BadCell(f"the workbook stores {what} in it", hint)


def _refuse_date(plain: str) -> NoReturn:
    if _AMBIGUOUS_DATE.fullmatch(plain):
        raise BadCell("the date can be read in several ways", "Write it as YYYY-MM-DD, such as 2026-10-31.")
    raise BadCell("it is no date", "Write it as YYYY-MM-DD, such as 2026-10-31.")
