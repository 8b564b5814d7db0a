"""One address a text, with whatever people and companies are called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.merge.addresses import CONTROL, BadAddress, parse_address
from batchmail.message import Address

NAMES = st.text(max_size=40).map(str.strip).filter(lambda text: not CONTROL.search(text))
RAW = NAMES.filter(lambda text: not {"@", "<", ">"}.intersection(text) and not text.startswith('"'))


def refused(text: str) -> BadAddress:
    parsed = parse_address(text)
    assert isinstance(parsed, BadAddress)
    return parsed


@pytest.mark.parametrize(
    "name",
    [
        "Kim",
        "Acme, Inc.",
        "Acme; Sons: Partners",
        "김, 민수",
        "株式会社、まる；通信",
        'Max "The" Kim',
        '"Max" and "Kim"',
        'Kim "',
        "O'Neill (Sales)",
        "Sales) (",
        "Kim \\",
        "=?utf-8?b?a?=",
        "",
    ],
)
def test_a_name_is_taken_as_it_is(name: str) -> None:
    assert parse_address(f"{name} <kim@example.com>") == Address("kim@example.com", name)
    assert parse_address(f" {name}<kim@example.com> ") == Address("kim@example.com", name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"Acme, Inc."', "Acme, Inc."),
        (r'"Max \"The\" Kim"', 'Max "The" Kim'),
        (r'"Back\\slash"', "Back\\slash"),
        (r'"Acme\Kim"', "Acme\\Kim"),
        ('" Kim "', "Kim"),
        ('"I <3 mail"', "I <3 mail"),
        ('""', ""),
    ],
)
def test_quotes_around_a_name_are_no_part_of_it(written: str, name: str) -> None:
    assert parse_address(f"{written} <kim@example.com>") == Address("kim@example.com", name)
    assert parse_address(f"{written}<kim@example.com>") == Address("kim@example.com", name)


@pytest.mark.parametrize(
    "text",
    [
        "a@x.jp, Kim <b@y.jp>",
        "Kim <a@x.jp>, Lee <b@y.jp>",
        "Kim <a@x.jp>; b@y.jp",
        "Kim <a@x.jp, b@y.jp>",
        '"a@x.jp, Kim" <b@y.jp>',
        "boss@x.jp, <kim@y.jp>",
        "Acme, Inc. <a@x.jp>, Foo, Ltd. <b@y.jp>",
    ],
)
def test_several_addresses_are_told_to_be_several(text: str) -> None:
    assert refused(text).several


@pytest.mark.parametrize(
    "text",
    [
        "boss@x.jp <kim@y.jp>",
        '"boss@x.jp" <kim@y.jp>',
        "Kim, boss@x.jp <kim@y.jp>",
        "Kim <a@x.jp> <b@y.jp>",
        "Kim @ Acme <kim@y.jp>",
    ],
)
def test_a_name_that_readers_could_take_for_the_address_is_refused(text: str) -> None:
    assert "readers would take for the address" in refused(text).reason


@pytest.mark.parametrize("text", ["a > b <kim@y.jp>", "<<kim@y.jp>", 'I <3 "mail" <kim@y.jp>', '"a" > "b" <kim@y.jp>'])
def test_a_name_with_brackets_is_told_to_want_quotes(text: str) -> None:
    assert "in quotes" in refused(text).reason


@pytest.mark.parametrize(
    "text",
    ["Kim <>", "Kim <kim>", "Kim <kim@y.jp", "Kim kim@y.jp>", "Acme, Inc.", "Kim < kim@y.jp >", "Kim <k im@y.jp>"],
)
def test_a_name_makes_no_address_of_what_is_none(text: str) -> None:
    assert not refused(text).several


@pytest.mark.parametrize("character", ["\r", "\n", "\x00", "\x85", "\u2028", "\u202e"])
def test_a_name_has_no_control_character(character: str) -> None:
    assert "character U+" in refused(f"Acme,{character} Inc. <kim@y.jp>").reason
    assert "character U+" in refused(f'"Acme,{character} Inc." <kim@y.jp>').reason


@given(name=RAW)
def test_whatever_somebody_is_called_the_mail_goes_to_the_address(name: str) -> None:
    assert parse_address(f"{name} <kim@example.com>") == Address("kim@example.com", name)


@given(name=NAMES.filter(lambda text: "@" not in text))
def test_every_name_can_be_written_in_quotes(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_address(f'"{escaped}" <kim@example.com>') == Address("kim@example.com", name)


@given(text=st.text('ab@."\\<>,; \n', max_size=30))
def test_a_name_never_holds_another_address(text: str) -> None:
    parsed = parse_address(text)
    assert isinstance(parsed, BadAddress) or "@" not in parsed.name


def test_a_long_name_costs_no_time() -> None:
    name = '"' + "\\ " * 100_000
    assert parse_address(f"{name} <kim@example.com>") == Address("kim@example.com", name.strip())
