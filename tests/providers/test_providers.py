"""The table of providers."""

from dataclasses import MISSING, fields, is_dataclass
from typing import get_type_hints

import pytest

from batchmail.providers import PROVIDERS, Kinds, ProviderKind
from batchmail.providers.works import WorksProvider, WorksSettings
from batchmail.secret import Secret

NAMED = {
    "works": ["userId", "accessToken", "oauth", "baseUrl", "authUrl", "plan", "attachmentLimit"],
    "works-v1": ["apiId", "consumerKey", "accessToken", "baseUrl", "attachmentLimit"],
    "pleasanter": ["baseUrl", "recordId", "apiKey", "apiVersion", "downgrade"],
    "smtp": ["host", "port", "security", "username", "password", "accessToken", "dkim"],
    "outbox": ["directory", "format"],
}


@pytest.fixture(params=PROVIDERS.values(), ids=lambda each: each.kind)
def kind(request: pytest.FixtureRequest) -> ProviderKind:
    assert isinstance(request.param, ProviderKind)
    return request.param


def test_a_manifest_may_name_these_providers() -> None:
    kinds = Kinds(lambda _: "", lambda: ())
    assert list(PROVIDERS) == list(kinds) == list(kinds.shapes) == list(NAMED)
    assert len(kinds) == len(kinds.shapes) == len(NAMED)
    assert all(kind == each.kind for kind, each in PROVIDERS.items())


def test_the_settings_are_the_contracts_own(kind: ProviderKind) -> None:
    assert is_dataclass(kind.settings)
    assert [_camel(each.name) for each in fields(kind.settings)] == NAMED[kind.kind]


def test_whatever_is_secret_is_a_reference(kind: ProviderKind) -> None:
    types = get_type_hints(kind.settings)
    for name in {"consumer_key", "access_token", "api_key", "password"} & set(types):
        assert types[name] in (Secret, Secret | None)


def test_the_capabilities_of_a_kind_are_those_of_its_default_settings() -> None:
    for kind in PROVIDERS.values():
        if all(each.default is not MISSING for each in fields(kind.settings)):
            assert kind.build(kind.settings()).capabilities == kind.capabilities


def test_a_kind_is_built_from_its_settings() -> None:
    provider = PROVIDERS["works"].build(WorksSettings(user_id="kim@example.com"))
    assert isinstance(provider, WorksProvider)
    assert (provider.title, provider.account) == (PROVIDERS["works"].title, "kim@example.com")


def test_a_manifest_for_works_needs_no_setting() -> None:
    assert not [each.name for each in fields(WorksSettings) if each.default is MISSING]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
