"""Providers that other processes can have."""

from functools import cached_property


class Portable:
    """An object that can be packed for another process: what it keeps at hand for itself is made anew there."""

    def __getstate__(self) -> dict[str, object]:
        """What is packed: all but what a `cached_property` has made (connections' TLS, a token that is renewed)."""
        return {name: value for name, value in vars(self).items() if not _is_made(type(self), name)}


def _is_made(kind: type, name: str) -> bool:
    return isinstance(getattr(kind, name, None), cached_property)
