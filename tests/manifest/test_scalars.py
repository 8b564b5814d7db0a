"""A scalar means what its field says, and never what YAML would guess."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchmail.job import SendSpec
from batchmail.rate import Rate
from tests.manifest.desk import MINIMAL, Desk

#: What YAML 1.1 takes for false, an octal number, a date, a number in base 60, a float, nothing in particular.
GUESSED = [
    "no",
    "off",
    "true",
    "01234",
    "0x1F",
    "2026-10",
    "2026-10-31",
    "1:30",
    "1_000",
    "1e3",
    ".5",
    ".inf",
    "=",
    "y",
]


@pytest.mark.parametrize("text", GUESSED)
def test_a_text_arrives_as_it_was_written(desk: Desk, text: str) -> None:
    job = desk.load(
        MINIMAL.replace("Hello", text).replace("  file:", f"  sheet: {text}\n  key: [{text}]\n  file:")
        + f"edition: {text}\n"
    ).whole
    assert job.mailing.edition == text
    assert job.message.subject.text == text
    assert (job.recipients.sheet, job.recipients.key) == (text, (text,))


def test_the_escapes_of_json_are_read_as_json_means_them(desk: Desk) -> None:
    assert desk.with_lines("message", r'userName: "\ud83d\udce7"').whole.message.user_name is not None
    assert desk.with_lines("recipients", r'key: "\ud83d\udce7"').whole.recipients.key == ("📧",)


@pytest.mark.parametrize("text", ["no", "1:30", "2026-10"])
def test_a_column_s_name_arrives_as_it_was_written(desk: Desk, text: str) -> None:
    fields = desk.with_lines("recipients", f"fields: {{{text}: {{type: integer}}}}").whole.recipients.fields
    assert list(fields) == [text]


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_every_text_in_double_quotes_arrives_unchanged(lasting_desk: Desk, text: str) -> None:
    quoted = json.dumps(text)
    job = lasting_desk.load(f"{MINIMAL}  userName: {quoted}\n  body: {quoted}\n").whole
    assert job.message.user_name is not None
    assert job.message.user_name.text == text


@settings(deadline=None)
@given(text=st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60))
def test_every_printable_text_in_single_quotes_arrives_unchanged(lasting_desk: Desk, text: str) -> None:
    quoted = text.replace("'", "''")
    job = lasting_desk.load(f"{MINIMAL}  userName: '{quoted}'\n").whole
    assert job.message.user_name is not None
    assert job.message.user_name.text == text


@settings(deadline=None)
@given(number=st.integers(-(10**20), 10**20))
def test_a_number_is_read_exactly_or_told_to_be_out_of_range(lasting_desk: Desk, number: int) -> None:
    loaded = lasting_desk.with_lines("send", f"combine: {number}")
    if 1 <= number <= 1000:
        assert loaded.whole.send == SendSpec(combine=number)
    else:
        assert loaded.faults == ["11:12 manifest-bad-value"]


@settings(deadline=None)
@given(count=st.integers(1, 10**9 - 1), unit=st.sampled_from([("s", 1), ("min", 60), ("h", 3600), ("day", 86400)]))
def test_a_rate_is_a_number_in_a_time(lasting_desk: Desk, count: int, unit: tuple[str, int]) -> None:
    job = lasting_desk.with_lines("send", f"rate: {count}/{unit[0]}").whole
    assert job.send.rates == (Rate(count, unit[1]),)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120s", 120.0), ("2min", 120.0), ("500ms", 0.5), ("0.5s", 0.5), ("1.5min", 90.0), ("1ms", 0.001)],
)
def test_a_time_is_read_in_seconds(desk: Desk, text: str, seconds: float) -> None:
    assert desk.with_lines("send", f"timeout: {text}").whole.send.timeout_seconds == seconds


@pytest.mark.parametrize("text", ["120 s", "2m", "1h", "2 min", "-1s", "1,5s", "s", "9999999999s", "0.0ms", "٢s"])
def test_other_times_are_told(desk: Desk, text: str) -> None:
    assert desk.with_lines("send", f'timeout: "{text}"').faults == ["11:12 manifest-bad-value"]


@pytest.mark.parametrize("text", ["200 / min", "1.5/s", "-1/s", "200/minute", "/s", "5/", "5/S", "٢/s", "01/s"])
def test_other_rates_are_told(desk: Desk, text: str) -> None:
    assert desk.with_lines("send", f'rate: "{text}"').faults == ["11:9 manifest-bad-value"]


@pytest.mark.parametrize("encoding", ["auto", "utf-8", "UTF-8", "cp932", "cp949", "shift_jis", "euc-kr", "utf-16"])
def test_an_encoding_is_any_that_python_reads_text_with(desk: Desk, encoding: str) -> None:
    assert desk.with_lines("recipients", f"encoding: {encoding}").whole.recipients.encoding == encoding


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".CSV", ".Xlsx", ".tsv", ".jsonl", ".xlsm"])
def test_a_sheet_s_suffix_may_be_in_capitals(desk: Desk, suffix: str) -> None:
    desk.write(f"list{suffix}", "email\n")
    assert desk.load(MINIMAL.replace("people.csv", f"list{suffix}")).whole.recipients.file.name == f"list{suffix}"


def test_a_file_may_have_a_name_in_any_script(desk: Desk) -> None:
    name = "請求　一覧 (10月).csv"
    desk.write(name, "email\n")
    assert desk.load(MINIMAL.replace("people.csv", name)).whole.recipients.file.name == name


def test_a_subject_may_be_blank_and_is_judged_later(desk: Desk) -> None:
    assert desk.load(MINIMAL.replace("Hello", "''")).whole.message.subject.text == ""


def test_null_in_quotes_is_a_word(desk: Desk) -> None:
    assert desk.with_lines("recipients", 'sheet: "null"').whole.recipients.sheet == "null"
