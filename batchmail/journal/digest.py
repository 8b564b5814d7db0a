"""What stands for all rows of a plan, the same for every kind of journal."""

import json
from collections.abc import Iterable
from hashlib import sha256
from itertools import islice
from json.encoder import encode_basestring_ascii

#: Rows are hashed in groups of so many; another number gives other digests.
_ROWS_AT_ONCE = 1_000


def addresses_text(to: tuple[str, ...]) -> str:
    """Addresses as one text, a JSON list: what json.dumps gives, in a fifth of its time."""
    return f"[{', '.join(map(encode_basestring_ascii, to))}]"


def rows_digest(rows: Iterable[tuple[str, str, str, str]]) -> bytes:
    """32 bytes for rows of key, addresses (`addresses_text`), content (hex) and skip, in their order."""
    digest = sha256()
    remaining = iter(rows)
    while chunk := list(islice(remaining, _ROWS_AT_ONCE)):
        digest.update(json.dumps(chunk).encode("ascii"))
    return digest.digest()
