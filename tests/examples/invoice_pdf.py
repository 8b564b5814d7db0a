"""An invoice as a PDF of one page."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from tests.examples.invoices import Invoice

_BLUE = (42, 91, 215)
_TEAL = (20, 178, 142)
_INK = (31, 42, 68)
_GREY = (110, 120, 140)
_PALE = (238, 242, 248)
_LEFT, _RIGHT = 22, 188


def pdf(invoice: Invoice) -> bytes:
    """The PDF, always the same bytes; its text is not compressed, so that any tool can look for it."""
    page = FPDF(format="A4")
    page.set_compression(False)
    page.set_creation_date(datetime(2026, 10, 1, 9, tzinfo=UTC))
    page.set_producer("Maru")
    page.set_title(f"Invoice {invoice.number:05}")
    page.set_margin(_LEFT)
    page.add_page()
    _letterhead(page)
    _address(page, invoice)
    _facts(page, invoice)
    _items(page, invoice)
    _closing(page, invoice)
    return bytes(page.output())


@contextmanager
def _ink(page: FPDF, size: float, colour: tuple[int, int, int], style: str = "") -> Iterator[None]:
    page.set_font("Helvetica", style, size)
    page.set_text_color(*colour)
    yield


def _write(page: FPDF, x: float, y: float, text: str, *, to_the_right: bool = False) -> None:
    """Write a line of text that begins, or ends, at x; millimetres from the top left corner."""
    page.set_xy(x if not to_the_right else x - 80, y)
    page.cell(80, 6, text, align=Align.R if to_the_right else Align.L, new_x=XPos.RIGHT, new_y=YPos.TOP)


def _letterhead(page: FPDF) -> None:
    page.set_line_width(2.1)
    page.set_draw_color(*_BLUE)
    page.circle(x=_LEFT + 7, y=27, radius=6)
    page.set_line_width(1.3)
    page.set_draw_color(*_TEAL)
    page.polyline([(_LEFT + 4, 25.8), (_LEFT + 7, 28.4), (_LEFT + 10, 25.8)])
    with _ink(page, 22, _INK, "B"):
        _write(page, _LEFT + 16, 24, "maru")
    with _ink(page, 9, _GREY):
        _write(page, _RIGHT, 21, "Maru Paper Ltd.", to_the_right=True)
        _write(page, _RIGHT, 26, "billing@example.com", to_the_right=True)


def _address(page: FPDF, invoice: Invoice) -> None:
    with _ink(page, 9, _GREY):
        _write(page, _LEFT, 52, "Bill to")
    with _ink(page, 12, _INK, "B"):
        _write(page, _LEFT, 58, invoice.company)
    with _ink(page, 11, _INK):
        _write(page, _LEFT, 64, invoice.latin_name)
        _write(page, _LEFT, 70, invoice.email)


def _facts(page: FPDF, invoice: Invoice) -> None:
    with _ink(page, 20, _INK, "B"):
        _write(page, _LEFT, 94, f"Invoice {invoice.number:05}")
    with _ink(page, 11, _GREY):
        _write(page, _LEFT, 103, "October 2026")
        _write(page, _RIGHT, 103, f"due {invoice.due:%Y-%m-%d}", to_the_right=True)


def _items(page: FPDF, invoice: Invoice) -> None:
    page.set_fill_color(*_PALE)
    page.rect(_LEFT - 2, 116, _RIGHT - _LEFT + 4, 10, style="F")
    with _ink(page, 10, _GREY):
        _write(page, _LEFT, 118, "Description")
        _write(page, _RIGHT, 118, "USD", to_the_right=True)
    with _ink(page, 11, _INK):
        for y, text, amount in ((130, "Paper and print supplies", invoice.goods), (139, "Delivery", invoice.delivery)):
            _write(page, _LEFT, y, text)
            _write(page, _RIGHT, y, f"{amount:,.2f}", to_the_right=True)
    page.set_line_width(0.3)
    page.set_draw_color(*_GREY)
    page.line(_LEFT, 149, _RIGHT, 149)
    with _ink(page, 13, _INK, "B"):
        _write(page, _LEFT, 153, "Amount due")
        _write(page, _RIGHT, 153, f"{invoice.amount:,.2f}", to_the_right=True)


def _closing(page: FPDF, invoice: Invoice) -> None:
    with _ink(page, 10, _GREY):
        _write(
            page,
            _LEFT,
            172,
            f"Please pay by {invoice.due:%Y-%m-%d}, and name the invoice's number: {invoice.number:05}.",
        )
        _write(page, _LEFT, 262, "An example: neither the company nor the debt exists.")
