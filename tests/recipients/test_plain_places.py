"""Numbers in plain places read as they do in any others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.recipients.format_digits import digits, rounds_to_zero
from batchmail.recipients.format_section import section
from batchmail.recipients.format_tokens import tokens
from batchmail.recipients.number_format import number_format
from batchmail.recipients.plain_places import PlainPlaces, plain_places
from batchmail.recipients.unsupported_format import UnsupportedFormat

PLAIN = [
    "0",
    "00000",
    "#",
    "##0",
    "#,##0",
    "#,###",
    "0.00",
    "#,##0.00",
    '"No. "0',
    '0" EUR"',
    "0.",
    "#.00",
    "$0.0",
    "##00",
]
OTHERS = [
    *("0%", "0,", "0.0#", "0.??", "?0", ".00", "0E+00", "000,000", '0"-"00', "0-00", "@", "General", "yyyy", "0.0.0"),
    *("0#", '"text"'),
]

CODES = st.text(alphabet=st.sampled_from('0#,."-" %?'), min_size=1, max_size=10)
NUMBERS = st.one_of(
    st.integers(-(10**16), 10**16),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-(10**9), 10**9, places=2).map(float),
    st.decimals(-100, 100, places=4).map(float),
    st.sampled_from((0, -0.0, 0.5, -0.004, 1e15, 999999999999999, 0.1 + 0.2)),
)


def places(code: str) -> PlainPlaces | None:
    return plain_places(section(list(tokens(code))))


def slowly(code: str, value: float) -> str:
    """The text of a number in a code of one section."""
    part = section(list(tokens(code)))
    text = digits(part, value)
    return f"-{text}" if value < 0 and not rounds_to_zero(part, value) else text


@pytest.mark.parametrize("code", PLAIN)
def test_places_in_one_piece_are_plain(code: str) -> None:
    assert places(code) is not None


@pytest.mark.parametrize("code", OTHERS)
def test_other_codes_are_not(code: str) -> None:
    assert places(code) is None


@pytest.mark.parametrize(("code", "value", "text"), [("#,##0.00", 1234.5, "1,234.50"), ("00000", 42, "00042")])
def test_what_needs_no_rounding_is_shown_at_once(code: str, value: float, text: str) -> None:
    plain = places(code)
    assert plain is not None
    assert plain.show(value) == text


@given(code=st.one_of(st.sampled_from(PLAIN), CODES), value=NUMBERS)
def test_a_number_reads_the_same_at_once_and_place_by_place(code: str, value: float) -> None:
    try:
        plain = places(code)
    except UnsupportedFormat:
        return
    if plain is not None:
        assert plain.show(value) in (None, digits(section(list(tokens(code))), value))
        assert number_format(code).show(value) == slowly(code, value)
