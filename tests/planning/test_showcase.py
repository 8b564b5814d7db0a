"""A few rows stand for all: whatever any row shows, one of them shows too."""

from hypothesis import given
from hypothesis import strategies as st

from batchmail.message import Address, Message
from batchmail.planning.showcase import Showcase, Shown, scripts
from batchmail.row import Row

BRANCHES = st.frozensets(st.sampled_from([f"body.html:{line} if" for line in range(12)]))


def message(body: str = "text") -> Message:
    return Message((Address("kim@example.com"),), "Hello", body)


def chosen(*rows: tuple[str, frozenset[str]]) -> tuple[Shown, ...]:
    showcase = Showcase([0])
    for position, (text, branches) in enumerate(rows, 1):
        showcase.look(Row(position, position + 1, (text,)), message(text), branches)
    return showcase.shown()


@given(st.lists(BRANCHES, min_size=1, max_size=60))
def test_every_branch_that_any_row_takes_is_shown(taken: list[frozenset[str]]) -> None:
    shown = chosen(*(("x", branches) for branches in taken))
    seen = frozenset().union(*(taken[each.row.position - 1] for each in shown))
    assert seen == frozenset().union(*taken)
    assert len(shown) <= 12 + 2
    assert [each.row.position for each in shown] == sorted(each.row.position for each in shown)


@given(st.lists(BRANCHES, min_size=1, max_size=30))
def test_every_row_that_is_shown_has_a_reason(taken: list[frozenset[str]]) -> None:
    assert all(each.why for each in chosen(*(("x", branches) for branches in taken)))


def test_one_row_that_shows_all_is_enough() -> None:
    rows = [("x", frozenset({"a"})), ("x", frozenset({"b"})), ("x", frozenset({"a", "b"}))]
    assert [each.row.position for each in chosen(*rows) if each.why != ("longest",)] == [3]


def test_the_longest_the_blankest_and_the_scripts_are_shown() -> None:
    nothing: frozenset[str] = frozenset()
    rows = [("short", nothing), ("", nothing), ("a long one", nothing), ("김민수", nothing), ("髙橋", nothing)]
    assert {each.row.texts[0]: each.why for each in chosen(*rows)} == {
        "": ("most blank cells",),
        "a long one": ("longest",),
        "김민수": ("Hangul",),
        "髙橋": ("Han characters",),
    }


def test_rows_that_are_all_alike_are_shown_by_one() -> None:
    (only,) = chosen(*[("x", frozenset[str]())] * 100)
    assert (only.row.position, only.why) == (1, ("first", "longest"))


def test_no_rows_show_nothing() -> None:
    assert chosen() == ()


def test_letters_and_signs_are_known_by_their_script() -> None:
    assert scripts("Kim 1º é 김 カ → 😀") == {"Latin with accents", "Hangul", "Katakana", "other characters"}
    assert scripts("plain") == set()
