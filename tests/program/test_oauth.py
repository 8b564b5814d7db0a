"""Access tokens that end in the midst of a run, and people who sign in: no mail is lost, no secret is told."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import click
import pytest

from batchmail.cli import login
from batchmail.cli.console import Console
from batchmail.emulator import Answer, Fault, Faults, Incoming, RunningWorks, WorksAuthRules, WorksRules, works_emulator
from batchmail.finding import Findings
from batchmail.pipeline import load_job
from batchmail.providers.consent import Consent, ConsentFailed
from batchmail.providers.works import consent_of
from tests.program.office import JOB, Ended, Office

OAUTH = """\
  authUrl: AUTH_URL
  oauth:
    clientId: emulated-client
    clientSecret: {env: WORKS_CLIENT_SECRET}
    refreshToken: {env: WORKS_REFRESH_TOKEN}
"""


class SignedIn(Office):
    """An office whose job renews its tokens; `secrets` are all that were ever given out."""

    def __init__(self, folder: Path, works: RunningWorks, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, works)
        self.monkeypatch = monkeypatch
        self.secrets = {"client secret": works.auth.client_secret, "access token": works.access_token}
        self.set("WORKS_CLIENT_SECRET", works.auth.client_secret)
        self.set("WORKS_ACCESS_TOKEN", works.access_token)
        self.set("WORKS_REFRESH_TOKEN", works.auth.issue_refresh_token())
        self.manifest(JOB.replace("recipients:", OAUTH.replace("AUTH_URL", works.auth_url) + "recipients:"))

    def set(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(name, value)
        if value:
            self.secrets[name] = value

    @property
    def tokens(self) -> Path:
        return self.folder / ".batchmail" / "tokens.json"

    def assert_everybody_has_their_mail(self, count: int) -> None:
        assert sorted(self.accepted()) == sorted(f"person{n}@example.com" for n in range(1, count + 1))

    def assert_nothing_is_told(self, *ended: Ended) -> None:
        """No secret in what was printed, nor in any file but that of the tokens."""
        kept = json.loads(self.tokens.read_text(encoding="utf-8")).values() if self.tokens.exists() else ()
        found = {text for each in kept for name, text in each.items() if name in ("access", "refresh") and text}
        secrets = [secret.encode() for secret in {*self.secrets.values(), *found}]
        shown = [(each.out + each.err).encode() for each in ended]
        files = [path for path in self.folder.rglob("*") if path.is_file() and path != self.tokens]
        for text in (*shown, *(path.read_bytes() for path in files)):
            assert not [secret for secret in secrets if secret in text]


Employ = Callable[..., SignedIn]


@pytest.fixture
def employ(tmp_path: Path, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> Iterator[Employ]:
    """Makes the office; what is given are the switches of its app."""
    monkeypatch.delenv("BATCHMAIL_JOURNAL", raising=False)
    with ExitStack() as stack:

        def make(rules: WorksAuthRules | None = None) -> SignedIn:
            running = works_emulator(rules=WorksRules.rehearsal(), faults=faults, auth_rules=rules)
            return SignedIn(tmp_path, stack.enter_context(running), monkeypatch)

        yield make


def at_mail(number: int, what: Callable[[], None]) -> Callable[[Incoming], bool]:
    """Lets something happen when that request to send a mail arrives; nothing goes wrong with the request itself."""

    def seen(incoming: Incoming) -> bool:
        if incoming.operation == "mail-create" and incoming.number == number:
            what()
        return False

    return seen


def test_a_token_that_ends_in_the_midst_of_a_thousand_mails_costs_none_of_them(employ: Employ, faults: Faults) -> None:
    office = employ()
    office.people(1_000)
    faults.when(Fault(), at_mail(400, lambda: office.works.tenant.revoke_token(office.works.access_token)))
    ended = office.send("--verbose")
    assert ended.code == 0, ended.err
    assert ended.document["counts"]["sent"] == 1_000
    office.assert_everybody_has_their_mail(1_000)
    assert office.works.auth.renewals == 1
    assert 1_000 < ended.document["requests"] <= 1_016
    office.assert_nothing_is_told(ended)


def test_a_second_run_begins_with_the_token_of_the_first(employ: Employ) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    assert office.send().code == 0
    office.people(5)
    again = office.send()
    assert (again.code, again.document["requests"], office.works.auth.renewals) == (0, 2, 1)


def test_two_sends_at_a_time_renew_once(employ: Employ) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    office.people(50)
    office.write("other.yaml", office.job.read_text(encoding="utf-8").replace("name: test", "name: other"))
    journal = ("--journal", str(office.folder / "other.db"))
    sends = [
        office.start("send", str(office.job), "--yes"),
        office.start("send", str(office.folder / "other.yaml"), "--yes", *journal),
    ]
    ended = [(send.communicate(), send.returncode) for send in sends]
    assert [code for _, code in ended] == [0, 0], ended
    assert (len(office.accepted()), office.works.auth.renewals) == (100, 1)


def test_without_rotation_and_with_numbers_it_is_the_same(employ: Employ) -> None:
    office = employ(WorksAuthRules(rotation=False, expires_in="number", access_seconds=3600.0))
    office.set("WORKS_ACCESS_TOKEN", "")
    ended = office.send()
    assert (ended.code, office.works.auth.renewals) == (0, 1)
    office.assert_everybody_has_their_mail(3)


def test_a_spent_refresh_token_stops_the_run_before_any_mail_and_says_what_to_do(employ: Employ) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    office.works.auth.revoke_refresh_token(office.secrets["WORKS_REFRESH_TOKEN"])
    ended = office.send("--verbose")
    assert ended.code == 4
    assert ended.document["stopped"].startswith("invalid_grant: the token endpoint answered 400 Bad Request")
    text = office.run("send", str(office.job), "--yes")
    assert f"`batchmail login {office.job.as_posix()}`" in text.out
    assert office.accepted() == []
    assert office.status().document["counts"]["queued"] == 3
    office.assert_nothing_is_told(ended, text)


def test_a_wrong_client_secret_stops_the_run_and_is_not_repeated(employ: Employ) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    office.set("WORKS_CLIENT_SECRET", "wrong-canary")
    ended = office.run("send", str(office.job), "--yes", "--verbose")
    assert ended.code == 4
    assert "invalid_client" in ended.out
    assert "provider.oauth.clientSecret" in ended.out
    office.assert_nothing_is_told(ended)


def test_an_endpoint_that_repeats_the_request_does_not_make_it_known(employ: Employ, faults: Faults) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    secret, refresh = office.secrets["WORKS_CLIENT_SECRET"], office.secrets["WORKS_REFRESH_TOKEN"]
    echo = {"error": f"e{refresh}", "error_description": f"you sent {refresh} with {secret}"}
    echoing = Answer(400, json.dumps(echo).encode(), (("content-type", "application/json"),))
    faults.when(Fault(echoing), lambda incoming: incoming.operation == "oauth2-token")
    ended = office.run("send", str(office.job), "--yes", "--verbose")
    assert ended.code == 4
    assert "you sent *** with ***" in ended.out
    office.assert_nothing_is_told(ended)


def test_a_token_endpoint_that_is_down_for_a_moment_costs_no_mail(employ: Employ, faults: Faults) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    unwell = Fault(Answer(503, b"<html>Come back later</html>"))
    faults.when(unwell, lambda incoming: incoming.operation == "oauth2-token" and incoming.number == 1)
    ended = office.send()
    assert ended.code == 0, ended.err
    office.assert_everybody_has_their_mail(3)


def test_the_token_of_a_service_account_is_told_for_what_it_is(employ: Employ) -> None:
    office = employ()
    office.set("WORKS_ACCESS_TOKEN", office.works.tenant.issue_token(service_account=True))
    ended = office.run("send", str(office.job), "--yes")
    assert ended.code == 4
    assert "service-account tokens (JWT) may not send mail" in ended.out
    assert "batchmail login" in ended.out


def test_a_rehearsal_needs_none_of_it(employ: Employ) -> None:
    office = employ()
    for name in ("WORKS_CLIENT_SECRET", "WORKS_ACCESS_TOKEN", "WORKS_REFRESH_TOKEN"):
        office.monkeypatch.delenv(name)
    ended = office.run("rehearse", str(office.job), "--format", "json")
    assert (ended.code, ended.document["counts"]["sent"]) == (0, 3)
    missing = office.send()
    assert missing.code == 1
    assert "WORKS_CLIENT_SECRET" in missing.err


class Person(Console):
    """Somebody at a terminal, who types what they are asked for."""

    def __init__(self, types: Callable[[str], str] = lambda _: "") -> None:
        super().__init__()
        self.said: list[str] = []
        self._types = types

    @property
    def interactive(self) -> bool:
        return True

    @property
    def address(self) -> str:
        """The sign-in page that was told."""
        return next(line.strip() for line in "\n".join(self.said).splitlines() if "/authorize?" in line)

    def ask(self, question: str) -> str:
        self.said.append(question)
        return self._types(self.address)

    def _say(self, text: str, *, err: bool) -> None:
        del err
        self.said.append(text)


def led_to(address: str) -> str:
    """The address that the sign-in page leads a browser to."""
    url = urlsplit(address)
    with closing(HTTPConnection(str(url.hostname), url.port)) as connection:
        connection.request("GET", f"{url.path}?{url.query}")
        answer = connection.getresponse()
        assert answer.status == 302
        return answer.headers["Location"]


def visit(address: str) -> bool:
    """A browser that goes wherever it is led."""
    with urlopen(address) as page:  # noqa: S310  the emulator's own address
        assert page.status == 200
        text = page.read().decode()
        assert "go back to the terminal" in text
        assert not [code for code in parse_qs(urlsplit(page.url).query).get("code", ()) if code in text]
    return True


def signs_in(office: SignedIn, person: Person, *options: str) -> int:
    """Run the command for a person."""
    return int(login.command.main([str(office.job), *options], obj=person, standalone_mode=False))


def consent(office: SignedIn) -> Consent:
    job = load_job(office.job, Findings())
    assert job is not None
    wanted = consent_of(job.provider.settings)
    assert wanted is not None
    return wanted


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def fresh(office: SignedIn) -> SignedIn:
    """The same office before anybody has signed in."""
    office.set("WORKS_ACCESS_TOKEN", "")
    office.set("WORKS_REFRESH_TOKEN", "")
    return office


def test_one_signs_in_with_a_browser_and_then_mails_are_sent(employ: Employ) -> None:
    office, person = fresh(employ()), Person()
    asked = office.send()
    assert asked.code == 1
    assert f"Sign in: `batchmail login {office.job.as_posix()}`." in asked.err
    login.sign_in(person, consent(office), free_port(), visit)
    sent = office.send("--verbose")
    assert (sent.code, sent.document["counts"]["sent"], office.works.auth.renewals) == (0, 3, 0)
    office.assert_nothing_is_told(asked, sent, Ended(0, "\n".join(person.said), ""))


@pytest.mark.parametrize("whole", [True, False], ids=["the address", "the code"])
def test_one_signs_in_with_what_the_browser_was_led_to(employ: Employ, whole: bool) -> None:  # noqa: FBT001  one of two
    office = fresh(employ())

    def types(address: str) -> str:
        end = led_to(address)
        return f"  {end} " if whole else parse_qs(urlsplit(end).query)["code"][0]

    person = Person(types)
    assert signs_in(office, person, "--no-browser", "--port", "9999") == 0
    said = "\n".join(person.said)
    assert "http://127.0.0.1:9999/callback" in said
    assert office.tokens.as_posix() in said
    assert "then renewed by itself" in said
    assert office.send().code == 0
    office.assert_nothing_is_told(Ended(0, said, ""))


def test_where_no_browser_opens_the_terminal_is_used(employ: Employ) -> None:
    office, person = fresh(employ()), Person(led_to)
    login.sign_in(person, consent(office), free_port(), lambda _: False)
    assert office.send().code == 0


def test_signing_in_again_ends_the_trouble(employ: Employ) -> None:
    office = employ()
    office.works.tenant.revoke_token(office.works.access_token)
    office.works.auth.revoke_refresh_token(office.secrets["WORKS_REFRESH_TOKEN"])
    assert office.send().code == 4
    assert signs_in(office, Person(led_to), "--no-browser") == 0
    assert office.send().code == 0
    office.assert_everybody_has_their_mail(3)


def test_a_refresh_token_goes_where_the_manifest_says(employ: Employ) -> None:
    office = fresh(employ())
    office.edit("{env: WORKS_REFRESH_TOKEN}", "{file: refresh.txt}")
    person = Person(led_to)
    signs_in(office, person, "--no-browser")
    path = office.folder / "refresh.txt"
    assert path.as_posix() in "\n".join(person.said)
    office.secrets["kept"] = path.read_text(encoding="utf-8").strip()
    assert office.send().code == 0
    path.unlink()
    office.assert_nothing_is_told(Ended(0, "\n".join(person.said), ""))


def test_who_says_no_is_taken_at_their_word(employ: Employ) -> None:
    office = fresh(employ(WorksAuthRules(consents=False)))
    with pytest.raises(ConsentFailed, match="refused \\(access_denied\\)") as caught:
        signs_in(office, Person(led_to), "--no-browser")
    assert caught.value.exit_code == 4
    with pytest.raises(ConsentFailed, match="refused \\(access_denied\\)"):
        login.sign_in(Person(), consent(office), free_port(), visit)
    assert not office.tokens.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "No code was given"),
        ("never-given", "invalid_grant"),
        ("http://127.0.0.1:8734/callback?code=x&state=another", "belongs to another sign-in"),
        ("http://127.0.0.1:8734/callback?code=x", "belongs to another sign-in"),
    ],
)
def test_what_is_no_code_is_told(employ: Employ, typed: str, told: str) -> None:
    office = fresh(employ())
    with pytest.raises(ConsentFailed, match=told):
        signs_in(office, Person(lambda _: typed), "--no-browser")
    assert not office.tokens.exists()


def test_signing_in_takes_a_terminal_and_a_job_that_wants_it(employ: Employ) -> None:
    office = employ()
    ended = office.run("login", str(office.job))
    assert ended.code == 2
    assert "no terminal" in ended.err
    office.manifest(JOB)
    with pytest.raises(click.UsageError, match="its provider `works` has no `oauth`"):
        signs_in(office, Person())


def test_a_port_that_is_taken_is_told_with_what_to_do(employ: Employ) -> None:
    office, person = employ(), Person()
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = int(taken.getsockname()[1])
        with pytest.raises(click.UsageError, match=f"Port {port} cannot be used here .* --port"):
            login.sign_in(person, consent(office), port, visit)
    assert person.said == [], "nobody is sent to a page that could not lead back"


def test_nobody_is_waited_for_without_end(employ: Employ) -> None:
    office = employ()
    with pytest.raises(ConsentFailed, match="Nobody signed in within"):
        login.sign_in(Person(), consent(office), free_port(), lambda _: True, patience_seconds=0.05)
