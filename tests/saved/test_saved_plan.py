"""A saved plan gives back what it was made of, and tells exactly the rows that differ."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from batchmail.delivery import Candidate, Mailing
from batchmail.message import Attachment, Message
from batchmail.saved import KeptFile, Origin, PlanDraft, Role, RowChange, SavedPlan, is_saved_plan

Rows = dict[str, tuple[str, bytes]]

KEYS = st.sampled_from(["1", "2", "김", "a'b", "NULL", ""])
ROWS = st.dictionaries(KEYS, st.tuples(st.sampled_from(["a@x", "b@x"]), st.sampled_from([b"one", b"two"])), max_size=6)


def candidates(rows: Rows) -> Iterable[Candidate]:
    for position, (key, (to, content)) in enumerate(rows.items(), 1):
        yield Candidate(position, key, (to,), content, b"")


def is_spared(row: Candidate) -> bool:
    return row.skip == "unsubscribed"


def told(plan: SavedPlan, rows: Iterable[Candidate]) -> list[RowChange]:
    with plan.compared(rows, is_spared) as comparison:
        return list(comparison.changes())


def origin(folder: Path) -> Origin:
    return Origin(
        folder / "job.yaml",
        Mailing("job", "김"),
        folder / "journal.db",
        "00ff",
        "01",
        "02",
        "2026-10-31T09:00:00+09:00",
        "1.0",
        ("a-rule", "b-rule"),
    )


def saved(folder: Path, rows: Iterable[Candidate], *files: KeptFile, messages: Iterable[Message] = ()) -> SavedPlan:
    path = folder / "plan"
    with PlanDraft.opened(path) as draft:
        for message in messages:
            draft.look(message)
        draft.save(origin(folder), files, rows, is_spared)
    return SavedPlan(path)


def test_what_a_plan_was_made_of_comes_back(tmp_path: Path) -> None:
    sheet = KeptFile(tmp_path / "people.csv", Role.SHEET, "aa")
    file = Attachment(tmp_path / "김.pdf", "x.pdf", "application/pdf", 1, "bb")
    message = Message((), "Hello", "", attachments=(file, file))
    with closing(saved(tmp_path, (), sheet, messages=[message, message])) as plan:
        assert plan.origin == origin(tmp_path)
        assert list(plan.files(Role.SHEET)) == [sheet]
        assert list(plan.files(Role.ATTACHMENT)) == [KeptFile(tmp_path / "김.pdf", Role.ATTACHMENT, "bb")]
        assert list(plan.files(Role.MANIFEST)) == []


@given(ROWS, ROWS)
def test_exactly_the_rows_that_differ_are_told(before: Rows, now: Rows) -> None:
    with TemporaryDirectory() as folder, closing(saved(Path(folder), candidates(before))) as plan:
        changes = {change.key: change for change in told(plan, candidates(now))}
    assert changes.keys() == {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
    for key, change in changes.items():
        (was, old), (becomes, new) = before.get(key, ("", b"")), now.get(key, ("", b""))
        both = key in before and key in now
        assert change == RowChange(key, (was,) * (key in before), (becomes,) * (key in now), both and old != new)


def test_rows_that_are_left_out_are_no_part_of_a_plan(tmp_path: Path) -> None:
    left_out = Candidate(2, "2", ("b@x",), b"two", b"", skip="suppressed")
    with closing(saved(tmp_path, [*candidates({"1": ("a@x", b"one")}), left_out])) as plan:
        assert told(plan, candidates({"1": ("a@x", b"one")})) == []


def test_rows_that_are_left_out_are_compared_but_for_those_that_somebody_unsubscribed_from(tmp_path: Path) -> None:
    one, two, three = (Candidate(n, str(n), (f"{n}@x",), b"", b"", skip="left out by where") for n in (1, 2, 3))
    before = [one, two, three._replace(skip="unsubscribed")]
    for now, others in [
        (before, False),
        ([one, two._replace(skip="unsubscribed"), before[2]], False),
        ([one, two], False),
        ([one, two._replace(skip="the same mail twice")], True),
        ([one, before[2]], True),
        ([one, two, three], True),
        ([one, two._replace(to=("4@x",)), before[2]], True),
    ]:
        with closing(saved(tmp_path, before)) as plan, plan.compared(now, is_spared) as comparison:
            assert (list(comparison.changes()), comparison.leaves_out_others()) == ([], others)


def test_whoever_has_unsubscribed_since_makes_no_plan_stale(tmp_path: Path) -> None:
    (row,) = candidates({"1": ("a@x", b"one")})
    with closing(saved(tmp_path, [row])) as plan:
        assert told(plan, [row._replace(content=b"", skip="unsubscribed")]) == []
    with closing(saved(tmp_path, [row])) as plan:
        assert [change.key for change in told(plan, [row._replace(content=b"", skip="left out by where")])] == ["1"]


def test_thousands_of_rows_are_compared_in_the_order_of_the_sheet(tmp_path: Path) -> None:
    rows: Rows = {f"{n:05}": ("a@x", b"one") for n in range(2_500)}
    with closing(saved(tmp_path, candidates(rows))) as plan:
        rows |= {"02001": ("a@x", b"two"), "00007": ("b@x", b"one")}
        assert [change.key for change in told(plan, candidates(rows))] == ["00007", "02001"]


def test_a_draft_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    with PlanDraft.opened(tmp_path / "plan"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_no_plans(tmp_path: Path) -> None:
    other = tmp_path / "file"
    for content in (b"", b"version: 1", b"SQLite format 3\0" + bytes(84)):
        other.write_bytes(content)
        assert not is_saved_plan(other)
    assert not is_saved_plan(tmp_path)
    assert not is_saved_plan(tmp_path / "nothing")
