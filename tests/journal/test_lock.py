"""One send at a time: who holds a journal, and how it becomes free again."""

import sys
from pathlib import Path
from threading import Thread

import pytest

from batchmail.errors import JournalBusy, JournalUnusable
from batchmail.journal import hold, is_held, open_journal
from tests.journal.child import child, next_line
from tests.journal.desk import MAILING

HOLD = """
import sys
from pathlib import Path
from batchmail.errors import JournalBusy
from batchmail.journal import hold
try:
    with hold(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.readline()
except JournalBusy:
    print("busy", flush=True)
"""


def test_a_journal_is_held_as_long_as_the_send_lasts(path: Path) -> None:
    assert not is_held(path)
    with hold(path):
        assert is_held(path)
        with pytest.raises(JournalBusy, match="another `batchmail send` is using this journal"), hold(path):
            pytest.fail("two sends hold it")
        assert is_held(path)
    assert not is_held(path)
    with hold(path):
        assert is_held(path)


def test_asking_leaves_nothing_behind(path: Path, tmp_path: Path) -> None:
    assert not is_held(path)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_may_be_made_and_closed_while_it_is_held(path: Path) -> None:
    with hold(path):
        open_journal(path, MAILING).close()
        assert is_held(path)


def test_another_process_keeps_us_out_until_it_has_ended(path: Path) -> None:
    with child(HOLD, path) as process:
        assert next_line(process) == "held"
        assert is_held(path)
        with pytest.raises(JournalBusy), hold(path):
            pytest.fail("two sends hold it")
        process.communicate("go on\n")
    assert not is_held(path)


def test_a_killed_process_holds_nothing(path: Path) -> None:
    with child(HOLD, path) as process:
        assert next_line(process) == "held"
        process.kill()
        process.wait()
        assert not is_held(path)
        with hold(path):
            assert is_held(path)


def test_we_keep_another_process_out(path: Path) -> None:
    with hold(path), child(HOLD, path) as process:
        assert next_line(process) == "busy"


def test_an_error_in_the_middle_frees_it(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(path):
        raise ZeroDivisionError
    assert not is_held(path)


def test_whoever_lets_it_go_may_be_another_thread(path: Path) -> None:
    held = hold(path)
    held.__enter__()
    thread = Thread(target=held.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert not is_held(path)


def test_a_look_is_no_send_and_never_keeps_one_from_beginning(path: Path) -> None:
    with hold(path):
        pass
    for _ in range(200):
        thread = Thread(target=is_held, args=(path,))
        thread.start()
        with hold(path):
            pass
        thread.join()


def test_a_folder_that_cannot_be_made_is_told(path: Path) -> None:
    path.parent.write_text("a file stands where the folder should be", encoding="utf-8")
    with pytest.raises(JournalUnusable, match="its folder cannot be made"), hold(path):
        pytest.fail("held nothing")


@pytest.mark.skipif(sys.platform == "win32", reason="a folder is refused in another way there")
def test_a_lock_that_cannot_be_opened_is_told(path: Path) -> None:
    path.with_name(f"{path.name}.lock").mkdir(parents=True)
    with pytest.raises(JournalUnusable, match="its lock file cannot be opened"), hold(path):
        pytest.fail("held nothing")
    with pytest.raises(JournalUnusable, match="its lock file cannot be opened"):
        is_held(path)
