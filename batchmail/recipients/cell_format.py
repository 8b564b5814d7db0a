"""The formats of a workbook's cells: the part styles.xml, and the formats that spreadsheet programs know by number."""

from collections.abc import Iterable
from dataclasses import dataclass

from batchmail.recipients.number_format import NumberFormat, number_format
from batchmail.recipients.unsupported_format import UnsupportedFormat
from batchmail.recipients.xml_stream import XmlRefused

#: Excel permits 65,490 formats of cells, and some 250 number formats.
MOST_FORMATS = 70_000

GENERAL = "General"

#: Number formats without a code of their own (18.8.30), as openpyxl knows them.
_BUILTIN = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)',
    42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_)_("$"* \(#,##0.00\)_("$"* "-"??_)_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
#: The machine's own short date, which nobody else can know: shown as ISO 8601.
_SHOWN_AS = {14: "yyyy-mm-dd", 22: "yyyy-mm-dd hh:mm"}
#: The machine's own currency.
_CURRENCIES = frozenset({5, 6, 7, 8, 42, 44})
#: Dates (and two times) that read otherwise in each language of East Asia.
_EAST_ASIAN_TIMES = frozenset({32, 33})
_EAST_ASIAN_DATES = frozenset({*range(27, 37), *range(50, 59)}) - _EAST_ASIAN_TIMES


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a cell is shown: its code, compiled, or why it cannot be.

    `dated` where a number in it is a date or time, `elapsed` where it is a duration.
    """

    code: str
    compiled: NumberFormat | None
    refusal: str = ""
    dated: bool = False
    elapsed: bool = False


def cell_format(code: str, *, shown_as: str | None = None) -> CellFormat:
    """The format of a code; with `shown_as`, cells in it are shown by that one."""
    try:
        compiled = number_format(code if shown_as is None else shown_as)
    except UnsupportedFormat as unsupported:
        return CellFormat(code, None, str(unsupported))
    return CellFormat(code, compiled, dated=compiled.dated, elapsed=compiled.elapsed)


def builtin_format(number: int) -> CellFormat:
    """The format of a number for which the workbook has no code."""
    if number in _CURRENCIES:
        return CellFormat(_BUILTIN[number], None, "its currency depends on the machine")
    if number in _EAST_ASIAN_DATES or number in _EAST_ASIAN_TIMES:
        code = "yyyy-mm-dd" if number in _EAST_ASIAN_DATES else "h:mm:ss"
        return CellFormat(code, None, _LOCAL, dated=True)
    if number not in _BUILTIN:
        return CellFormat(GENERAL, None, _LOCAL)
    if number == 0:
        return DEFAULT_FORMAT
    return cell_format(_BUILTIN[number], shown_as=_SHOWN_AS.get(number))


_LOCAL = "it depends on the language of the spreadsheet program"

DEFAULT_FORMAT = cell_format(GENERAL)


def cell_formats(styles: Iterable[tuple[str, dict[str, str]]]) -> tuple[CellFormat, ...]:
    """The formats of cells by their number, from the elements of styles.xml."""
    codes: dict[int, str] = {}
    numbers: list[int] = []
    inside = False
    for name, attributes in styles:
        match name:
            case "numFmt":
                codes[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
            case "cellXfs":
                inside = True
            case "xf" if inside:
                numbers.append(_number(attributes.get("numFmtId", "0")))
            case "cellStyles" | "dxfs" | "cellStyleXfs":
                inside = False
        if len(numbers) > MOST_FORMATS or len(codes) > MOST_FORMATS:
            raise XmlRefused(f"it has more than {MOST_FORMATS:,} formats")
    known = {number: _known(number, codes) for number in set(numbers)}
    return tuple([known[number] for number in numbers])


def _known(number: int, codes: dict[int, str]) -> CellFormat:
    return cell_format(codes[number]) if codes.get(number) else builtin_format(number)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004  a number of some use
        raise XmlRefused(f"`{text[:20]}` is no number of a format")
    return int(text)
