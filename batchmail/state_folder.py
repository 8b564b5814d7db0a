"""Where a program keeps what it has to remember for one account: beside no job, and no loss if it is gone."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def state_folder(
    environment: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    home: Callable[[], Path] = Path.home,
) -> Path | None:
    """The folder of this account, which may not be there yet; None where nobody knows of one.

    Linux and others: XDG Base Directory Specification, which wants relative paths ignored. macOS: the system's own
    folder, where that does not say otherwise. Windows: the folder that does not wander to other machines.
    """
    named = Path(environment.get("LOCALAPPDATA" if platform == "win32" else "XDG_STATE_HOME", ""))
    if named.is_absolute():
        return named / "batchmail"
    try:
        return home() / _USUAL.get(platform, Path(".local", "state")) / "batchmail"
    except RuntimeError:  # an account without a home
        return None


_USUAL = {"win32": Path("AppData", "Local"), "darwin": Path("Library", "Application Support")}
