"""How findings about a manifest name what they speak of."""

import re

from batchmail import wording
from batchmail.manifest.tree import Node, in_workbook

_WORD = re.compile(r"[\w-]+")


def named(node: Node, *more: str) -> str:
    """A value by its keys: `message.attachments[0].path`; in a workbook as its rows call it."""
    if in_workbook(node):
        name = ".".join(filter(None, (shown(node.name), *more)))
        return f"`{name}`" if name else "the job"
    name = "".join(_step(part) for part in (*node.route, *more)).removeprefix(".")
    return f"`{name}`" if name else "the manifest"


def beside(node: Node, word: str) -> str:
    """The whole key of a workbook's row that stands beside a node's, under the same keys."""
    above = node.name[: -len(str(node.route[-1]))] if node.name.endswith(str(node.route[-1])) else ""
    return f"{above}{word}"


def _step(part: str | int) -> str:
    match part:
        case int():
            return f"[{part}]"
        case str() if _WORD.fullmatch(part):
            return f".{shown(part)}"
        case str():
            return f'["{shown(part)}"]'


def shown(text: str, characters: int = wording.SHOWN_CHARACTERS) -> str:
    """The first line of a text, as messages show it."""
    first, *rest = text.splitlines() or [""]
    begun = wording.shown(first, characters)
    return f"{begun}…" if rest and not begun.endswith("…") else begun
