"""The table that every row of the benchmark reads: made up, the same at every run, written as it is made."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

HEADER = ("number", "name", "email", "company", "city", "amount", "due", "note")

_NAMES = ("김민수", "山本 大輔", "Elena Fischer", "이서연", "佐藤 美咲", "Noah Lindqvist", "박지훈", "Zoë O'Hara")
_COMPANIES = ("Harbor & Hill Books", "단풍나무 상사", "株式会社みなと", "Lee and Sons", "Norden Verlag")
_CITIES = ("Seoul", "Tokyo", "부산", "大阪", "Utrecht", "Lyon", "Incheon")
_NOTES = ("", "Second reminder", "담당자 확인", "至急", "Paid in part")
_FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the table, before a file gives it a form."""

    number: int
    name: str
    email: str
    company: str
    city: str
    amount: Decimal
    due: date
    note: str

    def texts(self) -> tuple[str, ...]:
        """The cells as a spreadsheet shows them: 00000, #,##0.00 and yyyy-mm-dd."""
        number, amount, due = f"{self.number:05}", f"{self.amount:,.2f}", self.due.isoformat()
        return (number, self.name, self.email, self.company, self.city, amount, due, self.note)


def person(number: int) -> Person:
    """The person of a row, numbered from 1."""
    return Person(
        number,
        _NAMES[number % len(_NAMES)],
        f"person{number}@office{number % 97}.example.com",
        _COMPANIES[number % len(_COMPANIES)],
        _CITIES[number % len(_CITIES)],
        Decimal(number * 7919 % 10_000_000) / 100,
        _FIRST_DAY + timedelta(days=number % 365),
        _NOTES[number % len(_NOTES)],
    )


def people(rows: int, first: int = 1) -> Iterator[Person]:
    """So many people, from a number on."""
    return map(person, range(first, first + rows))


def write_csv(path: Path, rows: int) -> None:
    """Write the table as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(person.texts() for person in people(rows))


def append_csv(path: Path, rows: int, first: int) -> None:
    """Write further rows under those of a CSV."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(person.texts() for person in people(rows, first))
