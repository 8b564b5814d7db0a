"""Providers of other packages: found by the entry points that they declare, loaded only when they are asked for.

packaging.python.org/en/latest/specifications/entry-points. A package declares one entry point for each kind: its name
is the kind, its value a ProviderKind. Whatever is wrong with one stays with it, and is told where somebody names it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points

from batchmail.errors import BatchmailError
from batchmail.job import UnusableProvider
from batchmail.providers.answer import one_line
from batchmail.providers.base import Capabilities, Provider
from batchmail.providers.kind import ProviderKind

GROUP = "batchmail.providers"

#: Says what is wrong with settings that a manifest cannot have; an empty text where they are well.
SettingsFault = Callable[[type], str]

#: What a provider must have, whatever it is.
_MEMBERS = (*Provider.__annotations__, *(name for name in vars(Provider) if not name.startswith("_")))


class PluginFailed(BatchmailError):
    """A plug-in was loaded, and cannot build a provider."""

    def __init__(self, distribution: str, reason: str) -> None:
        super().__init__(f"The package {distribution} cannot build its provider: {reason}", remedy(distribution))


@dataclass(frozen=True, slots=True)
class _Unfit(Exception):
    """Why a plug-in cannot be used."""

    reason: str


def installed() -> Iterable[EntryPoint]:
    """What the packages of this Python declare."""
    return entry_points(group=GROUP)


def remedy(distribution: str) -> str:
    """What to do about a package that does not work."""
    return f"Update it (`pip install --upgrade {distribution}`) or tell its authors; `pip uninstall` takes it away."


def load(entries: Sequence[EntryPoint], settings_fault: SettingsFault) -> ProviderKind | UnusableProvider:
    """What the entry points of one name stand for: there may be several, each of another package."""
    distributions = [_distribution(entry) for entry in entries]
    named = " and ".join(distributions)
    if len(entries) > 1:
        return UnusableProvider(entries[0].name, named, "both register it", f"Uninstall all but one of {named}.")
    try:
        return _loaded(entries[0], named, settings_fault)
    except _Unfit as unfit:
        return UnusableProvider(entries[0].name, named, unfit.reason, remedy(named))


def taken(entry: EntryPoint) -> UnusableProvider:
    """A plug-in whose name is one of batchmail's own kinds, which stay what they are."""
    distribution = _distribution(entry)
    return UnusableProvider(entry.name, distribution, "this kind is batchmail's own", remedy(distribution))


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def _loaded(entry: EntryPoint, distribution: str, settings_fault: SettingsFault) -> ProviderKind:
    kind = _imported(entry)
    if not isinstance(kind, ProviderKind):
        raise _Unfit(f"`{entry.value}` is no ProviderKind but of type {type(kind).__name__}")
    if kind.kind != entry.name:
        raise _Unfit(f"`{entry.value}` is of the kind `{kind.kind}`")
    lacking = [name for name, there in _complete(kind).items() if not there]
    if lacking:
        raise _Unfit(f"`{entry.value}` lacks {' and '.join(lacking)}")
    if fault := settings_fault(kind.settings):
        raise _Unfit(fault)
    return replace(kind, build=partial(_built, kind.build, distribution), distribution=distribution)


def _complete(kind: ProviderKind) -> dict[str, bool]:
    """Whether the parts that everybody relies on are there, and what they should be: nobody may have checked."""
    return {
        "a title": isinstance(kind.title, str),
        "settings": isinstance(kind.settings, type),
        "a function to build it": callable(kind.build),
        "capabilities": isinstance(kind.capabilities, Capabilities),
    }


def _imported(entry: EntryPoint) -> object:
    try:
        loaded: object = entry.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001  another's code: whatever it raises is told
        raise _Unfit(f"`{entry.value}` cannot be imported: {_told(error)}") from None
    return loaded


def _built(build: Callable[[object], Provider], distribution: str, settings: object) -> Provider:
    """The provider of a plug-in. Raises PluginFailed where there is none, and BatchmailError as the plug-in does."""
    try:
        provider = build(settings)
    except BatchmailError:
        raise
    except Exception as error:
        raise PluginFailed(distribution, _told(error)) from error
    # One that was written for another version of the seam is better found here than after half of the mails.
    lacking = [name for name in _MEMBERS if not hasattr(provider, name)]
    if lacking:
        raise PluginFailed(
            distribution, f"{type(provider).__name__} lacks {', '.join(f'`{name}`' for name in lacking)}"
        )
    return provider


def _told(error: BaseException) -> str:
    return one_line(f"{type(error).__name__}: {error}")
