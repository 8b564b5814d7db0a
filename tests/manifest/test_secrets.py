"""Secrets are named in the manifest; one that is written there is told, and never repeated."""

import traceback

import pytest
from pydantic import ValidationError

from batchmail.finding import Findings
from batchmail.manifest.nodes import compose
from batchmail.manifest.shape import manifest_type
from batchmail.manifest.source import Source
from batchmail.secret import Secret
from tests.drawer import Drawer
from tests.manifest.desk import SHAPES, Desk, PostSettings, spot, with_lines

CANARY = "kktoken-4711-canary"
BAD, LITERAL = "manifest-bad-value", "manifest-literal-secret"


def token(desk: Desk, reference: str) -> Secret:
    settings = desk.with_lines("provider", f"accessToken: {reference}").whole.provider.settings
    assert isinstance(settings, PostSettings)
    assert settings.access_token is not None
    return settings.access_token


def test_a_secret_may_be_in_an_environment_variable(desk: Desk) -> None:
    secret = token(desk, "{env: POST_TOKEN}")
    assert (secret.scheme, secret.name, spot(secret.where)) == ("env", "POST_TOKEN", (4, 3))


def test_a_secret_may_be_in_a_file_beside_the_manifest(desk: Desk) -> None:
    desk.write("token.txt", f"{CANARY}\n")
    secret = token(desk, "{file: token.txt}")
    assert secret.scheme == "file"
    assert secret.reveal() == CANARY


def test_a_secret_may_be_in_the_system_s_keyring(desk: Desk) -> None:
    secret = token(desk, '{keyring: "mail/billing/kim"}')
    assert (secret.scheme, secret.name, secret.where.line) == ("keyring", "mail/billing/kim", 4)
    with Drawer.opened() as drawer:
        drawer.entries["mail", "billing/kim"] = CANARY
        assert secret.reveal() == CANARY


#: Where the secret itself stands: in every field and shape in which somebody may come to write it.
LEAKS = {
    "a plain text": (f"accessToken: {CANARY}", LITERAL),
    "single quotes": (f"accessToken: '{CANARY}'", LITERAL),
    "double quotes": (f'accessToken: "{CANARY}"', LITERAL),
    "a number": ("accessToken: 4711", LITERAL),
    "a block": (f"accessToken: |\n    {CANARY}", LITERAL),
    "a nested setting": (f"consent: {{clientId: a, clientSecret: {CANARY}}}", LITERAL),
    "a list": (f"accessToken: [{CANARY}]", BAD),
    "a key of its own": (f"accessToken: {{{CANARY}}}", BAD),
    "an unknown scheme": (f"accessToken: {{vault: {CANARY}}}", BAD),
    "two schemes": (f"accessToken: {{env: {CANARY}, file: {CANARY}}}", BAD),
    "a scheme and more": (f"accessToken: {{env: TOKEN, value: {CANARY}}}", BAD),
    "no variable's name": (f"accessToken: {{env: {CANARY}}}", BAD),
    "keys in a scheme": (f"accessToken: {{env: {{{CANARY}: {CANARY}}}}}", BAD),
    "a list in a scheme": (f"accessToken: {{env: [{CANARY}]}}", BAD),
    "a file's name with a line break": (f'accessToken: {{file: "{CANARY}\\n"}}', BAD),
    "a keyring without a user": (f"accessToken: {{keyring: {CANARY}}}", BAD),
    "a text for a group of settings": (f"consent: {CANARY}", BAD),
    "a key without a space": (f"consent:\n    clientSecret:{CANARY}", BAD),
    "a user in an address": (f"baseUrl: https://me:{CANARY}@example.com", BAD),
    "a query of an address": (f"baseUrl: https://example.com?key={CANARY}", BAD),
    "a wrong key": (f"acessToken: {CANARY}", "manifest-unknown-key"),
    "a key that stands twice": (f"plan: free\n  plan: {CANARY}", "manifest-duplicate-key"),
    "a tag": (f"accessToken: !{CANARY}", "manifest-limits"),
    "an anchor": (f"accessToken: &{CANARY}", "manifest-limits"),
    "an alias": (f"accessToken: *{CANARY}", "manifest-limits"),
    "an unknown tag handle": (f"accessToken: !{CANARY}!x", "manifest-syntax"),
    "a template": (f"accessToken: {{{{{CANARY}}}}}", "manifest-syntax"),
    "an open quote": (f'accessToken: "{CANARY}', "manifest-syntax"),
    "a quote too many": (f'accessToken: "{CANARY}"x', "manifest-syntax"),
    "a colon in the text": (f"accessToken: a: {CANARY}", "manifest-syntax"),
    "no colon": (f"accessToken {CANARY}", "manifest-syntax"),
}


@pytest.mark.parametrize("case", LEAKS)
def test_a_secret_in_the_manifest_is_told_and_never_repeated(desk: Desk, case: str) -> None:
    line, rule = LEAKS[case]
    loaded = desk.with_lines("provider", line)
    assert rule in {fault.split()[1] for fault in loaded.faults}
    assert CANARY not in loaded.said
    assert CANARY not in repr(list(loaded.findings))


def test_a_manifest_without_spaces_behind_its_colons_is_not_repeated(desk: Desk) -> None:
    loaded = desk.load(f"version:1\nprovider:\n  accessToken:{CANARY}\n")
    assert loaded.faults == ["2:9 manifest-syntax"]
    assert CANARY not in loaded.said
    text = desk.load(f"accessToken:{CANARY}")
    assert text.faults == [f"1:1 {BAD}"]
    assert CANARY not in text.said


def test_a_literal_secret_is_told_how_to_write_it(desk: Desk) -> None:
    loaded = desk.with_lines("provider", f"accessToken: {CANARY}")
    assert loaded.faults == [f"4:16 {LITERAL}"]
    assert "accessToken: {env: ACCESS_TOKEN}" in loaded.said
    assert "renew it" in loaded.said


def test_a_misspelt_scheme_is_told_with_the_nearest(desk: Desk) -> None:
    loaded = desk.with_lines("provider", "accessToken: {evn: POST_TOKEN}")
    assert loaded.faults == [f"4:3 {BAD}"]
    assert "Did you mean `env`?" in loaded.said


@pytest.mark.parametrize("line", ["accessToken:", "accessToken: ~", "accessToken: {env: }", "accessToken: {}"])
def test_a_reference_without_anything_is_told(desk: Desk, line: str) -> None:
    assert [fault.split()[1] for fault in desk.with_lines("provider", line).faults] == [BAD]


def test_no_exception_and_no_node_shows_a_secret(desk: Desk) -> None:
    text = with_lines("provider", f"accessToken: {CANARY}").replace("kind: post", f"kind: {CANARY}")
    root = compose(Source(desk.folder / "job.yaml", text), Findings())
    assert CANARY not in repr(root)
    with pytest.raises(ValidationError) as caught:
        manifest_type(SHAPES).model_validate(root, context=Findings())
    assert CANARY not in "".join(traceback.format_exception(caught.value))
