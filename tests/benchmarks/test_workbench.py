import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import measured
from tests.benchmarks.figures import Measured, Unmeasured
from tests.benchmarks.measure import ChildFailed, run
from tests.benchmarks.rows.latency import mails_of
from tests.benchmarks.table import Row
from tests.benchmarks.workbench import FEWEST_ROWS, Unavailable, Workbench, in_turns, needs

ROW = Row("row", "", (), 10_000)


def test_contestants_take_turns() -> None:
    order: list[str] = []

    def contestant(name: str) -> int:
        order.append(name)
        return len(order)

    ours, theirs = in_turns(3, lambda: contestant("ours"), lambda: contestant("theirs"))
    assert order == ["ours", "theirs"] * 3
    assert (ours, theirs) == ((1, 3, 5), (2, 4, 6))


def test_a_scaled_down_job_has_fewer_rows_but_some(tmp_path: Path) -> None:
    assert Workbench(tmp_path).rows(ROW) == 10_000
    assert Workbench(tmp_path, scale=0.1).rows(ROW) == 1_000
    assert Workbench(tmp_path, scale=1e-9).rows(ROW) == FEWEST_ROWS


def test_long_rows_have_one_run(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, runs=5)
    assert bench.runs_of(ROW) == 5
    assert bench.runs_of(Row("long", "", (), 1, long=True)) == 1


def test_a_job_has_a_folder_until_it_has_run(tmp_path: Path) -> None:
    with Workbench(tmp_path).job_folder() as folder:
        (folder / "journal").write_bytes(b"")
    assert not folder.exists()


def test_a_child_that_fails_tells_its_last_words() -> None:
    with pytest.raises(ChildFailed, match=r"ended with 3: .*no such mail server"):
        run([sys.executable, "-c", "import sys; print('no such mail server', file=sys.stderr); sys.exit(3)"])


def test_a_child_is_watched() -> None:
    ended = run([sys.executable, "-c", "x = b'x' * 300_000_000"])
    assert ended.seconds > 0
    assert ended.peak_bytes is None or ended.peak_bytes > 300_000_000


def test_a_missing_package_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(Unavailable, match=r"no_such_peer is not installed: .*bench"):
        needs("no_such_peer")


@pytest.mark.parametrize(("trouble", "failed"), [(Unavailable("no peer"), False), (ChildFailed("no peer"), True)])
def test_a_row_that_cannot_be_measured_keeps_no_other_from_it(
    tmp_path: Path, trouble: Exception, *, failed: bool
) -> None:
    def measurement(bench: Workbench, row: Row) -> Measured:
        del bench, row
        raise trouble

    assert measured(Workbench(tmp_path), ROW, {ROW.id: measurement}) == Unmeasured("no peer", failed)


def test_a_point_of_the_curve_takes_full_rounds_of_some_seconds() -> None:
    assert mails_of(1280, 64, 3) == 3840
    assert mails_of(5, 1, 3) == 15
    assert mails_of(1, 256, 3) == 512
