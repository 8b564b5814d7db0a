"""The assertion of a service account: a JWT (RFC 7523), read without a look at its signature.

/en/docs/auth-jwt: RS256, `iss` the client, `sub` the service account, `exp` at most 60 minutes after `iat`. That no key
is checked makes the emulator give tokens that the vendor would not; no mail leaves with them, for none of them sends.
"""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping

LONGEST_SECONDS = 3_600


def is_assertion(text: str, client_id: str, now: float) -> bool:
    """Whether a text is an assertion of a client's service account that holds at `now`, in seconds since 1970."""
    parts = text.split(".")
    if len(parts) != 3 or not parts[2]:  # noqa: PLR2004  header, claims and signature
        return False
    header, claims = _object(parts[0]), _object(parts[1])
    begins, ends = claims.get("iat"), claims.get("exp")
    return (
        header.get("alg") == "RS256"
        and claims.get("iss") == client_id
        and "serviceaccount" in str(claims.get("sub"))
        and isinstance(begins, int | float)
        and isinstance(ends, int | float)
        and begins <= now < ends <= begins + LONGEST_SECONDS
    )


def _object(part: str) -> Mapping[str, object]:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
