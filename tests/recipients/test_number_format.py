"""Number formats: what Excel shows for a value in a format.

The examples were compared with what Excel shows, as it is recorded in the tests of SheetJS/ssf and borgar/numfmt.
"""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.recipients.number_format import number_format
from batchmail.recipients.unsupported_format import UnsupportedFormat

#: 2026-10-31, a Saturday, at 9:05:07.25 in the morning, and at 1:05 in the afternoon.
MORNING = 46326 + (9 * 3600 + 5 * 60 + 7.25) / 86400
AFTERNOON = 46326 + (13 * 3600 + 5 * 60) / 86400

SHOWN: list[tuple[float | str, str, str]] = [
    # General
    (0, "General", "0"),
    (42, "General", "42"),
    (-42, "General", "-42"),
    (42.0, "General", "42"),
    (0.1 + 0.2, "General", "0.3"),
    (1 / 3, "General", "0.333333333"),
    (-1 / 3, "General", "-0.333333333"),
    (2 / 3, "General", "0.666666667"),
    (1234567.891234, "General", "1234567.891"),
    (12345678901, "General", "12345678901"),
    (123456789012, "General", "1.23457E+11"),
    (1e12, "General", "1E+12"),
    (99999999999.9, "General", "1E+11"),
    (0.0001234567, "General", "0.000123457"),
    (0.00001, "General", "0.00001"),
    (0.0000123456, "General", "1.23456E-05"),
    (1.2345e-10, "General", "1.2345E-10"),
    (9.999999e-12, "General", "1E-11"),
    (1e300, "General", "1E+300"),
    (3300.0000000000005, "General", "3300"),
    ("text", "General", "text"),
    # digits
    (42, "00000", "00042"),
    (-42, "00000", "-00042"),
    (1234567, "00000", "1234567"),
    (1234.5, "0", "1235"),
    (2.5, "0", "3"),
    (-2.5, "0", "-3"),
    (1.005, "0.00", "1.01"),
    (0.285, "0.00", "0.29"),
    (-0.001, "0.00", "0.00"),
    (-0.001, "0.00;-0.00", "-0.00"),
    (1, "0.##", "1."),
    (1.5, "0.0?", "1.5 "),
    (0, "#", ""),
    (0.5, "#.##", ".5"),
    (5, "???", "  5"),
    (12.5, "?0.0?", "12.5 "),
    (1234567.891, "#,##0", "1,234,568"),
    (1234567.891, "#,##0.00", "1,234,567.89"),
    (999, "#,##0", "999"),
    (12, "0,000", "0,012"),
    (1234567, "#,##0,", "1,235"),
    (1234567890, "0.0,,\\M", "1234.6M"),
    (12345.678, "#,##0.0,", "12.3"),
    (941051630, "00000-0000", "94105-1630"),
    (1012345678, "000-0000-0000", "010-1234-5678"),
    (8675309, "[<=9999999]###-####;(###) ###-####", "867-5309"),
    (2813308004, "[<=9999999]###-####;(###) ###-####", "(281) 330-8004"),
    (3.14159, '"This is a ".00"test"000', "This is a 3.14test159"),
    # percent
    (0.125, "0%", "13%"),
    (0.125, "0.0%", "12.5%"),
    (-0.5, "0%", "-50%"),
    (0.29, "0%", "29%"),
    # exponents
    (12345, "0.00E+00", "1.23E+04"),
    (0.00012345, "0.00E+00", "1.23E-04"),
    (0.00012345, "0.00E-00", "1.23E-04"),
    (12345, "0.00E-00", "1.23E04"),
    (12345, "##0.0E+0", "12.3E+3"),
    (999999, "0.0E+0", "1.0E+6"),
    (0, "0.00E+00", "0.00E+00"),
    # currency
    (1234.5, "[$₩-412]#,##0", "₩1,235"),
    (-1234.5, "[$₩-412]#,##0", "-₩1,235"),
    (1234, "[$¥-411]#,##0", "¥1,234"),
    (1234, "[$USD] #,##0.00", "USD 1,234.00"),
    (1234, '#,##0"원"', "1,234원"),
    (1234, '"￥"#,##0;[Red]"￥"\\-#,##0', "￥1,234"),
    (-1234, '"￥"#,##0;[Red]"￥"\\-#,##0', "￥-1,234"),
    (1234.5, '"$"#,##0.00_);("$"#,##0.00)', "$1,234.50 "),
    (-1234.5, '"$"#,##0.00_);("$"#,##0.00)', "($1,234.50)"),
    (0, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', " - "),
    ("n/a", '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', " n/a "),
    # sections, conditions, colours, text
    (5, '"plus "0;"minus "0;"nothing"', "plus 5"),
    (-5, '"plus "0;"minus "0;"nothing"', "minus 5"),
    (0, '"plus "0;"minus "0;"nothing"', "nothing"),
    (5, ";;;", ""),
    ("hidden", ";;;", ""),
    (-5, "0;", ""),
    (150, '[>100]"high "0;[<=50]"low "0;"middle "0', "high 150"),
    (75, '[>100]"high "0;[<=50]"low "0;"middle "0', "middle 75"),
    (-75, '[>100]"high "0;[<=50]"low "0;"middle "0', "-low 75"),
    (1, '[=1]"yes";[=0]"no";General', "yes"),
    (0, '[=1]"yes";[=0]"no";General', "no"),
    (7, '[=1]"yes";[=0]"no";General', "7"),
    (5, "[Red]0;[Blue]-0", "5"),
    (5, "[Color 12]0.0", "5.0"),
    ("Kim", "@", "Kim"),
    (42, "@", "42"),
    ("김민수", '@" 님"', "김민수 님"),
    ("Kim", "0", "Kim"),
    ("Kim", "0;0;0;[Red]\\<@\\>", "<Kim>"),
    (5, '0"개"', "5개"),
    (5, "\\#0", "#5"),
    (123, "123", "123"),
    # dates
    (MORNING, "yyyy-mm-dd", "2026-10-31"),
    (MORNING, "m/d/yy", "10/31/26"),
    (MORNING, "d-mmm-yy", "31-Oct-26"),
    (MORNING, "dddd, mmmm dd, yyyy", "Saturday, October 31, 2026"),
    (MORNING, "ddd mmmmm", "Sat O"),
    (MORNING, 'yyyy"年"m"月"d"日"', "2026年10月31日"),
    (MORNING, 'yyyy"년" m"월" d"일"', "2026년 10월 31일"),
    (MORNING, "[$-412]yyyy년\\ m월\\ d일\\ dddd", "2026년 10월 31일 토요일"),
    (MORNING, "[$-411]yyyy/m/d\\(aaa\\)", "2026/10/31(土)"),
    (MORNING, "[$-ko-KR]m/d(aaaa)", "10/31(토요일)"),
    (MORNING, '[$-411]ggge"年"m"月"d"日"', "令和8年10月31日"),
    (43600, '[$-ja-JP-x-gannen]ggge"年"', "令和元年"),
    (43585, "[$-411]ge.m.d", "H31.4.30"),
    (MORNING, "[$-409]mmm\\ d", "Oct 31"),
    (MORNING, "[$-407]d.m.yyyy", "31.10.2026"),
    (MORNING, "[$-F800]dddd, mmmm dd, yyyy", "2026-10-31"),
    (MORNING, "[$-F400]h:mm:ss AM/PM", "09:05:07"),
    (60, "yyyy-mm-dd", "1900-02-29"),
    (1, "yyyy-mm-dd dddd", "1900-01-01 Sunday"),
    (0, "yyyy-mm-dd", "1900-01-00"),
    # times
    (MORNING, "h:mm", "9:05"),
    (MORNING, "hh:mm:ss", "09:05:07"),
    (MORNING, "h:mm:ss.00", "9:05:07.25"),
    (MORNING, "h:mm AM/PM", "9:05 AM"),
    (AFTERNOON, "h:mm AM/PM", "1:05 PM"),
    (AFTERNOON, "hh A/P", "01 P"),
    (AFTERNOON, "[$-412]AM/PM h:mm", "오후 1:05"),
    (AFTERNOON, "m/d h:mm", "10/31 13:05"),
    (AFTERNOON, "mm:ss", "05:00"),
    (AFTERNOON, "yyyy-mm-dd hh:mm", "2026-10-31 13:05"),
    (0.5, "h AM/PM", "12 PM"),
    (0.0, "h AM/PM", "12 AM"),
    (0.999999, "h:mm", "0:00"),
    (1.5, "[h]:mm", "36:00"),
    (1.5, "[m]", "2160"),
    (1 / 86400, "[ss]", "01"),
    (-1.5, "[h]", "-36"),
    (2.9999999999999996, "[h]:mm:ss", "72:00:00"),
]


@pytest.mark.parametrize(("value", "code", "text"), SHOWN)
def test_a_value_reads_as_excel_shows_it(value: float | str, code: str, text: str) -> None:
    assert number_format(code).show(value) == text


@pytest.mark.parametrize(("value", "text"), [(True, "TRUE"), (False, "FALSE")])
def test_truths_have_no_format(value: bool, text: str) -> None:  # noqa: FBT001  the value itself
    assert number_format("0.00").show(value) == text


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("# ?/?", "fractions"),
        ("yyyy-mm-dd(aaa)", "depends on the language"),
        ('ggge"年"', "depends on the language"),
        ("[$-407]d. mmmm", "names of months"),
        ("[$-411]mmm", "short names of months"),
        ("[$-412]gge", "depends on the language"),
        ("[$-1070000]d/mm/yyyy", "calendar"),
        ("[$-ja-JP-x-other]yyyy", "calendar"),
        ("[DBNum1]0", "`[DBNum1]` is not known"),
        ("bbbb", "depends on the language"),
        ("0.00 g", "mixes"),
        ("yyyy 0", "mixes"),
        ("General 0", "mixes"),
        ("01", "mixes"),
        ("yyyy E+0", "mixes"),
        ('"open', "not closed"),
        ("[Red", "not closed"),
        ("0\\", "not closed"),
        ("@;0", "not the last"),
        ("0;0;0;0;0", "four sections"),
        ("[>1]0;[>2]0;[>3]0", "two conditions"),
        ("E+", "no number"),
        ("0E+", "exponent"),
        ("0E+0E+0", "exponent"),
        ("0" * 2000, "too long"),
    ],
)
def test_a_format_whose_text_cannot_be_known_is_refused(code: str, why: str) -> None:
    with pytest.raises(UnsupportedFormat, match=why.replace("[", r"\[")):
        number_format(code).show(46326.5)


@pytest.mark.parametrize(
    ("code", "value"),
    [("yyyy", -1), ("yyyy", 2_958_466), ("h:mm", -0.5), ("[>10]0;[<5]0", 7)],
)
def test_what_excel_fills_with_hashes_is_refused(code: str, value: float) -> None:
    with pytest.raises(UnsupportedFormat, match="#####"):
        number_format(code).show(value)


def test_dates_since_1904_are_four_years_later() -> None:
    assert number_format("yyyy-mm-dd ddd").show(46326 - 1462, since_1904=True) == "2026-10-31 Sat"
    assert number_format("[h]").show(1, since_1904=True) == "24"
    assert number_format("yyyy-mm-dd").show(0, since_1904=True) == "1904-01-01"


def test_a_format_is_compiled_once() -> None:
    assert number_format("#,##0.000") is number_format("#,##0.000")


@given(st.integers(-(10**14), 10**14))
def test_whole_numbers_keep_their_digits(number: int) -> None:
    assert number_format("0").show(number) == str(number)
    assert number_format("#,##0").show(number) == f"{number:,}"


@given(st.decimals(-(10**9), 10**9, places=2))
def test_two_decimals_keep_their_digits(number: object) -> None:
    value = float(str(number))
    assert float(number_format("0.00").show(value)) == value
    last_digit = 10.0 ** (len(str(abs(int(value)))) - 10)
    assert float(number_format("General").show(value)) == pytest.approx(value, abs=0.501 * last_digit)


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["0", "#,##0.00", "0.0E+0", "General", "0%;(0)"])
)
def test_every_number_has_a_text(number: float, code: str) -> None:
    assert number_format(code).show(number)


@given(st.text(st.sampled_from('0#?,.;@E+-%/ymdhsaegbAMP"\\_*[]<>=$10 General한'), max_size=20), st.floats(-1e6, 1e6))
def test_no_format_does_more_than_refuse(code: str, value: float) -> None:
    with suppress(UnsupportedFormat):
        assert isinstance(number_format(code).show(value), str)
