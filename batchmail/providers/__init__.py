"""The mail APIs: one file a provider, and here the table of them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from batchmail.job import ProviderShape
from batchmail.providers import announced, pleasanter, works, works_v1
from batchmail.providers.base import Provider


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """A kind of provider: its name in the manifest and among people, its settings, and how it is built from them.

    `build` raises TypeError for settings of another kind; it is None where the kind is announced and cannot send yet.
    """

    kind: str
    title: str
    settings: type
    build: Callable[[object], Provider] | None


_KINDS = (
    ProviderKind("works", works.TITLE, works.WorksSettings, works.build),
    ProviderKind("works-v1", works_v1.TITLE, works_v1.WorksV1Settings, works_v1.build),
    ProviderKind("pleasanter", pleasanter.TITLE, pleasanter.PleasanterSettings, pleasanter.build),
    ProviderKind("smtp", "SMTP", announced.SmtpSettings, None),
    ProviderKind("outbox", "Outbox folder", announced.OutboxSettings, None),
)

#: Every kind of provider that a manifest may name.
PROVIDERS: Mapping[str, ProviderKind] = MappingProxyType({each.kind: each for each in _KINDS})


def shapes() -> Mapping[str, ProviderShape]:
    """What the manifest's loader needs to know of every kind."""
    return {
        kind: ProviderShape(kind, each.settings, available=each.build is not None) for kind, each in PROVIDERS.items()
    }
