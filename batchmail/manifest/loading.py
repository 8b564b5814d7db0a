"""From the file, or a workbook's rows, to the job: every fault that a manifest has, in one pass."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from batchmail import rules
from batchmail.finding import Findings, Severity
from batchmail.job import Job, ProviderShape, UnusableProvider
from batchmail.location import TextLocation
from batchmail.manifest.cells import compose_cells
from batchmail.manifest.decode import decode
from batchmail.manifest.faults import carried
from batchmail.manifest.files import check_sheet, decode_text, read_bytes
from batchmail.manifest.job_sheet import JobSheet
from batchmail.manifest.nodes import compose
from batchmail.manifest.schema import Manifest
from batchmail.manifest.shape import manifest_type
from batchmail.manifest.source import Source
from batchmail.manifest.tree import Mapping as Keys
from batchmail.manifest.tree import Node, Scalar


def load(path: Path, shapes: Mapping[str, ProviderShape | UnusableProvider], findings: Findings) -> Job | None:
    """The job that a manifest declares, as far as it can be made out. Its faults are findings, whatever the file holds.

    A key that may be left out and has a faulty value is treated as left out, so that sheet and templates can be checked
    in the same pass; the job is then not to be sent (`findings.blocking`). None where a fault leaves open which mailing
    it is, who gets it or through whom. `shapes` are the providers that there are; of those, only the one that the
    manifest names is asked for, or all where it names none of them.
    """
    content = read_bytes(path, findings)
    source = None if content is None else decode_text(path, content, findings)
    if content is None or source is None:
        return None
    root = _compose(source, findings)
    if root is None:
        return None
    return _job(path, root, sha256(content).digest(), shapes, findings)


def load_sheet(
    sheet: JobSheet, shapes: Mapping[str, ProviderShape | UnusableProvider], findings: Findings
) -> Job | None:
    """The job that the rows of a worksheet declare; as `load` in all else. Raises what reading the rows raises."""
    composed = compose_cells(sheet, findings)
    if composed is None:
        return None
    root, digest = composed
    return _job(sheet.where.path, root, digest, shapes, findings)


def _job(
    path: Path,
    root: Node,
    digest: bytes,
    shapes: Mapping[str, ProviderShape | UnusableProvider],
    findings: Findings,
) -> Job | None:
    manifest = _validate(root, shapes, findings)
    found = check_sheet(path.parent, root, findings)
    return decode(path, manifest, root, digest) if manifest and found else None


def _validate(
    root: Node, shapes: Mapping[str, ProviderShape | UnusableProvider], findings: Findings
) -> Manifest | None:
    try:
        return manifest_type(shapes, _kinds(root)).model_validate(root, context=findings)
    except ValidationError as error:
        for finding in carried(error):
            findings.add(finding)
        return None


def _kinds(root: Node) -> tuple[str, ...]:
    """The kind of provider that a manifest names, if it names one."""
    provider = root.entries.get("provider") if isinstance(root, Keys) else None
    kind = provider.entries.get("kind") if isinstance(provider, Keys) else None
    return (kind.text,) if isinstance(kind, Scalar) else ()


def _compose(source: Source, findings: Findings) -> Node | None:
    errors = findings.severity(Severity.ERROR)
    root = compose(source, findings)
    empty = root is None or (isinstance(root, Scalar) and root.nothing)
    if empty and findings.severity(Severity.ERROR) == errors:
        where = TextLocation(source.path, 1, 1)
        hint = "Take one of the examples, or begin with `version: 1` and `name:`."
        findings.add(rules.MANIFEST_MISSING_KEY.finding("the manifest is empty", where, hint))
    return None if empty else root
