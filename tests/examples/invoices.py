"""The invoices of manifests/invoices: one table of facts, shown as a workbook and as PDFs."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.examples.people import person

INVOICES = 120

_NAMES = [
    "Harbor & Hill",
    "O'Brien's",
    "Blue Kettle",
    "Sato & Daughters",
    "Kim & Park",
    "Pine Street",
    "North Pier",
    "Maple & Oak",
    "Lee & Sons",
    "Moonlight",
    "Fischer's",
    "Two Rivers",
]
_TRADES = [
    "Books",
    "Bakery",
    "Ceramics",
    "Coffee Roasters",
    "Garden Supply",
    "Print Shop",
    "Bicycles",
    "Tea House",
    "Stationery",
    "Studio",
]
_DELIVERY = Decimal("12.00")


@dataclass(frozen=True, slots=True)
class Invoice:
    """One line of the workbook, and its PDF; amounts in US dollars."""

    number: int
    company: str
    name: str
    latin_name: str
    email: str
    phone: str
    goods: Decimal
    due: date
    active: bool

    @property
    def amount(self) -> Decimal:
        """What is to be paid."""
        return self.goods + _DELIVERY

    @property
    def delivery(self) -> Decimal:
        """The part of the amount that is for delivery."""
        return _DELIVERY

    @property
    def file_name(self) -> str:
        """The name of its PDF."""
        return f"{self.number:05}.pdf"


def invoice(position: int) -> Invoice:
    """The invoice at a position from 0; every company has one."""
    name = _NAMES[position % len(_NAMES)]
    trade = _TRADES[(position // len(_NAMES) + position) % len(_TRADES)]
    company = f"{name} {trade}"
    contact = person(position)
    return Invoice(
        number=42 + position * 9 + position % 4,
        company=company,
        name=contact.name,
        latin_name=contact.latin,
        email=f"{contact.mailbox}@{_domain(company)}",
        phone="" if position % 4 == 3 else f"+1 202-555-{100 + position * 37 % 100:04}",
        goods=Decimal(4_990 + position * 98_765 % 450_000) / 100,
        due=date(2026, 10, 30) + timedelta(days=position % 3 * 7),
        active=position % 15 != 7,
    )


def invoices() -> list[Invoice]:
    """All of them, by number."""
    return [invoice(position) for position in range(INVOICES)]


def _domain(company: str) -> str:
    label = company.lower().replace("&", "and").replace("'", "").replace(" ", "-")
    return f"{label}.example.com"
