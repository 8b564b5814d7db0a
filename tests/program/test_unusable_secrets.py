"""What `send` would stumble over at its start is found by `plan`; what another machine may have is a note."""

import shutil
import sys
from pathlib import Path

import pytest

from batchmail.cli import ending
from tests.program.office import ROOT, captured

KEYS = ROOT / "tests" / "providers"
JOB = """\
version: 1
name: test
provider:
  PROVIDER
recipients: {file: people.csv, key: number}
message:
  to: "{{ email }}"
  from: "FROM"
  subject: Hello
  body: Hi
  contentType: text
"""
SMTP = """kind: smtp
  host: mail.example.com
  username: news@example.com
  password: {env: SMTP_PASSWORD}"""
DKIM = f"""{SMTP}
  dkim:
    domain: example.com
    selector: news
    privateKey: {{file: dkim.pem}}"""
WORKS = "kind: works\n  accessToken: {file: token.txt}"
WORKS_V1 = "kind: works-v1\n  apiId: a\n  consumerKey: {file: token.txt}\n  accessToken: {env: WORKS_TOKEN}"
PLEASANTER = "kind: pleasanter\n  baseUrl: https://example.com\n  recordId: 7\n  apiKey: {file: token.txt}"
OAUTH = """kind: works
  oauth:
    clientId: a
    clientSecret: {file: token.txt}"""


class Desk:
    """A job in a folder of its own, without any secret."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = folder / "job.yaml"
        (folder / "people.csv").write_text("number,email\n1,kim@example.com\n", encoding="utf-8")

    def provide(self, provider: str, sender: str = "Acme, Inc. <news@example.com>") -> None:
        text = JOB.replace("PROVIDER", provider).replace("FROM", sender)
        if not provider.startswith(("kind: smtp", "kind: pleasanter")):
            text = "".join(line for line in text.splitlines(keepends=True) if "from:" not in line)
        self.job.write_text(text, encoding="utf-8")

    def key(self, name: str) -> None:
        shutil.copyfile(KEYS / f"{name}.pem", self.folder / "dkim.pem")

    @property
    def found(self) -> list[str]:
        ended = captured("plan", str(self.job), "--format", "json")
        assert ended.code in {ending.DONE, ending.BLOCKED}
        findings = ended.document["findings"]
        return [f"{each['rule']} {each['severity']} {each['line']}:{each['column']}" for each in findings]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name in ("BATCHMAIL_JOURNAL", "SMTP_PASSWORD", "WORKS_TOKEN", "BATCHMAIL_DKIM"):
        monkeypatch.delenv(name, raising=False)
    return Desk(tmp_path)


def test_a_secret_of_another_machine_is_a_note_and_no_finding(desk: Desk) -> None:
    desk.provide(DKIM)
    assert desk.found == []
    ended = captured("plan", str(desk.job))
    assert (ended.code, "Before you send" in ended.err) == (ending.DONE, True)


@pytest.mark.parametrize("text", ["junk", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_key_that_cannot_sign_is_found_whatever_else_is_missing(desk: Desk, text: str) -> None:
    desk.provide(DKIM)
    (desk.folder / "dkim.pem").write_text(text, encoding="utf-8")
    assert desk.found == ["secret-unusable error 11:5"]
    assert captured("plan", str(desk.job), "--quiet").code == ending.BLOCKED


def test_what_a_finding_says_is_not_said_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.provide(DKIM)
    (desk.folder / "dkim.pem").write_text("junk", encoding="utf-8")
    assert "SMTP_PASSWORD" in captured("plan", str(desk.job)).err
    monkeypatch.setenv("SMTP_PASSWORD", "x")
    assert "Before you send" not in captured("plan", str(desk.job)).err


def test_a_key_that_cannot_be_read_is_found(desk: Desk) -> None:
    desk.provide(DKIM)
    (desk.folder / "dkim.pem").mkdir()
    assert desk.found == ["secret-unusable error 11:5"]


def test_a_key_is_judged_wherever_it_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.provide(DKIM.replace("{file: dkim.pem}", "{env: BATCHMAIL_DKIM}"))
    assert desk.found == []
    monkeypatch.setenv("BATCHMAIL_DKIM", "kHx-canary")
    assert desk.found == ["secret-unusable error 11:5"]
    assert "canary" not in captured("plan", str(desk.job)).out


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("dkim_ed25519", []),
        ("dkim_rsa", ["dkim-key-short info 11:5"]),
        ("dkim_rsa_512", ["secret-unusable error 11:5"]),
    ],
)
def test_a_short_key_is_told(desk: Desk, key: str, found: list[str]) -> None:
    desk.provide(DKIM)
    desk.key(key)
    assert desk.found == found


def test_without_the_library_that_signs_nothing_can_be_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.provide(DKIM)
    desk.key("dkim_rsa")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert desk.found == ["extra-missing error 11:5"]
    assert "pip install 'batchmail[dkim]'" in captured("plan", str(desk.job)).out


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        (SMTP.replace("{env: SMTP_PASSWORD}", "{keyring: mail/news}"), "7:3"),
        (DKIM.replace("{file: dkim.pem}", "{keyring: mail/news}"), "11:5"),
        (WORKS.replace("{file: token.txt}", "{keyring: mail/news}"), "5:3"),
        (OAUTH.replace("{file: token.txt}", "{keyring: mail/news}"), "7:5"),
    ],
)
def test_without_the_library_for_keyrings_nothing_can_be_sent(
    desk: Desk, provider: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.provide(provider)
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert desk.found == [f"extra-missing error {place}"]
    assert "pip install 'batchmail[keyring]'" in captured("plan", str(desk.job)).out


@pytest.mark.parametrize(
    ("provider", "place"), [(WORKS, "5:3"), (WORKS_V1, "6:3"), (PLEASANTER, "7:3"), (OAUTH, "7:5")]
)
def test_a_file_that_is_no_text_holds_no_secret(desk: Desk, provider: str, place: str) -> None:
    desk.provide(provider)
    (desk.folder / "token.txt").write_bytes(b"\xff\xfe")
    assert desk.found == [f"secret-unusable error {place}"]


@pytest.mark.parametrize(("provider", "place"), [(WORKS, "5:3"), (WORKS_V1, "6:3"), (PLEASANTER, "7:3")])
def test_what_is_no_token_is_found_and_not_repeated(desk: Desk, provider: str, place: str) -> None:
    desk.provide(provider)
    (desk.folder / "token.txt").write_text("Bearer kHx-canary\n", encoding="utf-8")
    assert desk.found == [f"secret-unusable error {place}"]
    ended = captured("plan", str(desk.job))
    assert "canary" not in ended.out + ended.err
    (desk.folder / "token.txt").write_text("kHx-canary\n", encoding="utf-8")
    assert desk.found == []


def test_tokens_that_cannot_be_read_are_found(desk: Desk) -> None:
    desk.provide(OAUTH)
    (desk.folder / "token.txt").write_text("kHx-canary\n", encoding="utf-8")
    (desk.folder / ".batchmail").mkdir()
    (desk.folder / ".batchmail" / "tokens.json").write_text("{", encoding="utf-8")
    assert desk.found == ["secret-unusable error 7:5"]


@pytest.mark.parametrize("provider", [DKIM, WORKS])
def test_a_rehearsal_uses_no_secret_and_so_minds_none(desk: Desk, provider: str) -> None:
    desk.provide(provider)
    for name in ("dkim.pem", "token.txt"):
        (desk.folder / name).write_text("no key", encoding="utf-8")
    assert desk.found != []
    assert captured("rehearse", str(desk.job)).code == ending.DONE


@pytest.mark.parametrize("sender", ["news@other.example", "News <news@xample.com>", "{{ number }}@other.example"])
def test_a_signature_of_somebody_else_s_domain_is_a_warning(desk: Desk, sender: str) -> None:
    desk.provide(DKIM, sender)
    assert desk.found == ["dkim-domain-differs warning 9:13"]


@pytest.mark.parametrize(
    "sender", ["NEWS@EXAMPLE.COM", "News <news@mail.example.com>", "{{ email }}", "{{ number }}@{{ email }}"]
)
def test_a_signature_of_the_sender_s_domain_or_of_one_above_is_none(desk: Desk, sender: str) -> None:
    desk.provide(DKIM, sender)
    assert [each for each in desk.found if "dkim" in each] == []


def test_a_domain_above_that_of_the_signature_is_the_same_organisation_s(desk: Desk) -> None:
    desk.provide(DKIM.replace("domain: example.com", "domain: mail.example.com"))
    assert desk.found == []


def test_the_account_is_the_sender_where_no_other_is_named(desk: Desk) -> None:
    desk.provide(DKIM.replace("news@example.com", "news@other.example"))
    text = desk.job.read_text(encoding="utf-8")
    desk.job.write_text("".join(each for each in text.splitlines(keepends=True) if "from:" not in each), "utf-8")
    assert desk.found == ["dkim-domain-differs warning 9:13"]


def test_a_secret_that_stands_in_the_manifest_is_one_finding(desk: Desk) -> None:
    desk.provide(SMTP.replace("{env: SMTP_PASSWORD}", "hunter2"))
    assert desk.found == ["manifest-literal-secret error 7:13"]


def test_a_name_that_is_faulty_is_one_finding(desk: Desk) -> None:
    desk.provide(SMTP.replace("news@example.com", "[news]"))
    assert desk.found == ["manifest-bad-value error 6:13"]


def test_what_is_really_missing_is_found(desk: Desk) -> None:
    desk.provide(SMTP.replace("\n  password: {env: SMTP_PASSWORD}", ""))
    assert desk.found == ["manifest-bad-value error 6:13"]


@pytest.mark.parametrize("port", [0, 70_000])
def test_a_port_that_no_server_has_is_found(desk: Desk, port: int) -> None:
    desk.provide(f"kind: smtp\n  host: mail.example.com\n  port: {port}")
    assert desk.found == ["manifest-bad-value error 6:9"]


def test_a_name_that_no_server_has_is_found(desk: Desk) -> None:
    desk.provide("kind: smtp\n  host: a..메일")
    assert desk.found == ["manifest-bad-value error 5:9"]
