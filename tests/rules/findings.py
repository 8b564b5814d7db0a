"""The findings of a plan, one a line, with places relative to the job's folder."""

import json
from pathlib import Path
from typing import Any

from tests.program.office import captured


def findings_of(folder: Path) -> list[str]:
    """`rule severity place` of every finding, in order of the alphabet."""
    ended = captured("plan", str(folder / "job.yaml"), "--format", "json")
    found = json.loads(ended.out)["findings"]
    return sorted({f"{each['rule']} {each['severity']} {_place(folder, each)}" for each in found})


def _place(folder: Path, finding: dict[str, Any]) -> str:
    path = Path(finding["path"]).relative_to(folder).as_posix()
    if finding["sheet"]:
        return f"{path} › {finding['sheet']}" + (f"!{finding['cell']}" if finding["cell"] else "")
    return ":".join(str(part) for part in (path, finding["line"], finding["column"]) if part is not None)
