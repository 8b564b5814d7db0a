"""A workbook without its cells: its worksheets, texts and formats (ECMA-376 part 1)."""

from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from batchmail.location import Location
from batchmail.recipients.cell_format import DEFAULT_FORMAT, CellFormat, cell_formats
from batchmail.recipients.shared_strings import SharedStrings, shared_strings
from batchmail.recipients.sheet_file import FileState, opened
from batchmail.recipients.workbook_package import Package, package
from batchmail.recipients.xml_stream import XmlRefused


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A worksheet: its name, the part with its cells, and whether it is shown."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """What is known of a workbook before any of its cells is read."""

    path: Path
    state: FileState
    digest: str
    worksheets: tuple[Worksheet, ...]
    since_1904: bool
    strings: SharedStrings
    formats: tuple[CellFormat, ...]

    def format_of(self, style: int) -> CellFormat:
        """The format of cells with this style."""
        return self.formats[style] if 0 <= style < len(self.formats) else DEFAULT_FORMAT


def workbook(path: Path, where: Location) -> Workbook:
    """Open a workbook. Raises SheetBroken; `where` is where the file is named."""
    with opened(path, where) as file:
        state = FileState.of(file)
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with package(file, path) as parts:
            made = _read(parts, path, state, digest)
        state.check(file, path)
    return made


def _read(parts: Package, path: Path, state: FileState, digest: str) -> Workbook:
    roots = [relation.part for relation in parts.relations("").values() if relation.kind == "officeDocument"]
    if len(roots) != 1:
        raise XmlRefused("it is no workbook, whatever its name says")
    relations = parts.relations(roots[0])
    worksheets: list[Worksheet] = []
    since_1904 = False
    for name, attributes in parts.elements(roots[0]):
        if name == "workbookPr":
            since_1904 = attributes.get("date1904", "") in ("1", "true", "on")
        elif name == "sheet":
            key = next((value for each, value in attributes.items() if each.endswith(":id")), "")
            relation = relations.get(key)
            if relation and relation.kind == "worksheet":
                visible = attributes.get("state", "visible") == "visible"
                worksheets.append(Worksheet(attributes.get("name", ""), relation.part, visible))
    by_kind = {relation.kind: relation.part for relation in relations.values()}
    return Workbook(
        path,
        state,
        digest,
        tuple(worksheets),
        since_1904,
        _strings(parts, by_kind.get("sharedStrings")),
        cell_formats(parts.elements(by_kind["styles"])) if "styles" in by_kind else (),
    )


def _strings(parts: Package, part: str | None) -> SharedStrings:
    if part is None:
        return SharedStrings()
    with parts.open(part) as source:
        return shared_strings(source)
