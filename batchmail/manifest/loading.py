"""From the file to the job: every fault that a manifest has, in one pass."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from batchmail import rules
from batchmail.finding import Findings, Severity
from batchmail.job import Job, ProviderShape
from batchmail.location import TextLocation
from batchmail.manifest.decode import decode
from batchmail.manifest.faults import carried
from batchmail.manifest.files import check_files, decode_text, read_bytes
from batchmail.manifest.nodes import compose
from batchmail.manifest.shape import manifest_type
from batchmail.manifest.source import Source
from batchmail.manifest.tree import Mapping as MappingNode
from batchmail.manifest.tree import Node, Scalar


def load(path: Path, shapes: Mapping[str, ProviderShape], findings: Findings) -> Job | None:
    """The job that a manifest declares, or None where the manifest has errors: each is then a finding.

    `shapes` are the providers that there are, by the word for them in the manifest.
    """
    content = read_bytes(path, findings)
    source = None if content is None else decode_text(path, content, findings)
    if content is None or source is None:
        return None
    errors = findings.severity(Severity.ERROR)
    root = _compose(source, findings)
    manifest = None
    if root is not None:
        try:
            manifest = manifest_type(shapes).model_validate(root, context=findings)
        except ValidationError as error:
            for finding in carried(error):
                findings.add(finding)
        if isinstance(root, MappingNode):
            check_files(path.parent, root, findings)
    if root is None or manifest is None or findings.severity(Severity.ERROR) > errors:
        return None
    return decode(path, manifest, root, sha256(content).digest())


def _compose(source: Source, findings: Findings) -> Node | None:
    errors = findings.severity(Severity.ERROR)
    root = compose(source, findings)
    empty = root is None or (isinstance(root, Scalar) and root.nothing)
    if empty and findings.severity(Severity.ERROR) == errors:
        where = TextLocation(source.path, 1, 1)
        hint = "Begin with `batchmail new`, or take one of the examples."
        findings.add(rules.MANIFEST_MISSING_KEY.finding("the manifest is empty", where, hint))
    return None if empty else root
