"""The zip archive that a workbook is, with limits on what comes out of it (ECMA-376 part 2)."""

import posixpath
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO
from xml.parsers.expat import ExpatError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from batchmail import rules
from batchmail.finding import Finding
from batchmail.location import Location, TextLocation
from batchmail.recipients.base import SheetBroken
from batchmail.recipients.xml_stream import XmlRefused, elements
from batchmail.wording import shown

#: Everything in a workbook together, unpacked.
MOST_BYTES = 256_000_000
#: How many bytes one packed byte may become, once the first FREE_BYTES are out.
MOST_GROWTH = 100
FREE_BYTES = 10_000_000
#: The parts of a workbook beside its sheets and texts are small; this many bytes are room for all that Excel permits.
MOST_BYTES_OF_A_PART = 32_000_000
#: The list of the parts at the archive's end.
MOST_BYTES_OF_THE_LIST = 4_000_000

_END_RECORD = b"PK\x05\x06"
_LARGE_END_RECORD = b"PK\x06\x06"
_IN_LARGE_RECORD = 0xFFFF_FFFF
_LONGEST_END = 65_536 + 22 + 20 + 56
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 1
_UNPROTECT = "Remove the password in the spreadsheet program (File, Info), and save it as .xlsx."
_SHRINK = "Keep the worksheet and the rows that the mails need, or save the sheet as CSV."


@dataclass(frozen=True, slots=True)
class Relation:
    """What one part says of another: the kind of the relation (`worksheet`) and the other's name."""

    kind: str
    part: str


class Package:
    """The parts of an opened workbook. Their names are compared as spreadsheet programs do, without case."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._parts = {_normal(info.filename): info for info in archive.infolist()}

    def open(self, part: str) -> IO[bytes]:
        """A part's bytes, in flat memory. Raises XmlRefused where there is no such part."""
        return self._archive.open(self._info(part))

    def elements(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The elements of a small part. Raises XmlRefused where it is too large."""
        if self._info(part).file_size > MOST_BYTES_OF_A_PART:
            raise XmlRefused(f"{shown(part)} has more than {MOST_BYTES_OF_A_PART:,} bytes", _SHRINK)
        with self.open(part) as source:
            yield from elements(source)

    def relations(self, part: str) -> Mapping[str, Relation]:
        """The relations of a part to others in the workbook, by their ids; those of the whole for an empty name."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if _normal(listed) not in self._parts:
            return {}
        return {
            attributes.get("Id", ""): Relation(
                attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/"),
            )
            for name, attributes in self.elements(listed)
            if name == "Relationship" and attributes.get("TargetMode") != "External"
        }

    def _info(self, part: str) -> ZipInfo:
        info = self._parts.get(_normal(part))
        if info is None:
            raise XmlRefused(f"its part {shown(part)} is missing")
        return info


@contextmanager
def package(file: BinaryIO, path: Path) -> Iterator[Package]:
    """The parts of a workbook file. Raises SheetBroken for whatever is wrong with it while it is being read."""
    start = file.read(len(_OLE))
    if start == _OLE:
        raise SheetBroken(
            broken(path, XmlRefused("it is protected by a password, or an old .xls workbook", _UNPROTECT))
        )
    if start[:2] != b"PK":
        raise SheetBroken(broken(path, XmlRefused("it is no workbook, whatever its name says")))
    try:
        _check_list(file)
        with ZipFile(file) as archive:
            _check_sizes(archive.infolist())
            yield Package(archive)
    except XmlRefused as refused:
        raise SheetBroken(broken(path, refused)) from None
    except ExpatError:
        raise SheetBroken(broken(path, XmlRefused("one of its parts is not XML, or is cut off"))) from None
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError):
        raise SheetBroken(broken(path, XmlRefused("it is damaged or incomplete"))) from None


def broken(path: Path, refused: XmlRefused, where: Location | None = None) -> Finding:
    """The finding for a workbook that cannot be read, at the file itself where nothing nearer is known."""
    message = f"`{shown(path.name)}` cannot be read: {refused}"
    return rules.SHEET_BROKEN.finding(message, where or TextLocation(path), refused.hint)


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _check_list(file: BinaryIO) -> None:
    """The list of parts is read into memory as a whole; its size stands at the archive's end (APPNOTE 4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(size - _LONGEST_END, 0))
    tail = file.read()
    end = tail.rfind(_END_RECORD)
    listed = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if listed == _IN_LARGE_RECORD:
        large = tail.rfind(_LARGE_END_RECORD, 0, end)
        listed = int.from_bytes(tail[large + 40 : large + 48], "little") if large >= 0 else 0
    if listed > MOST_BYTES_OF_THE_LIST:
        raise XmlRefused("it has too many parts", _SHRINK)
    file.seek(0)


def _check_sizes(parts: list[ZipInfo]) -> None:
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise XmlRefused("it is protected by a password", _UNPROTECT)
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise XmlRefused("it is packed in a way that workbooks are not")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if unpacked > MOST_BYTES:
        raise XmlRefused(f"unpacked it has more than {MOST_BYTES // 1_000_000} MB, the limit", _SHRINK)
    if unpacked - FREE_BYTES > packed * MOST_GROWTH:
        raise XmlRefused(f"unpacked it grows more than {MOST_GROWTH} times, the limit", _SHRINK)
