"""The mail APIs: one file a provider, here the table of them all, and beside it those of other packages."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import cast

from batchmail.job import ProviderShape, UnusableProvider
from batchmail.providers import plugins
from batchmail.providers.kind import ProviderKind

__all__ = ["PROVIDERS", "Kinds", "ProviderKind"]

#: The modules of batchmail's own kinds.
_MODULES = {
    "works": "works",
    "works-v1": "works_v1",
    "pleasanter": "pleasanter",
    "smtp": "smtp",
    "outbox": "outbox",
}


class _Own(Mapping[str, ProviderKind]):
    """Each kind is imported when it is asked for: a job has one."""

    def __getitem__(self, kind: str) -> ProviderKind:
        return cast(ProviderKind, import_module(f"batchmail.providers.{_MODULES[kind]}").KIND)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


#: batchmail's own kinds of providers.
PROVIDERS: Mapping[str, ProviderKind] = _Own()


class Kinds(Mapping[str, ProviderKind | UnusableProvider]):
    """Every kind of provider that a manifest may name, batchmail's own first.

    Other packages are looked for when a name is not batchmail's own, and each is loaded when its kind is asked for.
    `settings_fault` says what is wrong with settings that a manifest cannot have, "" where nothing is.
    """

    def __init__(
        self,
        settings_fault: plugins.SettingsFault,
        find: Callable[[], Iterable[EntryPoint]] = plugins.installed,
    ) -> None:
        self._settings_fault = settings_fault
        self._find = find
        self._loaded: dict[str, ProviderKind | UnusableProvider] = {}

    def __getitem__(self, kind: str) -> ProviderKind | UnusableProvider:
        if kind in PROVIDERS:
            return PROVIDERS[kind]
        if kind not in self._loaded:
            self._loaded[kind] = plugins.load(self._entries[kind], self._settings_fault)
        return self._loaded[kind]

    def __iter__(self) -> Iterator[str]:
        yield from PROVIDERS
        yield from (kind for kind in sorted(self._entries) if kind not in PROVIDERS)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def usable(self) -> tuple[ProviderKind, ...]:
        """The kinds that jobs may name."""
        return tuple(each for each in self.values() if isinstance(each, ProviderKind))

    @property
    def unusable(self) -> tuple[UnusableProvider, ...]:
        """What packages register, and cannot be used."""
        hidden = [plugins.taken(entry) for kind in PROVIDERS for entry in self._entries.get(kind, ())]
        return (*hidden, *(each for each in self.values() if isinstance(each, UnusableProvider)))

    @property
    def shapes(self) -> Mapping[str, ProviderShape | UnusableProvider]:
        """What the manifest's loader needs to know of every kind."""
        return _Shapes(self)

    @cached_property
    def _entries(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        found: dict[str, tuple[EntryPoint, ...]] = {}
        for entry in self._find():
            found[entry.name] = (*found.get(entry.name, ()), entry)
        return found


class _Shapes(Mapping[str, ProviderShape | UnusableProvider]):
    """The shapes of kinds, each made when it is asked for."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def __getitem__(self, kind: str) -> ProviderShape | UnusableProvider:
        found = self._kinds[kind]
        return found.shape if isinstance(found, ProviderKind) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)
