"""Dotted keys of a worksheet: `message.attachments.1.path`; `recipients.fields."Nr. 1".type` has a dot in a name."""

import re

Step = str | int

#: Longer than any key with a column's name in it.
_LONGEST = 1_000
_NUMBER = re.compile(r"[0-9]{1,6}")
_STEP = re.compile(r'\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>[^."]*[^."\s]))\s*(?:\.|$)')


def steps_of(key: str) -> tuple[Step, ...] | None:
    """The way that a key goes, a number for a place in a list; None where it is no key."""
    if len(key) > _LONGEST:
        return None
    steps: list[Step] = []
    at = 0
    while at < len(key):
        found = _STEP.match(key, at)
        if not found:
            return None
        bare = found["bare"]
        steps.append(found["quoted"] if bare is None else int(bare) if _NUMBER.fullmatch(bare) else bare)
        at = found.end()
    return tuple(steps) if steps and not key.endswith(".") else None


def dotted(steps: tuple[Step, ...]) -> str:
    """The key of a way, as it is written."""
    return ".".join(map(_written, steps))


def _written(step: Step) -> str:
    match step:
        case int():
            return str(step)
        case _ if "." in step or _NUMBER.fullmatch(step):
            return f'"{step}"'
        case _:
            return step
