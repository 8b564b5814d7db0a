"""What the emulators' page shows works as it is written there."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from batchmail.cli.emulate import FIRST_PORT
from batchmail.emulator import PleasanterRules, SmtpRules, WorksAuthRules, WorksRules, WorksV1Rules
from batchmail.emulator.rule_switches import rules_json
from batchmail.emulator.standalone import STANDALONE, Ports, Start
from tests.emulator.steering import JSON, Steering, call

PAGE = (Path(__file__).parents[2] / "batchmail" / "emulator" / "README.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the page shows."""

    method: str
    url: str
    body: bytes | None
    headers: Mapping[str, str]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def curl(line: str) -> Example:
    """A command of curl, of which the page uses four options."""
    words = iter(shlex.split(line)[1:])
    options: dict[str, str] = {}
    for word in words:
        if word.startswith("-"):
            options[word] = next(words)
        else:
            options["url"] = word
    body = options["-d"].encode() if "-d" in options else None
    headers = dict([options["-H"].split(": ", 1)]) if "-H" in options else {}
    assert set(options) <= {"-X", "-H", "-d", "-o", "url"}, line
    return Example(options.get("-X", "POST" if body else "GET"), options["url"], body, headers)


def powershell(line: str) -> Example:
    """A command of PowerShell."""
    found = re.fullmatch(
        r"Invoke-RestMethod(?: -Method (\w+) -ContentType (\S+))? (http\S+)(?: -Body '(.*)')?", line.strip()
    )
    assert found, line
    method, content_type, url, body = found.groups()
    headers = {"Content-Type": content_type} if content_type else {}
    return Example((method or "Get").upper(), url, body.encode() if body else None, headers)


def commands(text: str) -> list[str]:
    """The commands of a block, each on one line."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


EXAMPLES = [curl(line) for text in blocks("sh") for line in commands(text)]
POWERSHELL = [powershell(line) for text in blocks("powershell") for line in commands(text)]


@pytest.fixture
def all_kinds() -> Iterator[list[Steering]]:
    """All emulators as the page has them, with the mails that it speaks of."""
    with ExitStack() as stack:
        kinds = [Steering(stack.enter_context(start(Start(Ports(0))))) for start in STANDALONE.values()]
        kinds[0].send()
        kinds[0].send(to="a@example.com;b@example.com", isSendSeparately=True)
        yield kinds


def ask(example: Example, kinds: list[Steering]) -> int:
    """Send an example to the emulator that its port stands for; gives the status."""
    url = urlsplit(example.url)
    assert url.port is not None
    running = urlsplit(kinds[url.port - FIRST_PORT].standing.control_url)
    query = f"?{url.query}" if url.query else ""
    answer = call(f"http://{running.netloc}{url.path}{query}", example.method, example.body, example.headers)
    if answer.status >= 400:
        pytest.fail(f"{example}: {answer.body.decode()}")
    return answer.status


def test_every_command_that_is_shown_works(all_kinds: list[Steering]) -> None:
    statuses = {ask(example, all_kinds) for example in EXAMPLES}
    assert statuses == {200, 201}
    assert len(EXAMPLES) > 20


def test_every_command_for_powershell_works_too(all_kinds: list[Steering]) -> None:
    assert {ask(example, all_kinds) for example in POWERSHELL} == {200, 201}


def test_every_operation_is_shown_and_no_other(all_kinds: list[Steering]) -> None:
    shown = {(example.method, generic(urlsplit(example.url).path)) for example in EXAMPLES}
    there = {tuple(each.split(" ", 1)) for kind in all_kinds for each in kind.get("").json["operations"]}
    named = {(method, re.sub(r"\{\w+\}", "N", path)) for method, path in there}
    unnamed = {(method, path) for method, path in named - shown if (method, path) not in SAME_ELSEWHERE}
    assert shown <= named
    assert unnamed == set()


#: Shown for another resource of the same page, in words that hold for these too.
SAME_ELSEWHERE = {
    ("GET", "/_emulator/addresses"),
    ("GET", "/_emulator/members"),
    ("DELETE", "/_emulator/members"),
    ("GET", "/_emulator/auth-rules"),
    ("DELETE", "/_emulator/auth-rules"),
}


def generic(path: str) -> str:
    return re.sub(r"/\d+", "/N", path)


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("### works: `rules`", WorksRules()),
        ("### works: `auth-rules`", WorksAuthRules()),
        ("### works-v1: `rules`", WorksV1Rules()),
        ("### pleasanter: `rules`", PleasanterRules()),
        ("### smtp: `rules`", SmtpRules()),
    ],
)
def test_every_rule_is_listed_with_what_it_is_at_the_start(
    title: str, rules: WorksRules | WorksAuthRules | WorksV1Rules | PleasanterRules | SmtpRules
) -> None:
    lines = PAGE[PAGE.index(title) :].split("\n\n")[1].splitlines()[2:]
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|", 2)] for line in lines]
    assert {name: json.loads(value) for name, value, _ in cells} == rules_json(rules)
    assert all(text.strip() for _, _, text in cells)


def test_the_operations_that_a_fault_can_strike_are_named(all_kinds: list[Steering]) -> None:
    for kind in all_kinds:
        answer = kind.change("POST", "/faults", {"operation": "?", "status": 500})
        accepted = json.loads(f"[{answer.json['fields'][0]['accepted'].replace(' or ', ', ')}]")
        assert all(f"`{name}`" in PAGE for name in accepted)


def test_the_line_for_scripts_has_the_keys_that_are_shown() -> None:
    (shown,) = (json.loads(text) for text in blocks("json"))
    assert set(shown["emulators"][0]) == {"kind", "control", "provider", "alternatives", "environment"}


def test_the_example_in_python_runs() -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  the page's own text


def test_json_headers_are_what_the_page_says() -> None:
    assert {tuple(example.headers.items()) for example in EXAMPLES if example.method != "GET"} == {tuple(JSON.items())}
