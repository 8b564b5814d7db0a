"""Money, dates and particles as their readers write them; a blank cell stays a finding."""

import sys
from datetime import date, datetime
from decimal import Decimal

import pytest

from batchmail.message import ContentType
from batchmail.values import CellValue, ShownDate, ShownDateTime, ShownDecimal
from tests.merge.bench import Bench

AMOUNT = ShownDecimal.of(Decimal("1234567.5"), "1,234,567.50")
DUE = ShownDate.of(date(2026, 10, 31), "2026-10-31")
MEETING = ShownDateTime.of(datetime(2026, 10, 31, 15, 5), "2026-10-31 15:05")  # noqa: DTZ001  as sheets have it


def merged(bench: Bench, body: str, **cells: CellValue) -> str:
    bench.message(body=body, subject="Hello", content_type=ContentType.TEXT)
    return bench.message_of(**cells).body


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("name | money('KRW', 'ko')", AMOUNT, "₩1,234,568"),
        ("name | money('JPY', 'ja')", AMOUNT, "￥1,234,568"),
        ("name | money('EUR', 'de')", AMOUNT, "1.234.567,50\u00a0€"),
        ("name | money('USD')", AMOUNT, "$1,234,567.50"),
        ("name | number('de-CH')", AMOUNT, "1’234’567.5"),
        ("name | date", DUE, "October 31, 2026"),
        ("name | date('long', 'ja')", DUE, "2026年10月31日"),
        ("name | date('full', 'ko')", DUE, "2026년 10월 31일 토요일"),
        ("name | date('y. M. d. (EEE)', 'ko')", DUE, "2026. 10. 31. (토)"),
        ("name | date('HH:mm')", MEETING, "15:05"),
        ("name | josa('은/는')", "김민수", "김민수는"),
    ],
)
def test_values_are_printed_as_their_readers_write_them(
    bench: Bench, expression: str, value: CellValue, text: str
) -> None:
    assert merged(bench, "{{ " + expression + " }}", name=value) == text


@pytest.mark.parametrize("expression", ["money('KRW')", "number", "date", "josa('은/는')"])
def test_a_blank_cell_is_told_behind_a_filter_too(bench: Bench, expression: str) -> None:
    bench.message(body="{{ name | " + expression + " }}", subject="Hello")
    assert bench.merge(name="") is None
    assert bench.found == [("row-blank-value", "people.xlsx › People!A7")]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("money('KRW')", "declare the column `type: decimal`"),
        ("date", "declare the column `type: date`"),
        ("josa('을/가')", "no particle"),
    ],
)
def test_what_a_filter_cannot_use_is_told(bench: Bench, expression: str, said: str) -> None:
    bench.message(body="{{ name | " + expression + " }}", subject="Hello")
    assert bench.merge(name="Kim") is None
    (finding,) = bench.findings
    assert said in finding.message


@pytest.mark.parametrize(("arguments", "said"), [("'WON'", "no currency"), ("'KRW', 'xx_YY'", "no locale")])
def test_currencies_and_locales_that_do_not_exist_are_told(bench: Bench, arguments: str, said: str) -> None:
    bench.message(body="{{ name | money(" + arguments + ") }}", subject="Hello")
    assert bench.merge(name=AMOUNT) is None
    (finding,) = bench.findings
    assert said in finding.message


@pytest.mark.parametrize("expression", ["money('KRW')", "number", "date"])
def test_a_filter_whose_library_is_not_installed_is_told_where_it_stands(
    bench: Bench, expression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)  # Python's own mark of a module that cannot be imported
    bench.message(body="Dear {{ name }},<br>\n{% if name %}{{ name | " + expression + " }}{% endif %}", subject="Hello")
    assert bench.merge(name="Kim") is None
    (finding,) = bench.findings
    assert finding.rule == "extra-missing"
    assert "pip install 'batchmail[locales]'" in finding.hint
    assert finding.text.startswith("{% if name %}")


def test_particles_need_no_library(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)
    assert merged(bench, "{{ name | josa('은/는') }}", name="김민수") == "김민수는"
