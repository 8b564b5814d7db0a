"""The files around a manifest: its own bytes, and whether the sheet that it names is there."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from batchmail import rules
from batchmail.finding import Finding, Findings
from batchmail.location import Location, TextLocation
from batchmail.manifest.paths import may_be_path
from batchmail.manifest.source import Source
from batchmail.manifest.tree import Mapping, Node, Scalar, Sequence
from batchmail.manifest.wording import named, shown
from batchmail.wording import nearest

#: A manifest of ten thousand lines is far below; a larger one is hardly a manifest.
MAX_BYTES = 1_000_000
#: So many names of a folder are looked at for one that may have been meant.
_NAMES_LOOKED_AT = 10_000

#: A folder's name is cut only where nobody would read it to its end.
_PATH_CHARACTERS = 300

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(path: Path, findings: Findings) -> bytes | None:
    """The manifest's bytes, or None where they cannot be had or are too many."""
    where = TextLocation(path)
    fault = _file_fault(path, path, where)
    if fault:
        findings.add(fault)
        return None
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        findings.add(_unreadable(path, where, error))
        return None
    if len(content) > MAX_BYTES:
        message = f"more than {MAX_BYTES:,} bytes, which no manifest may have"
        findings.add(rules.MANIFEST_LIMITS.finding(message, where, "Put lists of people into a sheet."))
        return None
    return content


def decode_text(path: Path, content: bytes, findings: Findings) -> Source | None:
    """The manifest's text, or None where it is not UTF-8. A byte order mark is no part of it."""
    if content.startswith(_UTF_16):
        where = TextLocation(path, 1, 1)
        findings.add(rules.FILE_UNREADABLE.finding("the file is UTF-16, not UTF-8", where, "Save it as UTF-8."))
        return None
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return Source(path, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        where = Source(path, before).place(len(before))
        message = f"the file is not UTF-8: here is the byte 0x{content[error.start]:02X}"
        findings.add(rules.FILE_UNREADABLE.finding(message, where, "Save it as UTF-8."))
        return None


def check_sheet(folder: Path, root: Node, findings: Findings) -> bool:
    """Whether the sheets that the manifest names are there; files that are not, suppression lists too, are told."""
    missing = list(_missing(folder, _value(root, "recipients", "file")))
    for fault in (*missing, *_missing(folder, _value(root, "recipients", "suppress"))):
        findings.add(fault)
    return not missing


def _missing(folder: Path, node: Node | None) -> Iterator[Finding]:
    for file in _scalars(node):
        fault = _file_fault(folder / file.text, Path(file.text), file.where, file)
        if fault:
            yield fault


def _value(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.entries.get(key) if isinstance(node, Mapping) else None
    return node


def _scalars(node: Node | None) -> Iterator[Scalar]:
    """The texts at a node that could be paths."""
    nodes: Iterable[Node | None] = node.items if isinstance(node, Sequence) else [node]
    return (each for each in nodes if isinstance(each, Scalar) and not each.nothing and may_be_path(each.text))


def _file_fault(path: Path, written: Path, where: Location, value: Scalar | None = None) -> Finding | None:
    """Why a path is no file that can be read, or None where it is one."""
    subject = f"{named(value)}: " if value else ""
    text = shown(str(written)) if value else ""
    try:
        if path.is_file():
            return None
        if path.exists():
            what = "is a folder" if path.is_dir() else "is no file"
            message = f"{subject}`{shown(written.as_posix())}` {what}"
            return rules.FILE_UNREADABLE.finding(message, where, "Name a file.", text=text)
    except OSError as error:
        return _unreadable(path, where, error)
    message = f"{subject}`{shown(written.as_posix())}` is not there"
    return rules.FILE_MISSING.finding(message, where, _missing_hint(path), text=text)


def _missing_hint(path: Path) -> str:
    folder = path.parent
    try:
        names = [each.name for each in islice(folder.iterdir(), _NAMES_LOOKED_AT)]
    except OSError:
        return f"The folder {_full(folder)} is not there."
    close = nearest(path.name, names)
    if close:
        return f"Did you mean `{shown(close)}`? Looked in {_full(folder)}."
    return f"Looked in {_full(folder)}."


def _full(folder: Path) -> str:
    return shown(folder.absolute().as_posix(), _PATH_CHARACTERS)


def _unreadable(path: Path, where: Location, error: OSError) -> Finding:
    reason = error.strerror or type(error).__name__
    message = f"`{shown(path.as_posix())}` cannot be read: {reason}"
    return rules.FILE_UNREADABLE.finding(message, where, "Check its name and rights.", text=shown(str(path)))
