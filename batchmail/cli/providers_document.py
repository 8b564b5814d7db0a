"""The capability matrix for programs: what `providers --format json` prints."""

from collections.abc import Iterable
from dataclasses import asdict

from batchmail.cli.documents import SCHEMA, Document
from batchmail.cli.provider_facts import ProviderFacts
from batchmail.job import UnusableProvider

#: What has keys of its own; all other capabilities are limits.
_APART = frozenset({"features", "converted", "required", "rates"})


def providers_document(providers: Iterable[ProviderFacts], unusable: Iterable[UnusableProvider]) -> Document:
    """Every provider, and the plug-ins that cannot be used."""
    return {
        "schema": SCHEMA,
        "providers": [_provider(each) for each in providers],
        "unusable": [asdict(each) for each in unusable],
    }


def _provider(provider: ProviderFacts) -> Document:
    kind = provider.kind
    can = asdict(kind.capabilities)
    return {
        "kind": kind.kind,
        "title": kind.title,
        "features": _sorted(can["features"]),
        "required": _sorted(can["required"]),
        "converts": {feature.value: setting for feature, setting in kind.converts.items()},
        "limits": {name: _plain(value) for name, value in can.items() if name not in _APART},
        "rates": can["rates"],
        "oauth": kind.signs_in,
        "rehearsal": provider.rehearsed,
        "distribution": kind.distribution or None,
    }


def _plain(value: object) -> object:
    return _sorted(value) if isinstance(value, frozenset) else value


def _sorted(values: Iterable[object]) -> list[str]:
    return sorted(map(str, values))
