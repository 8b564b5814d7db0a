"""The findings of a job, one a line, with places relative to its folder."""

from pathlib import Path
from typing import Any

from batchmail.cli import ending
from tests.program.office import captured
from tests.rules.case import PLAN, job_of


def findings_of(folder: Path) -> list[str]:
    """`rule severity place` of every finding, in order of the alphabet: of a plan, or of sending the saved one."""
    saved = folder / PLAN
    command = ["send", str(saved), "--yes"] if saved.exists() else ["plan", str(job_of(folder))]
    ended = captured(*command, "--format", "json")
    found = ended.document.get("findings", [])
    assert found or ended.code == ending.DONE, ended.err
    return sorted({f"{each['rule']} {each['severity']} {_place(folder, each)}" for each in found})


def _place(folder: Path, finding: dict[str, Any]) -> str:
    path = Path(finding["path"]).relative_to(folder).as_posix()
    if finding["sheet"]:
        return f"{path} › {finding['sheet']}" + (f"!{finding['cell']}" if finding["cell"] else "")
    return ":".join(str(part) for part in (path, finding["line"], finding["column"]) if part is not None)
