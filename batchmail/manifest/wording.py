"""How findings about a manifest name what they speak of."""

import re

from batchmail import wording
from batchmail.manifest.tree import Node, in_workbook

_WORD = re.compile(r"[\w-]+")


def named(node: Node, *more: str) -> str:
    """A value by its keys: `message.attachments[0].path`; in a workbook as its rows call it."""
    if in_workbook(node):
        name = row_key(node, *more)
        return f"`{name}`" if name else "the job"
    name = "".join(_step(part) for part in (*node.route, *more)).removeprefix(".")
    return f"`{name}`" if name else "the manifest"


def row_key(node: Node, *more: str) -> str:
    """The key of a row in a workbook, for a node or keys below it: `message.attachments.1.path`."""
    return ".".join(filter(None, (shown(node.name), *more)))


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
