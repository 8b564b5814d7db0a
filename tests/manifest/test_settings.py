"""Providers declare their settings as dataclasses; the manifest reads them, and gives them back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from batchmail.finding import Findings
from batchmail.job import Folder, ProviderShape, TemplateText, UnusableProvider, Url
from batchmail.manifest import json_schema, load
from tests.manifest.desk import MINIMAL, SHAPES, ConsentSettings, Desk, Loaded, PostSettings

BAD = "manifest-bad-value"


def settings(desk: Desk, *lines: str) -> PostSettings:
    found = desk.with_lines("provider", *lines).whole.provider.settings
    assert isinstance(found, PostSettings)
    return found


def test_what_is_not_written_has_the_provider_s_own_default(desk: Desk) -> None:
    there = Folder(str(desk.folder / "drafts"))
    assert settings(desk) == PostSettings(drafts=there)
    assert settings(desk, "plan: free") == PostSettings(plan="free", drafts=there)


def test_a_folder_begins_at_the_manifest_s_folder(desk: Desk) -> None:
    found = settings(desk, "drafts: ../kept mails", "archive: 보관함")
    assert [Path(each or "") for each in (found.drafts, found.archive)] == [
        desk.folder / "../kept mails",
        desk.folder / "보관함",
    ]
    elsewhere = desk.folder.parent / "elsewhere"
    assert Path(settings(desk, f"drafts: '{elsewhere}'").drafts) == elsewhere
    loaded = desk.with_lines("provider", "drafts: ' '")
    assert loaded.faults == [f"4:11 {BAD}"]


def test_settings_may_have_settings_of_their_own(desk: Desk) -> None:
    consent = settings(desk, "consent:", "  clientId: abc", "  clientSecret: {env: CONSENT}").consent
    assert isinstance(consent, ConsentSettings)
    assert consent.client_id == "abc"
    assert consent.client_secret.name == "CONSENT"
    loaded = desk.with_lines("provider", "consent: {clientid: abc}")
    assert loaded.faults == [
        "4:3 manifest-missing-key",
        "4:3 manifest-missing-key",
        "4:13 manifest-unknown-key",
    ]


@pytest.mark.parametrize(
    ("text", "size"),
    [("20MB", 20_000_000), ("500KB", 500_000), ("1GB", 1_000_000_000), ("1.5MB", 1_500_000), ("0.001KB", 1)],
)
def test_a_size_counts_in_powers_of_ten(desk: Desk, text: str, size: int) -> None:
    assert settings(desk, f"attachmentLimit: {text}").attachment_limit == size


@pytest.mark.parametrize("text", ["20", "20 MB", "20mb", "20MiB", "0MB", "-1MB", "MB", "0.0001KB", "٢MB"])
def test_other_sizes_are_told(desk: Desk, text: str) -> None:
    loaded = desk.with_lines("provider", f'attachmentLimit: "{text}"')
    assert loaded.faults == [f"4:20 {BAD}"]
    assert "without a space: 20MB" in loaded.said


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com:8443/v1/",
        "https://例え.jp/v1",
        "http://localhost:8025",
        "http://127.0.0.1/v1",
        "http://127.9.9.9:1",
        "http://[::1]:8025/v1",
    ],
)
def test_servers_are_reached_by_https_and_this_machine_by_http_too(desk: Desk, url: str) -> None:
    assert settings(desk, f"baseUrl: {url}").base_url == Url(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.example.com", "https:// instead"),
        ("http://localhost.example.com", "https:// instead"),
        ("http://127.0.0.1.example.com", "https:// instead"),
        ("http://128.0.0.1", "https:// instead"),
        ("http://0.0.0.0", "https:// instead"),
        ("http://[::ffff:127.0.0.1]", "https:// instead"),
        ("http://2130706433", "https:// instead"),
        ("http://169.254.169.254/latest", "https:// instead"),
        ("ftp://example.com", "in full"),
        ("file:///etc/passwd", "in full"),
        ("api.example.com/v1", "in full"),
        ("//api.example.com", "in full"),
        ("https://", "in full"),
        ("https:///v1", "in full"),
        ("https://api.example.com?a=b", "Take ? and #"),
        ("https://api.example.com/#a", "Take ? and #"),
        ("https://api.example.com:port", "the port"),
        ("https://api.example.com:99999", "the port"),
        ("https://api.example.com:65536", "the port"),
        ("https://api.example.com:0", "the port"),
        ("http://localhost:0/v1", "the port"),
        ("https://[::1", "the port"),
        (r"https://api.example.com\@evil.example.com", "no address has"),
        ("https://api example.com", "no address has"),
        ("https://api.example.com/\u0001", "no address has"),
        ("", "in full"),
    ],
)
def test_other_addresses_are_told(desk: Desk, url: str, words: str) -> None:
    quoted = url.replace("\\", "\\\\").replace("\u0001", "\\u0001")
    loaded = desk.with_lines("provider", f'baseUrl: "{quoted}"')
    assert loaded.faults == [f"4:12 {BAD}"]
    assert words in loaded.said


@pytest.mark.parametrize(
    ("lines", "fault", "words"),
    [
        (["plan: payed"], f"4:9 {BAD}", "Did you mean `paid`?"),
        (["port: '25'"], f"4:9 {BAD}", "Take the quotes away"),
        (["port: -1"], f"4:9 {BAD}", "a whole number from 0 up"),
        (["doors: 0"], f"4:10 {BAD}", "takes a whole number from 1 to 65535"),
        (["doors: 70000"], f"4:10 {BAD}", "takes a whole number from 1 to 65535"),
        (["checkCertificates: no"], f"4:22 {BAD}", "Write true or false."),
        (["userId: ''"], f"4:11 {BAD}", "takes a text"),
        (["userId: [a]"], f"4:11 {BAD}", "here stands a list"),
        (["consent: abc"], f"4:12 {BAD}", "`clientId`, `clientSecret`"),
        (["user_id: me"], "4:3 manifest-unknown-key", "Did you mean `userId`?"),
    ],
)
def test_faulty_settings_are_told(desk: Desk, lines: list[str], fault: str, words: str) -> None:
    loaded = desk.with_lines("provider", *lines)
    assert loaded.faults == [fault]
    assert words in loaded.said


def test_an_unknown_kind_is_told_with_those_there_are(desk: Desk) -> None:
    loaded = desk.load(MINIMAL.replace("kind: post", "kind: pots"))
    assert loaded.faults == [f"4:9 {BAD}"]
    assert "Did you mean `post`? Write one of `post`, `pigeon`." in loaded.said
    assert loaded.job is None


@pytest.mark.parametrize(
    ("provider", "fault"),
    [
        ("provider: post", f"3:11 {BAD}"),
        ("provider: [post]", f"3:11 {BAD}"),
        ("provider: {kind: [post]}", f"3:18 {BAD}"),
        ("provider: {kind: }", f"3:12 {BAD}"),
    ],
)
def test_a_provider_is_a_kind_with_its_settings(desk: Desk, provider: str, fault: str) -> None:
    assert desk.load(MINIMAL.replace("provider:\n  kind: post", provider)).faults == [fault]


def test_a_kind_has_its_settings_checked(desk: Desk) -> None:
    pigeon = MINIMAL.replace("kind: post", "kind: pigeon\n  loft: Rome\n  ringNumber: 7")
    assert desk.load(pigeon).faults == []
    faulty = MINIMAL.replace("kind: post", "kind: pigeon\n  lofd: Rome\n  ringNumber: x")
    assert desk.load(faulty).faults == [
        "3:1 manifest-missing-key",
        "5:3 manifest-unknown-key",
        f"6:15 {BAD}",
    ]


def test_settings_of_another_type_are_a_mistake_of_the_provider_s_author(desk: Desk) -> None:
    @dataclass(frozen=True)
    class Odd:
        weight: float = 1.0

    with pytest.raises(TypeError, match="float"):
        json_schema({**SHAPES, "odd": ProviderShape("odd", Odd)})
    with pytest.raises(TypeError, match="float"):
        load(desk.write("job.yaml", MINIMAL.replace("post", "odd")), {"odd": ProviderShape("odd", Odd)}, Findings())


DOVE = UnusableProvider("dove", "batchmail-dove", "it has flown", "Wait for it.")
WITH_DOVE: Mapping[str, ProviderShape | UnusableProvider] = {**SHAPES, "dove": DOVE}


class OneShape(Mapping[str, ProviderShape | UnusableProvider]):
    """Shapes of which only one may be asked for."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __getitem__(self, kind: str) -> ProviderShape | UnusableProvider:
        assert kind == self.kind
        return SHAPES[kind]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all are asked for")

    def __len__(self) -> int:
        raise AssertionError("all are counted")


def test_only_the_provider_that_a_job_names_is_asked_for(desk: Desk) -> None:
    findings = Findings()
    assert load(desk.write("job.yaml", MINIMAL), OneShape("post"), findings) is not None
    assert not list(findings)


def test_a_provider_that_cannot_be_used_is_told_where_it_is_named(desk: Desk) -> None:
    findings = Findings()
    path = desk.write("job.yaml", MINIMAL.replace("post", "dove"))
    loaded = Loaded(load(path, WITH_DOVE, findings), findings)
    assert (loaded.job, loaded.faults) == (None, ["4:9 provider-unusable"])
    assert "`dove` of the package batchmail-dove cannot be used: it has flown\ndove\nWait for it." in loaded.said


def test_a_provider_that_cannot_be_used_is_no_matter_to_other_jobs_and_to_editors(desk: Desk) -> None:
    findings = Findings()
    assert load(desk.write("job.yaml", MINIMAL), WITH_DOVE, findings) is not None
    assert not list(findings)
    assert json_schema(WITH_DOVE) == json_schema(SHAPES)


@dataclass(frozen=True, slots=True)
class ParcelSettings:
    """Settings with a template, and with a text of a form of its own."""

    record_id: TemplateText
    api_version: str = field(default="1.1", metadata={"takes": "a number such as 1.1", "pattern": r"[0-9]+\.[0-9]+"})


PARCEL = {"parcel": ProviderShape("parcel", ParcelSettings)}


def parcel(desk: Desk, *lines: str) -> Loaded:
    """What a manifest of that provider comes to."""
    settings = "\n  ".join(["kind: parcel", *lines])
    findings = Findings()
    path = desk.write("parcel.yaml", MINIMAL.replace("kind: post", settings))
    return Loaded(load(path, PARCEL, findings), findings)


def test_a_setting_may_be_a_template_and_knows_its_place(desk: Desk) -> None:
    settings = parcel(desk, 'recordId: "{{ record }}"').whole.provider.settings
    assert isinstance(settings, ParcelSettings)
    assert settings.record_id.text == "{{ record }}"
    assert str(settings.record_id.place(1)).endswith("parcel.yaml:5:14")


@pytest.mark.parametrize(("written", "text"), [("42", "42"), ("0042", "0042"), ("'42'", "42")])
def test_a_number_in_the_place_of_a_template_is_what_was_written(desk: Desk, written: str, text: str) -> None:
    settings = parcel(desk, f"recordId: {written}").whole.provider.settings
    assert isinstance(settings, ParcelSettings)
    assert settings.record_id.text == text


@pytest.mark.parametrize("written", ["1.1", "'1.1'", '"1.1"'])
def test_a_text_that_reads_as_a_number_needs_no_quotes(desk: Desk, written: str) -> None:
    settings = parcel(desk, "recordId: 1", f"apiVersion: {written}").whole.provider.settings
    assert isinstance(settings, ParcelSettings)
    assert settings.api_version == "1.1"


@pytest.mark.parametrize(
    ("lines", "fault", "words"),
    [
        (["recordId: ''"], f"5:13 {BAD}", "Write a template"),
        (["recordId: [1]"], f"5:13 {BAD}", "here stands a list"),
        (["recordId: 1", "apiVersion: latest"], f"6:15 {BAD}", "a number such as 1.1"),
        (["recordId: 1", "apiVersion: 1.1.1"], f"6:15 {BAD}", "a number such as 1.1"),
        ([], "3:1 manifest-missing-key", "recordId"),
    ],
)
def test_settings_of_another_form_are_told(desk: Desk, lines: list[str], fault: str, words: str) -> None:
    loaded = parcel(desk, *lines)
    assert loaded.faults == [fault]
    assert words in loaded.said


def test_editors_are_told_the_same() -> None:
    definitions = json_schema(PARCEL)["$defs"]
    assert isinstance(definitions, dict)
    properties = definitions["parcel_provider"]["properties"]
    assert properties["recordId"]["type"] == ["string", "number"]
    version = properties["apiVersion"]
    assert (version["type"], version["pattern"], version["default"]) == (
        ["string", "number"],
        r"^[0-9]+\.[0-9]+$",
        "1.1",
    )
