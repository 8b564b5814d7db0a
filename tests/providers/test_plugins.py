"""Installed packages register providers; what is wrong with one stays with it."""

import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from batchmail import manifest
from batchmail.errors import BatchmailError
from batchmail.job import ProviderShape, UnusableProvider
from batchmail.providers import PROVIDERS, Kinds, ProviderKind
from batchmail.providers.plugins import PluginFailed

#: A provider that keeps to the seam, and cannot send.
PIGEON = """\
from dataclasses import dataclass

from batchmail.providers import ProviderKind
from batchmail.providers.base import Capabilities


@dataclass(frozen=True)
class Settings:
    loft: str = "Rome"


class Pigeon:
    title = "Pigeon Post"
    account = "me"
    capabilities = Capabilities(frozenset())
    official = False
    record = None

    def adapt(self, message): ...
    def check_credentials(self): ...
    def open(self, files, timeout_seconds): ...
    def at(self, base_url, access_token): ...


def build(settings):
    return Pigeon()


KIND = ProviderKind("pigeon", "Pigeon Post", Settings, build, Pigeon.capabilities)
"""


class Shelf:
    """A folder that this Python takes for one of its own, with packages in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, package: str, code: str, entry: str) -> None:
        """A package with one module and one entry point."""
        module = package.replace("-", "_")
        self.folder.joinpath(f"{module}.py").write_text(dedent(code), encoding="utf-8")
        facts = self.folder / f"{module}-1.0.dist-info"
        facts.mkdir()
        facts.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
        facts.joinpath("entry_points.txt").write_text(f"[batchmail.providers]\n{entry}\n", "utf-8")

    def pigeon(self, *changes: tuple[str, str]) -> None:
        """The package of the pigeon, with changes to its code."""
        code = PIGEON
        for old, new in changes:
            assert old in code
            code = code.replace(old, new)
        self.add("loft-pigeon", code, "pigeon = loft_pigeon:KIND")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield Shelf(tmp_path)
    for name in set(sys.modules) - before:
        if name.startswith("loft_"):
            del sys.modules[name]


@pytest.fixture
def kinds() -> Kinds:
    return Kinds(manifest.settings_fault)


def unusable(kinds: Kinds, kind: str) -> UnusableProvider:
    found = kinds[kind]
    assert isinstance(found, UnusableProvider)
    assert kinds.shapes[kind] == found
    assert found in kinds.unusable
    return found


def test_a_package_adds_a_kind_to_batchmails_own(shelf: Shelf, kinds: Kinds) -> None:
    shelf.pigeon()
    assert list(kinds) == [*PROVIDERS, "pigeon"]
    assert len(kinds) == len(kinds.shapes) == len(PROVIDERS) + 1
    found = kinds["pigeon"]
    assert isinstance(found, ProviderKind)
    assert (found.title, found.distribution) == ("Pigeon Post", "loft-pigeon")
    assert kinds.shapes["pigeon"] == ProviderShape("pigeon", found.settings)
    assert found.build(found.settings()).title == "Pigeon Post"
    assert kinds.unusable == ()


def test_packages_are_not_even_looked_for_where_a_job_names_one_of_batchmails_own() -> None:
    def find() -> Iterable[EntryPoint]:
        raise AssertionError("looked for")

    kinds = Kinds(manifest.settings_fault, find)
    assert kinds["works"] == PROVIDERS["works"]
    assert kinds.shapes["works"].kind == "works"
    assert "works" in kinds.shapes


def test_a_package_is_imported_only_where_its_kind_is_asked_for(shelf: Shelf, kinds: Kinds) -> None:
    shelf.pigeon()
    shelf.add("loft-dove", "raise AssertionError('imported')", "dove = loft_dove:KIND")
    assert "dove" in list(kinds)
    assert isinstance(kinds["pigeon"], ProviderKind)
    assert "loft_dove" not in sys.modules


def test_a_kind_that_nobody_registers_is_none(kinds: Kinds) -> None:
    assert kinds.get("pigeon") is None
    assert "pigeon" not in kinds.shapes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("KIND = ", "raise OSError('no\\nloft')\nKIND = ", "cannot be imported: OSError: no loft"),
        ("KIND = ", "import sys; sys.exit(3)\nKIND = ", "cannot be imported: SystemExit: 3"),
        ("from dataclasses", "from lofts import Loft\nfrom dataclasses", "No module named 'lofts'"),
        ("KIND = ", "OTHER = ", "has no attribute 'KIND'"),
        ("KIND = ProviderKind", "KIND = build  # ", "is no ProviderKind but of type function"),
        ('ProviderKind("pigeon"', 'ProviderKind("dove"', "`loft_pigeon:KIND` is of the kind `dove`"),
        ("build, Pigeon.capabilities", "None, None", "lacks a function to build it and capabilities"),
        ('"Pigeon Post", Settings,', "7, 7,", "lacks a title and settings"),
        ("Settings, build, Pigeon.capabilities", "Settings, build", "missing 1 required positional argument"),
        ("(frozen=True)", "", "its settings are no frozen dataclass"),
        ("@dataclass(frozen=True)", "", "its settings are no frozen dataclass"),
        ("loft: str", "loft: float", "<class 'float'> is no type of a provider's settings"),
        ("loft: str", "loft: 'Loft'", "name 'Loft' is not defined"),
        ("loft: str", "kind: str", "its settings cannot be read from a manifest"),
        ("loft: str", "read: str", "its settings cannot be read from a manifest"),
    ],
)
def test_a_package_that_is_broken_says_so_when_its_kind_is_asked_for(
    old: str, new: str, reason: str, shelf: Shelf, kinds: Kinds
) -> None:
    shelf.pigeon((old, new))
    found = unusable(kinds, "pigeon")
    assert found.distribution == "loft-pigeon"
    assert reason in found.reason
    assert found.reason.isprintable()
    assert "pip install --upgrade loft-pigeon" in found.hint
    assert kinds["works"] == PROVIDERS["works"]


def test_one_of_batchmails_own_kinds_cannot_be_taken(shelf: Shelf, kinds: Kinds) -> None:
    shelf.add("loft-works", PIGEON.replace('"pigeon"', '"works"'), "works = loft_works:KIND")
    assert kinds["works"] == PROVIDERS["works"]
    assert list(kinds) == list(PROVIDERS)
    (found,) = kinds.unusable
    assert (found.kind, found.distribution) == ("works", "loft-works")
    assert "batchmail's own" in found.reason


def test_two_packages_with_one_kind_are_told_from_each_other(shelf: Shelf, kinds: Kinds) -> None:
    shelf.pigeon()
    shelf.add("loft-dove", PIGEON, "pigeon = loft_dove:KIND")
    found = unusable(kinds, "pigeon")
    assert "both register it" in found.reason
    assert {"loft-pigeon", "loft-dove"} <= set(found.distribution.split())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("return Pigeon()", "raise KeyError(7)", "KeyError: 7"),
        ("return Pigeon()", "return None", "NoneType lacks `title`"),
        ("    def at(self", "    def to(self", "Pigeon lacks `at`"),
    ],
)
def test_a_package_that_cannot_build_its_provider_is_told(
    old: str, new: str, reason: str, shelf: Shelf, kinds: Kinds
) -> None:
    shelf.pigeon((old, new))
    found = kinds["pigeon"]
    assert isinstance(found, ProviderKind)
    with pytest.raises(PluginFailed, match="loft-pigeon") as told:
        found.build(found.settings())
    assert reason in told.value.message


def test_what_a_package_itself_has_to_say_is_passed_on(shelf: Shelf, kinds: Kinds) -> None:
    shelf.pigeon(
        ("return Pigeon()", 'raise BatchmailError("The loft is closed", "Open it.")'),
        ("from batchmail.providers ", "from batchmail.errors import BatchmailError\nfrom batchmail.providers "),
    )
    found = kinds["pigeon"]
    assert isinstance(found, ProviderKind)
    with pytest.raises(BatchmailError, match="The loft is closed"):
        found.build(found.settings())
