"""Jobs whose every secret is known, to be looked for wherever a job leaves anything behind."""

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from batchmail.emulator import (
    Faults,
    PleasanterRules,
    SmtpRules,
    WorksRules,
    WorksV1Rules,
    pleasanter_emulator,
    smtp_emulator,
    works_emulator,
    works_v1_emulator,
)
from tests.program.office import Ended, captured

#: A secret that no server knows.
CANARY = "kHx-canary/7+unmistakable"
DKIM_KEY = Path(__file__).parents[1] / "providers" / "dkim_ed25519.pem"

JOB = """\
version: 1
name: secret
provider:
PROVIDER
recipients:
  file: people.csv
  key: email
message:
  to: "{{ email }}"
MESSAGE
  body: "Dear {{ name }}"
  contentType: text
send: {rate: 100000/s, concurrency: 1, attempts: 1, timeout: 0.5s}
report: [results.csv, results.xlsx, results.jsonl]
"""
SUBJECT = '  subject: "Hello {{ name }}"'
SENDER = '  from: "Billing <billing@example.com>"\n' + SUBJECT


@dataclass
class SecretJob:
    """A folder with a job, and all of its secrets by the name of their variable or file."""

    folder: Path
    provider: str
    secrets: dict[str, str]
    message: str = SUBJECT
    files: frozenset[str] = frozenset()
    derived: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    environment: Callable[[str, str], None] = lambda _name, _value: None
    ended: list[Ended] = field(default_factory=list)

    def __post_init__(self) -> None:
        provider = "\n".join(f"  {line}" for line in self.provider.splitlines())
        text = JOB.replace("PROVIDER", provider).replace("MESSAGE", self.message)
        (self.folder / "job.yaml").write_text(text, encoding="utf-8")
        people = ["name,email", "Kim,kim@example.com", "佐藤,sato@example.com", ""]
        (self.folder / "people.csv").write_text("\n".join(people), encoding="utf-8")
        for name, value in self.secrets.items():
            self.give(name, value)

    def give(self, name: str, value: str) -> None:
        """Put a secret where the manifest looks for it."""
        self.secrets[name] = value
        if name in self.files:
            (self.folder / name).write_text(value, encoding="utf-8")
        else:
            self.environment(name, value)

    def give_wrong_ones(self) -> None:
        """Secrets that no server knows."""
        for name in self.secrets:
            if name not in self.kept:
                self.give(name, f"{CANARY}-{name.lower()}")

    def run(self, command: str, *options: str) -> Ended:
        """Run a command to its end."""
        ended = captured(command, str(self.folder / "job.yaml"), *options)
        self.ended.append(ended)
        return ended

    def run_all(self) -> int:
        """Everything that a person may do with a job; gives the exit code of `send`."""
        self.run("plan", "-vvv", "--all", "--out", str(self.folder / "saved.plan"))
        self.run("preview", "--out", str(self.folder / "preview"))
        code = self.run("send", "-vvv", "--yes").code
        self.run("status", "-vvv", "--format", "json")
        self.run("report", "--out", str(self.folder / "again.csv"))
        return code

    def echo(self) -> bytes:
        """All secrets, as a server would repeat them: as they are, in JSON, and in a form."""
        secrets = list(self.secrets.values())
        forms = [*secrets, *(json.dumps(each).replace("/", "\\/") for each in secrets), *map(quoted, secrets)]
        return json.dumps({"code": "ECHO", "description": " ".join(secrets), "Message": " ".join(forms)}).encode()

    def found(self, log: str) -> list[str]:
        """Where a secret stands that must not: in what was printed, logged, or written."""
        said = {f"output {number}": ended.out + ended.err for number, ended in enumerate(self.ended)}
        told = {name: text.encode() for name, text in {**said, "the log": log}.items()}
        private = {*self.files, "tokens.json"}
        written = [path for path in self.folder.rglob("*") if path.is_file() and path.name not in private]
        told |= {str(path.relative_to(self.folder)): path.read_bytes() for path in written}
        return [f"{name} in {place}" for place, text in told.items() for name, form in self._forms() if form in text]

    def _forms(self) -> Iterator[tuple[str, bytes]]:
        for name, secret in self.secrets.items():
            for form in (secret, secret.replace("/", "\\/"), quoted(secret), in_base64(secret)):
                yield name, form.encode()
        for each in self.derived:
            yield "login", each.encode()


def quoted(secret: str) -> str:
    """A secret in a form or an address."""
    return quote(secret, safe="")


def in_base64(text: str) -> str:
    """A text in Base64."""
    return b64encode(text.encode()).decode()


Making = Callable[[Path, Faults, Callable[[str, str], None]], Iterator[SecretJob]]


def works_env(folder: Path, faults: Faults, environment: Callable[[str, str], None]) -> Iterator[SecretJob]:
    """WORKS with a token in a variable."""
    with works_emulator(rules=WorksRules.rehearsal(), faults=faults) as works:
        text = f"kind: works\nbaseUrl: {works.base_url}\naccessToken: {{env: TOKEN}}"
        yield SecretJob(folder, text, {"TOKEN": works.access_token}, environment=environment)


def works_file(folder: Path, faults: Faults, environment: Callable[[str, str], None]) -> Iterator[SecretJob]:
    """WORKS with a token in a file."""
    with works_emulator(rules=WorksRules.rehearsal(), faults=faults) as works:
        text = f"kind: works\nbaseUrl: {works.base_url}\naccessToken: {{file: token.txt}}"
        secrets, files = {"token.txt": works.access_token}, frozenset({"token.txt"})
        yield SecretJob(folder, text, secrets, files=files, environment=environment)


def works_oauth(folder: Path, faults: Faults, environment: Callable[[str, str], None]) -> Iterator[SecretJob]:
    """WORKS with a token that is renewed."""
    with works_emulator(rules=WorksRules.rehearsal(), faults=faults) as works:
        text = (
            f"kind: works\nbaseUrl: {works.base_url}\nauthUrl: {works.auth_url}\n"
            "oauth: {clientId: emulated-client, clientSecret: {env: CLIENT}, refreshToken: {env: REFRESH}}"
        )
        secrets = {"CLIENT": works.auth.client_secret, "REFRESH": works.auth.issue_refresh_token()}
        yield SecretJob(folder, text, secrets, environment=environment)


def works_v1(folder: Path, faults: Faults, environment: Callable[[str, str], None]) -> Iterator[SecretJob]:
    """WORKS API 1.0."""
    with works_v1_emulator(rules=WorksV1Rules.rehearsal(), faults=faults) as works:
        text = (
            f"kind: works-v1\napiId: jp1example\nbaseUrl: {works.base_url}\n"
            "consumerKey: {env: CONSUMER}\naccessToken: {env: TOKEN}"
        )
        secrets = {"CONSUMER": min(works.tenant.consumer_keys), "TOKEN": works.access_token}
        yield SecretJob(folder, text, secrets, environment=environment)


def pleasanter(folder: Path, faults: Faults, environment: Callable[[str, str], None]) -> Iterator[SecretJob]:
    """Pleasanter, whose key travels in the body."""
    with pleasanter_emulator(rules=PleasanterRules.rehearsal(), faults=faults) as running:
        text = f'kind: pleasanter\nbaseUrl: {running.base_url}\nrecordId: "4711"\napiKey: {{env: KEY}}'
        yield SecretJob(folder, text, {"KEY": running.access_token}, environment=environment)


def smtp(folder: Path, faults: Faults, environment: Callable[[str, str], None]) -> Iterator[SecretJob]:
    """A mail server, with a signature."""
    with smtp_emulator(rules=SmtpRules(recipients=None), faults=faults) as server:
        text = (
            f"kind: smtp\nhost: 127.0.0.1\nport: {server.server.port}\nsecurity: none\nusername: billing@example.com\n"
            "password: {env: PASSWORD}\n"
            "dkim: {domain: example.com, selector: s1, privateKey: {file: key.pem}}"
        )
        key = DKIM_KEY.read_text(encoding="utf-8")
        lines = tuple(line for line in key.splitlines() if "-----" not in line)
        login = (in_base64(f"\0billing@example.com\0{server.access_token}"), *lines)
        secrets = {"PASSWORD": server.access_token, "key.pem": key}
        files = frozenset({"key.pem"})
        yield SecretJob(folder, text, secrets, SENDER, files, login, kept=("key.pem",), environment=environment)


MAKINGS: dict[str, Making] = {
    "a token in a variable": works_env,
    "a token in a file": works_file,
    "tokens that are renewed": works_oauth,
    "a consumer key": works_v1,
    "an API key": pleasanter,
    "a password and a DKIM key": smtp,
}


@contextmanager
def secret_job(name: str, folder: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretJob]:
    """One of the jobs, with the provider that it sends to."""
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    logging.getLogger("asyncio").setLevel(logging.INFO)
    yield from MAKINGS[name](folder, faults, monkeypatch.setenv)
