"""A kind of provider: what its module, or a plug-in's, hands to batchmail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from batchmail.emulation import Rehearse
from batchmail.job import ProviderShape
from batchmail.providers.base import Capabilities, Feature, Provider
from batchmail.providers.contradiction import Contradictions, none


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """A kind of provider: its name in the manifest and among people, its settings, and how it is built from them.

    `build` raises TypeError for settings of another kind. `capabilities` are what holds where the settings are left to
    their defaults; `converts` names the setting that lets a feature be converted (`downgrade: text`). `rehearsal`
    starts an emulator, for a plug-in that brings one; batchmail's own are in the package `emulator`. `distribution` is
    filled in for plug-ins: the package that they come from. `contradictions` finds settings that do not fit together.
    """

    kind: str
    title: str
    settings: type
    build: Callable[[object], Provider]
    capabilities: Capabilities
    converts: Mapping[Feature, str] = field(default_factory=dict)
    rehearsal: Rehearse | None = None
    distribution: str = ""
    contradictions: Contradictions = none

    @property
    def shape(self) -> ProviderShape:
        """What the manifest's loader needs to know."""
        return ProviderShape(self.kind, self.settings)

    @property
    def signs_in(self) -> bool:
        """Whether tokens can be had and renewed by OAuth: whether there are settings of this name."""
        return any(each.name == "oauth" for each in fields(self.settings))
