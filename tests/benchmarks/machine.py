"""What the figures were measured on."""

import os
import platform
from importlib.metadata import distributions
from pathlib import Path


def machine() -> dict[str, object]:
    """The system, the processors and the versions of everything that is installed."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "processors": usable,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": dict(sorted((each.name, each.version) for each in distributions())),
    }


def _processor() -> str:
    """The processor's name, where Linux tells it; the kind of machine elsewhere."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
