"""Secrets: found where the manifest points to, put back there, and told by nobody."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from batchmail.location import TextLocation
from batchmail.secret import Secret, SecretMissing, SecretUnkept
from tests.drawer import CANARY, Drawer

WHERE = TextLocation(Path("job.yaml"), 5, 16)
ENTRY = Secret("keyring", "mail/billing/kim", WHERE)


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """The keyring of this test."""
    with Drawer.opened() as here:
        yield here


def test_a_secret_may_be_in_the_system_s_keyring(drawer: Drawer) -> None:
    drawer.entries["mail", "billing/kim"] = f"{CANARY}\n"
    assert ENTRY.reveal() == CANARY
    ENTRY.replace("newer")
    assert drawer.entries == {("mail", "billing/kim"): "newer"}


def test_an_entry_that_is_not_there_is_told_with_the_command_to_make_it(drawer: Drawer) -> None:
    assert not drawer.entries
    assert ENTRY.find() == ""
    with pytest.raises(SecretMissing, match=r"job\.yaml:5:16: the keyring entry mail/billing/kim is missing") as caught:
        ENTRY.reveal()
    assert "keyring set mail billing/kim" in caught.value.hint


def test_a_locked_keyring_is_told_without_what_it_says(drawer: Drawer) -> None:
    drawer.locked = True
    with pytest.raises(SecretMissing, match=r"cannot be used \(KeyringLocked\)") as missing:
        ENTRY.reveal()
    with pytest.raises(SecretUnkept, match=r"cannot be used \(KeyringLocked\)") as unkept:
        ENTRY.replace(CANARY)
    assert CANARY not in f"{missing.value}{unkept.value}"
    assert "Unlock it" in missing.value.hint


def test_a_machine_without_a_keyring_is_told_so() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # as above
    try:
        with pytest.raises(SecretMissing, match="NoKeyringError") as caught:
            ENTRY.reveal()
    finally:
        keyring.set_keyring(before)
    assert "{env: NAME}" in caught.value.hint


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # as Python itself marks what cannot be imported
    with pytest.raises(SecretMissing, match="the library for keyrings is not installed") as caught:
        ENTRY.reveal()
    assert "pip install 'batchmail[keyring]'" in caught.value.hint


def test_a_secret_file_is_replaced_as_a_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token.txt"
    path.write_text(f"{CANARY}\n", encoding="utf-8")
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    Secret("file", str(link), WHERE).replace("newer")
    assert path.read_text(encoding="utf-8") == "newer\n"
    assert link.is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.txt", "token.txt"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_secret_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    secret = Secret("file", str(tmp_path / "token.txt"), WHERE)
    assert secret.find() == ""
    with pytest.raises(SecretMissing, match=r"token\.txt is missing or empty"):
        secret.reveal()


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_secret_file_that_cannot_be_read_is_told_without_its_content(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "token.txt"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(SecretMissing, match=r"token\.txt cannot be read"):
        Secret("file", str(path), WHERE).find()


def test_a_secret_that_cannot_be_put_back_is_told_and_left_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(SecretUnkept, match="the environment variable TOKEN cannot be replaced"):
        Secret("env", "TOKEN", WHERE).replace(CANARY)
    nowhere = Secret("file", str(tmp_path / "nowhere" / "token.txt"), WHERE)
    with pytest.raises(SecretUnkept, match="cannot be replaced: No such file or directory") as caught:
        nowhere.replace(CANARY)
    assert CANARY not in str(caught.value)
    assert not list(tmp_path.iterdir())
