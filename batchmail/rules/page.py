"""What a rule looks like in practice: lines that break it, the same lines put right, and how to get there."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class RulePage:
    """An example: in `file`, the lines `wrong` break the rule, and `right` stand where they are mended by `mend`.

    `tests/rules/<id>/` has the whole job around these lines, and the places of its findings.
    """

    file: str
    wrong: str
    right: str
    mend: str


def page_of(rule: str) -> RulePage:
    """The page of a rule: every rule has one."""
    with (_FOLDER / f"{rule}.toml").open("rb") as file:
        told = tomllib.load(file)
    return RulePage(told["file"], told["wrong"].strip("\n"), told["right"].strip("\n"), told["mend"].strip())


def explained_rules() -> tuple[str, ...]:
    """The ids of the rules that have a page."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))
