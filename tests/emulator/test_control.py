"""The control side: what was accepted can be read over HTTP, and no web page can reach it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from batchmail.emulator.standalone import STANDALONE
from tests.emulator.steering import JSON, Steering, call, standing

PDF = b"%PDF-1.7 no more than that"


@pytest.fixture
def works() -> Iterator[Steering]:
    with standing() as steering:
        yield steering


@pytest.mark.parametrize("kind", STANDALONE)
def test_a_mail_that_was_sent_is_in_the_inbox(kind: str) -> None:
    with standing(kind) as emulator:
        assert emulator.send(to="kim@example.com", subject="인사").status in (200, 202, 250)
        (mail,) = emulator.mails()
        assert (mail["number"], mail["to"], mail["subject"]) == (1, ["kim@example.com"], "인사")
        facts = emulator.get("").json
        assert (facts["kind"], facts["requests"], facts["accepted"]) == (kind, 1, 1)


@pytest.mark.parametrize("kind", STANDALONE)
def test_a_mail_can_be_opened_as_its_reader_gets_it(kind: str) -> None:
    with standing(kind) as emulator:
        emulator.send(subject="Hello there", body="Good morning")
        answer = emulator.get("/mails/1.eml")
    assert answer.headers["content-type"] == "message/rfc822"
    opened = message_from_bytes(answer.body, EmailMessage, policy=policy.default)
    assert (opened["subject"], opened["to"]) == ("Hello there", "kim@example.com")
    assert "Good morning" in opened.get_content()


def test_one_mail_has_all_that_was_asked_for_and_its_files_whole(works: Steering) -> None:
    file = {"filename": "a.pdf", "fileType": "application/pdf", "data": b64encode(PDF).decode()}
    works.send(cc="lee@example.com", userName="Billing", body="<p>Hello</p>", attachments=[file])
    mail = works.get("/mails/1").json
    assert (mail["cc"], mail["userName"], mail["body"]) == (["lee@example.com"], "Billing", "<p>Hello</p>")
    assert (mail["contentType"], mail["isSaveSentMail"]) == ("html", True)
    (attachment,) = mail["attachments"]
    assert (attachment["filename"], b64decode(attachment["data"])) == ("a.pdf", PDF)


def test_a_long_list_comes_in_pages(works: Steering) -> None:
    for number in range(5):
        works.send(subject=f"Mail {number}")
    found: list[list[int]] = []
    after: int | None = 0
    while after is not None:
        page = works.get(f"/mails?after={after}&limit=2").json
        found.append([mail["number"] for mail in page["mails"]])
        after = page["nextAfter"]
    assert found == [[1, 2], [3, 4], [5]]


def test_the_mails_of_one_person_are_found(works: Steering) -> None:
    for to in ("kim@example.com", "lee@example.com; Kim@example.com", "sato@example.com"):
        works.send(to=to)
    assert [mail["number"] for mail in works.get("/mails?to=kim@").json["mails"]] == [1, 2]
    assert works.get("/mails?subject=Invoice").json["mails"] == []


def test_each_copy_of_a_mail_sent_separately_can_be_opened(works: Steering) -> None:
    works.send(to="kim@example.com; lee@example.com", isSendSeparately=True)
    copies = works.get("/mails/1").json["copies"]
    assert [copy["recipients"] for copy in copies] == [["kim@example.com"], ["lee@example.com"]]
    second = works.get("/mails/1.eml?copy=2").body
    assert b"lee@example.com" in second
    assert b"kim@example.com" not in second
    refused = works.get("/mails/1.eml?copy=3")
    assert refused.status == 400
    assert refused.json["fields"] == [{"field": "copy", "given": "3", "accepted": "a whole number from 1 to 2"}]


def test_a_mail_that_reached_nobody_has_no_copy_to_open(works: Steering) -> None:
    works.change("PATCH", "/rules", {"recipientsPerDay": 0, "overQuota": "draft"})
    assert works.send().status == 202
    answer = works.get("/mails/1.eml")
    assert (answer.status, answer.json["error"]) == (
        404,
        "Mail 1 was accepted, but reached nobody: it is a draft, or lost",
    )
    assert works.get("/mails/1").json["copies"] == []


def test_an_emptied_inbox_goes_on_counting(works: Steering) -> None:
    works.send()
    assert works.change("DELETE", "/mails").status == 200
    assert works.mails() == []
    works.send()
    assert [mail["number"] for mail in works.mails()] == [2]


@pytest.mark.parametrize("path", ["/mails/1", "/mails/1.eml", "/mails/x", "/mails/-1", f"/mails/{'9' * 5000}"])
def test_a_mail_that_is_not_there_is_said(works: Steering, path: str) -> None:
    answer = works.get(path)
    assert answer.status == 404
    assert "0 were accepted so far" in answer.json["error"]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=1001", "limit=", "after=%D9%A1"])
def test_a_page_that_cannot_be_is_said(works: Steering, query: str) -> None:
    answer = call(f"{works.standing.control_url}/mails?{query}")
    assert answer.status == 400
    (field,) = answer.json["fields"]
    assert field["field"] == query.partition("=")[0]
    assert "a whole number from" in field["accepted"]


@pytest.mark.parametrize("path", ["/mail", "/mails/1/2", "/rules/x", "/..", "/%2e%2e/v1.0", "//"])
def test_an_unknown_path_is_told_what_there_is(works: Steering, path: str) -> None:
    answer = works.get(path)
    assert answer.status in (200, 404)
    assert "GET /_emulator/mails" in answer.json["operations"]
    assert (answer.status == 404) == ("error" in answer.json)


def test_a_method_that_a_path_does_not_have_is_told_those_that_it_has(works: Steering) -> None:
    answer = works.change("POST", "/mails", {})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, DELETE")
    assert works.change("DELETE", "/mails/1.eml").headers["allow"] == "GET"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_what_a_form_of_a_web_page_could_send_changes_nothing(works: Steering, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    for method, path in (("POST", "/faults"), ("POST", "/tokens/expire"), ("DELETE", "/mails"), ("PATCH", "/rules")):
        answer = call(f"{works.standing.control_url}{path}", method, b'{"status": 500}', headers)
        assert answer.status == 415, path
        assert "Content-Type: application/json" in answer.json["error"]
    assert works.get("/faults").json["faults"] == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1", "127.0.0.1:1", "", "[::1]"])
def test_a_name_of_another_machine_that_leads_here_is_refused(works: Steering, host: str) -> None:
    assert call(f"{works.standing.control_url}/mails", headers={"Host": host}).status == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_this_machine_has_several_names(works: Steering, name: str) -> None:
    host = f"{name}:{urlsplit(works.standing.control_url).port}"
    assert call(f"{works.standing.control_url}/mails", headers={"Host": host}).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", ""])
def test_scripts_of_other_sites_are_refused(works: Steering, origin: str) -> None:
    url = f"{works.standing.control_url}/faults"
    assert call(url, headers={"Origin": origin}).status == 403
    assert call(url, "POST", b'{"status": 500}', {**JSON, "Origin": origin}).status == 403
    assert works.get("/faults").json["faults"] == []


def test_a_script_of_its_own_is_served(works: Steering) -> None:
    url = urlsplit(works.standing.control_url)
    assert call(f"{works.standing.control_url}/mails", headers={"Origin": f"http://{url.netloc}"}).status == 200


@pytest.mark.parametrize("body", [b"[1]", b"{", b'{"a": NaN}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_said(works: Steering, body: bytes) -> None:
    answer = call(f"{works.standing.control_url}/faults", "POST", body, JSON)
    assert answer.status == 400
    (field,) = answer.json["fields"]
    assert (field["field"], field["accepted"]) == ("(body)", "a JSON object")


def test_no_answer_is_taken_for_a_web_page(works: Steering) -> None:
    works.send(body="<script>alert(1)</script>")
    for path in ("", "/mails", "/mails/1", "/mails/1.eml", "/nothing"):
        answer = works.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "html" not in answer.headers["content-type"]


def test_an_embedded_emulator_has_no_control_side() -> None:
    from batchmail.emulator import works_emulator  # noqa: PLC0415  beside the standing ones, only here

    with works_emulator() as embedded:
        url = urlsplit(embedded.base_url)
        answer = call(f"http://{url.netloc}/_emulator/mails")
    assert (answer.status, json.loads(answer.body)["code"]) == (404, "NOT_FOUND")
