"""What the figures were measured on."""

import os
import platform
from importlib.metadata import distributions
from pathlib import Path


def machine() -> dict[str, object]:
    """The system, the processors and the versions of everything that is installed."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "processors": processors(),
        "load": load(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": dict(sorted((each.name, each.version) for each in distributions())),
    }


def processors() -> int:
    """How many of them this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux, where a container may have fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def most_workers() -> int:
    """How many worker processes have a processor of their own beside the run itself; 1 at least."""
    return max(1, processors() - 1)


def load() -> float | None:
    """How many processes wanted a processor, on average of the last minute; None where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def busy_warning(wanted: float | None, usable: int) -> str:
    """What is said where others keep the machine busy; nothing where it is at rest, or nobody knows."""
    if wanted is None or wanted < usable / 2:
        return ""
    return f"!!! This machine has other things to do (load {wanted:.1f}, {usable} processors): figures will be off."


def _processor() -> str:
    """The processor's name, where Linux tells it; the kind of machine elsewhere."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
