"""Where things are remembered for one account, on every system."""

from pathlib import Path

import pytest

from batchmail.state_folder import state_folder

HOME = Path("/home/kim").absolute()
ELSEWHERE = Path("/elsewhere").absolute()


def nobodys_home() -> Path:
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize(
    ("platform", "usual"),
    [
        ("linux", ".local/state/batchmail"),
        ("freebsd14", ".local/state/batchmail"),
        ("darwin", "Library/Application Support/batchmail"),
        ("win32", "AppData/Local/batchmail"),
    ],
)
def test_without_a_word_it_is_the_usual_folder_of_the_system(platform: str, usual: str) -> None:
    assert state_folder({}, platform, lambda: HOME) == HOME / usual


@pytest.mark.parametrize(
    ("platform", "name"),
    [("linux", "XDG_STATE_HOME"), ("darwin", "XDG_STATE_HOME"), ("win32", "LOCALAPPDATA")],
)
def test_the_environment_may_name_another(platform: str, name: str) -> None:
    assert state_folder({name: str(ELSEWHERE)}, platform, nobodys_home) == ELSEWHERE / "batchmail"
    usual = state_folder({}, platform, lambda: HOME)
    for ignored in ("", "relative/folder"):
        assert state_folder({name: ignored}, platform, lambda: HOME) == usual


def test_an_account_without_a_home_has_none() -> None:
    assert state_folder({}, "linux", nobodys_home) is None


def test_tests_remember_nothing_in_the_account_of_whoever_runs_them() -> None:
    assert state_folder() != state_folder({})
