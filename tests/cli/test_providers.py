"""What providers can do is told as the code has it, on any console."""

import json
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from batchmail.cli.documents import as_json
from batchmail.cli.provider_facts import ProviderFacts
from batchmail.cli.providers_document import providers_document
from batchmail.cli.providers_text import matrix_markdown, matrix_text
from batchmail.job import UnusableProvider
from batchmail.providers import PROVIDERS, ProviderKind
from batchmail.providers.base import Capabilities, Feature, Provider
from batchmail.rate import Rate, Unit

OWN = tuple(map(ProviderFacts, PROVIDERS.values()))


@dataclass(frozen=True)
class NoSettings:
    """Nothing to be set."""


def never_built(settings: object) -> Provider:
    raise NotImplementedError


LEAST = ProviderKind("pigeon", "Pigeon Post", NoSettings, never_built, Capabilities(frozenset()))


def told(capabilities: Capabilities) -> dict[str, str]:
    """The limits of a provider, by their names."""
    return dict(ProviderFacts(replace(LEAST, capabilities=capabilities)).limits())


def test_a_console_of_80_columns_has_room_for_it_however_many_providers_there_are() -> None:
    many = [ProviderFacts(replace(LEAST, kind=f"pigeon-{number}")) for number in range(20)]
    text = matrix_text([*OWN, *many])
    assert max(map(len, text.splitlines())) <= 80
    assert all(f"\npigeon-{number} · Pigeon Post\n" in text for number in range(20))
    assert text.count("listUnsubscribe") > 1


def test_each_feature_is_told_once_for_each_provider() -> None:
    table = [[cell.strip() for cell in line.split("|")] for line in matrix_markdown(OWN).splitlines()]
    assert table[0][2:-1] == [f"`{each.kind.kind}`" for each in OWN]
    rows = {row[1]: row[2:-1] for row in table[2:]}
    for feature in Feature:
        cells = rows[f"`{feature.value}`"]
        for cell, each in zip(cells, OWN, strict=True):
            assert (cell in ("yes", "required")) == (feature in each.kind.capabilities.features)


def test_a_feature_may_be_required_converted_or_made_up_for() -> None:
    capabilities = Capabilities(frozenset({Feature.FROM}), required=frozenset({Feature.FROM}))
    kind = replace(LEAST, capabilities=capabilities, converts={Feature.HTML: "downgrade: text"})
    found = ProviderFacts(kind)
    support = {feature: found.support(feature) for feature in Feature}
    assert support[Feature.FROM] == "required"
    assert support[Feature.HTML] == "`downgrade: text`"
    assert support[Feature.SEND_SEPARATELY] == "one by one"
    assert support[Feature.CC] == "no"


@pytest.mark.parametrize(
    ("capabilities", "name", "text"),
    [
        (Capabilities(frozenset()), "subject", "no known limit"),
        (Capabilities(frozenset(), subject_characters=1_024), "subject", "1,024 characters, the rest is cut"),
        (
            Capabilities(frozenset(), subject_characters=9, subject_is_cut=False),
            "subject",
            "9 characters, longer ones fail",
        ),
        (Capabilities(frozenset(), attachment_bytes=20_000_000), "attachments", "20.0 MB together"),
        (
            Capabilities(frozenset(), filename_characters=9, distinct_filenames=True, unfit_in_filenames='"\\'),
            "file names",
            '9 characters; none twice; without `"` `\\`',
        ),
        (Capabilities(frozenset(), reserved_filenames=frozenset({"to", "cc"})), "file names", "not cc, to"),
        (Capabilities(frozenset(), recipients_per_request=1_000), "recipients", "1,000 a request"),
        (Capabilities(frozenset(), inside_levels=frozenset({"Secret"})), "in-house only", "Secret"),
        (
            Capabilities(frozenset(), rates=(Rate(240, 60, sustained=0.5), Rate(9, 1, Unit.RECIPIENTS))),
            "rate",
            "240/min (120 in long runs), 9 recipients/s",
        ),
    ],
)
def test_limits_are_told_in_words(capabilities: Capabilities, name: str, text: str) -> None:
    assert told(capabilities)[name] == text


def test_programs_are_told_every_capability() -> None:
    unusable = UnusableProvider("dove", "batchmail-dove", "it has flown", "Wait for it.")
    document: dict[str, Any] = json.loads(as_json(providers_document(OWN, [unusable])))
    assert document["schema"] == 1
    assert document["unusable"] == [
        {"kind": "dove", "distribution": "batchmail-dove", "reason": "it has flown", "hint": "Wait for it."}
    ]
    for each, written in zip(OWN, document["providers"], strict=True):
        there = {*written, *written["limits"]}
        assert {field.name for field in fields(Capabilities)} - there == {"converted"}
        assert written["features"] == sorted(each.kind.capabilities.features)
        assert [Rate(**rate) for rate in written["rates"]] == list(each.kind.capabilities.rates)
        assert (written["rehearsal"], written["distribution"]) == (True, None)


def test_a_provider_with_settings_for_it_signs_in_by_oauth() -> None:
    assert [each.kind.kind for each in OWN if each.kind.signs_in] == ["works"]
    assert not LEAST.signs_in
