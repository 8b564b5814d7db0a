import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchmail.formula import armed, disarmed, disarmed_each, is_formula


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://example.com","click")',
        "=1",
        "+82 10-1234-5678",
        "-2+3",
        "@SUM(1,1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\0=1+1",
        "＝1+1",
        "＋1+1",
        "－1+1",
        "＠SUM(1,1)",
        "--1",
        "-A1",
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_kept_from_it(text: str) -> None:
    assert is_formula(text)
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "김민수",
        "00042",
        "-12.50",
        "+5",
        "-1,234.50",
        "-5%",
        "-.5",
        "+821012345678",
        "-",
        "=",
        "kim@example.com",
        "'",
    ],
)
def test_a_text_that_is_none_stays_as_it_is(text: str) -> None:
    assert disarmed(text) == text


@given(st.text())
@example("'=1")
@example("''=1")
@example("'-5")
@example("'plain")
def test_every_text_comes_back_armed(text: str) -> None:
    assert armed(disarmed(text)) == text


@given(st.text())
def test_no_disarmed_text_is_a_formula(text: str) -> None:
    assert not is_formula(disarmed(text))


@given(st.text(alphabet="'=+-@1", max_size=6))
def test_a_disarmed_text_differs_by_one_apostrophe_at_most(text: str) -> None:
    assert disarmed(text) in {text, f"'{text}"}


@given(st.text() | st.tuples(st.sampled_from(["", "'", "=", "-", "＋", "\0"]), st.text()).map("".join))
def test_a_text_is_disarmed_where_it_is_a_formula_behind_its_apostrophes_and_nowhere_else(text: str) -> None:
    assert (disarmed(text) != text) == is_formula(text.lstrip("'"))


@given(st.lists(st.text(max_size=3) | st.text(alphabet="'=+-@1＝", max_size=3)))
def test_several_texts_are_disarmed_as_each_of_them_would_be(texts: list[str]) -> None:
    assert list(disarmed_each(texts)) == [disarmed(text) for text in texts]
