"""Tokens expire, and addresses are known for what is the matter with them, as soon as somebody says so."""

import json
from urllib.parse import urlencode

import pytest

from batchmail.emulator.standalone import STANDALONE
from tests.emulator.steering import Steering, call, standing


@pytest.mark.parametrize("kind", STANDALONE)
def test_a_token_that_expires_is_refused_until_it_is_restored(kind: str) -> None:
    with standing(kind) as emulator:
        good = emulator.outcome()
        assert emulator.change("POST", "/tokens/expire").status == 200
        assert emulator.outcome() in (401, 535)
        assert emulator.change("POST", "/tokens/expire", {}).status == 200
        assert emulator.change("POST", "/tokens/restore", {}).status == 200
        assert emulator.outcome() == good


def test_tokens_take_no_fields() -> None:
    with standing() as works:
        answer = works.change("POST", "/tokens/expire", {"token": "x"})
        assert (answer.status, answer.json["fields"][0]["field"]) == (400, "token")
        assert works.outcome() == 202


def test_after_expiry_a_refresh_token_gives_a_token_that_is_taken() -> None:
    with standing() as works:
        works.change("POST", "/tokens/expire")
        (oauth,) = works.standing.alternatives
        assert isinstance(oauth["oauth"], dict)
        form = {
            "grant_type": "refresh_token",
            "client_id": oauth["oauth"]["clientId"],
            "client_secret": works.standing.environment["WORKS_CLIENT_SECRET"],
            "refresh_token": works.standing.environment["WORKS_REFRESH_TOKEN"],
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        token = call(f"{oauth['authUrl']}/token", "POST", urlencode(form).encode(), headers).json["access_token"]
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        body = json.dumps({"to": "kim@example.com", "subject": "Hello"}).encode()
        assert call(f"{oauth['baseUrl']}/users/me/mail", "POST", body, headers).status == 202


def test_mail_to_an_undeliverable_address_bounces() -> None:
    with standing() as works:
        changed = works.change("PATCH", "/addresses", {"undeliverable": ["Kim@example.com"]})
        assert changed.json == {"undeliverable": ["kim@example.com"]}
        assert works.outcome(to="kim@example.com") == 202
        assert [folder["mailCount"] for folder in folders(works) if folder["folderName"] == "Inbox"] == [1]
        assert works.change("DELETE", "/addresses").json == {"undeliverable": []}


def folders(works: Steering) -> list[dict[str, object]]:
    headers = {"Authorization": f"Bearer {works.standing.environment['WORKS_ACCESS_TOKEN']}"}
    url = f"{works.standing.settings['baseUrl']}/users/me/mail/mailfolders"
    return list(call(url, headers=headers).json["mailFolders"])


def test_an_answer_of_api_1_sorts_addresses_as_it_was_told() -> None:
    lists = {"nonexistent": ["a@x.example"], "dormant": ["b@x.example"], "failing": ["c@x.example"]}
    with standing("works-v1") as emulator:
        assert emulator.change("PATCH", "/addresses", lists).json == lists
        answer = emulator.send(to="a@x.example;b@x.example;c@x.example;d@x.example").json
        assert (answer["noneExistenceAddrList"], answer["dormantAddrList"]) == (["a@x.example"], ["b@x.example"])
        assert (answer["smtpFailList"], answer["successList"]) == (["c@x.example"], ["d@x.example"])
        emulator.change("PATCH", "/addresses", {"dormant": []})
        assert emulator.get("/addresses").json == {**lists, "dormant": []}


def test_pleasanter_knows_the_members_of_a_group() -> None:
    with standing("pleasanter") as pleasanter:
        pleasanter.change("PATCH", "/members", {"[Group3]": ["a@x.example", "b@x.example"]})
        assert pleasanter.outcome(to="Everybody [Group3] <x@x.example>") == 200
        assert pleasanter.mails()[0]["to"] == ["a@x.example", "b@x.example"]
        assert pleasanter.change("DELETE", "/members").json == {}


@pytest.mark.parametrize(
    ("kind", "path", "fields", "name"),
    [
        ("works", "/addresses", {"undeliverable": "kim@example.com"}, "undeliverable"),
        ("works", "/addresses", {"undeliverable": ["kim"]}, "undeliverable"),
        ("works", "/addresses", {"undeliverable": [7]}, "undeliverable"),
        ("works", "/addresses", {"dormant": []}, "dormant"),
        ("works-v1", "/addresses", {"dormant": ["a@x.example"], "failing": None}, "failing"),
        ("pleasanter", "/members", {"[User1]": ["a@x.example"], "User2": ["b@x.example"]}, "User2"),
        ("pleasanter", "/members", {"[User1]": "a@x.example"}, "[User1]"),
    ],
)
def test_a_bad_list_is_named_and_nothing_is_changed(kind: str, path: str, fields: dict[str, object], name: str) -> None:
    with standing(kind) as emulator:
        before = emulator.get(path).json
        answer = emulator.change("PATCH", path, fields)
        assert (answer.status, [field["field"] for field in answer.json["fields"]]) == (400, [name])
        assert emulator.get(path).json == before
