"""Faults that are ordered over HTTP strike the requests that they name, as they say."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchmail.emulator.control import Control
from batchmail.emulator.exchange import Incoming
from batchmail.emulator.fault_order import read_order
from batchmail.emulator.fault_script import FaultScript
from batchmail.emulator.glance import works_glance
from batchmail.emulator.json_fields import Unacceptable
from batchmail.emulator.standalone import STANDALONE
from tests.emulator.bench import UNHURRIED
from tests.emulator.steering import Steering, standing


@pytest.fixture
def works() -> Iterator[Steering]:
    with standing() as steering:
        yield steering


def order(works: Steering, **fields: object) -> int:
    """Set a fault; gives its id."""
    answer = works.change("POST", "/faults", fields)
    assert answer.status == 201, answer.body
    return int(answer.json["id"])


def outcomes(works: Steering, number: int) -> list[int | str]:
    return [works.outcome() for _ in range(number)]


def test_an_answer_of_ones_own(works: Steering) -> None:
    order(works, status=429, headers={"rateLimit-reset": "5"}, body={"code": "TOO_MANY_REQUESTS"})
    answer = works.send()
    assert (answer.status, answer.headers["ratelimit-reset"]) == (429, "5")
    assert (answer.headers["content-type"], answer.json) == ("application/json", {"code": "TOO_MANY_REQUESTS"})
    assert works.mails() == []


def test_a_body_is_a_text_as_well_and_its_type_can_be_told(works: Steering) -> None:
    order(works, status=502, headers={"Content-Type": "text/html"}, body="<h1>점검 중</h1>")
    answer = works.send()
    assert (answer.headers["content-type"], answer.body.decode()) == ("text/html", "<h1>점검 중</h1>")


@pytest.mark.parametrize(("handled", "accepted"), [(False, 0), (True, 1)])
def test_an_error_before_or_after_the_mail_was_accepted(works: Steering, *, handled: bool, accepted: int) -> None:
    order(works, status=500, handled=handled)
    assert works.outcome() == 500
    assert len(works.mails()) == accepted


def test_a_connection_is_cut(works: Steering) -> None:
    order(works, cut=True, handled=True, next=1)
    assert outcomes(works, 2) == ["cut", 202]
    assert len(works.mails()) == 2


def test_an_answer_breaks_off(works: Steering) -> None:
    order(works, status=200, body="a long answer", keptBytes=6)
    assert works.outcome() == "cut"


def test_an_answer_is_late(works: Steering) -> None:
    order(works, waitSeconds=0.01)
    assert works.outcome() == 202
    assert works.get("/faults").json["faults"][0]["struck"] == 1


def test_requests_are_chosen_by_their_numbers(works: Steering) -> None:
    order(works, requests=[2, 4], status=500)
    assert outcomes(works, 5) == [202, 500, 202, 500, 202]


def test_the_next_requests_are_those_after_the_order(works: Steering) -> None:
    outcomes(works, 3)
    order(works, next=2, status=503)
    assert outcomes(works, 4) == [503, 503, 202, 202]


def test_every_third_request(works: Steering) -> None:
    works.outcome()
    order(works, every=3, status=500)
    assert outcomes(works, 7) == [202, 202, 500, 202, 202, 500, 202]


@pytest.mark.parametrize("kind", STANDALONE)
@pytest.mark.parametrize(
    ("condition", "struck"), [({"to": "KIM@"}, "kim@example.com"), ({"subject": "00042"}, "Invoice 00042")]
)
def test_requests_are_chosen_by_whom_they_write_to_and_about_what(
    kind: str, condition: dict[str, object], struck: str
) -> None:
    with standing(kind) as emulator:
        good = emulator.outcome(to="lee@example.com", subject="Invoice 00043")
        order(emulator, **condition, status=503)
        fields = {"to": struck} if "to" in condition else {"subject": struck}
        assert emulator.outcome(to="lee@example.com", subject="Invoice 00043") == good
        assert emulator.outcome(**fields) == 503


def test_a_broken_request_writes_to_nobody(works: Steering) -> None:
    order(works, to="kim", status=503)
    assert works.outcome(to=7) == 400
    assert works.outcome() == 503


def test_conditions_hold_together(works: Steering) -> None:
    order(works, to="kim", next=1, status=500)
    assert works.outcome(to="lee@example.com") == 202
    assert [works.outcome(), works.outcome()] == [500, 202]


def test_another_operation_is_struck_where_it_is_named(works: Steering) -> None:
    order(works, operation="mail-folder-list", status=500)
    assert works.outcome() == 202
    order(works, operation="any", status=503)
    assert works.outcome() == 503


def test_of_several_the_first_strikes_and_each_can_be_taken_back(works: Steering) -> None:
    first, second = order(works, status=500), order(works, status=503)
    assert works.outcome() == 500
    assert works.change("DELETE", f"/faults/{first}").status == 200
    assert works.outcome() == 503
    shown = works.get("/faults").json
    assert shown == {"faults": [{"id": second, "struck": 1, "status": 503}], "requests": 2}
    works.change("DELETE", "/faults")
    assert works.outcome() == 202
    assert works.change("DELETE", f"/faults/{first}").status == 404


def test_many_threads_ask_and_none_is_struck_twice() -> None:
    script = FaultScript(["send"], works_glance, lambda: 0)
    control = Control(dict, script.operations())
    headers = {"host": "127.0.0.1:1", "content-type": "application/json"}
    body = b'{"next": 100, "status": 500}'
    assert control(Incoming("control", 0, "POST", {"path": "faults"}, {}, headers, body), 1).status == 201

    def struck(number: int) -> bool:
        return script.of(Incoming("send", number, "POST", {}, {}, {}, b"")) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(struck, range(1, 501))) == 100


BAD = [
    ({"status": 199}, "status"),
    ({"status": 600}, "status"),
    ({"status": True}, "status"),
    ({"status": "500"}, "status"),
    ({"status": 500, "headers": {"Bad Name": "x"}}, "headers"),
    ({"status": 500, "headers": {"A": "x\r\nB: y"}}, "headers"),
    ({"status": 500, "headers": {"Content-Length": "1"}}, "headers"),
    ({"status": 500, "headers": {"A": 7}}, "headers"),
    ({"status": 500, "headers": ["A"]}, "headers"),
    ({"status": 500, "body": 7}, "body"),
    ({"status": 204, "body": "text"}, "body"),
    ({"cut": True, "body": "text"}, "body"),
    ({"cut": 1}, "cut"),
    ({"cut": True, "silence": True}, "silence"),
    ({"status": 500, "cut": True}, "cut"),
    ({"cut": True, "keptBytes": 3}, "keptBytes"),
    ({"status": 500, "keptBytes": -1}, "keptBytes"),
    ({"waitSeconds": -1}, "waitSeconds"),
    ({"waitSeconds": 3601}, "waitSeconds"),
    ({"waitSeconds": "3"}, "waitSeconds"),
    ({"status": 500, "requests": []}, "requests"),
    ({"status": 500, "requests": [0]}, "requests"),
    ({"status": 500, "requests": [1.5]}, "requests"),
    ({"status": 500, "requests": [[]]}, "requests"),
    ({"status": 500, "requests": 3}, "requests"),
    ({"status": 500, "every": 0}, "every"),
    ({"status": 500, "next": 0}, "next"),
    ({"status": 500, "to": ""}, "to"),
    ({"status": 500, "subject": None}, "subject"),
    ({"status": 500, "operation": "sendMail"}, "operation"),
    ({"status": 500, "operation": ["any"]}, "operation"),
    ({"status": 500, "colour": "red"}, "colour"),
    ({"handled": True}, "(body)"),
    ({}, "(body)"),
]


@pytest.mark.parametrize(("fields", "name"), BAD)
def test_a_bad_field_is_named_with_what_was_given_and_what_is_accepted(
    works: Steering, fields: dict[str, object], name: str
) -> None:
    answer = works.change("POST", "/faults", fields)
    assert answer.status == 400
    (told,) = answer.json["fields"]
    assert told["field"] == name
    assert told["accepted"]
    assert json.loads(told["given"]) == (fields if name == "(body)" else fields[name])
    assert works.get("/faults").json["faults"] == []


def test_texts_that_cannot_be_written_are_refused(works: Steering) -> None:
    for fields in ({"status": 500, "body": "\ud800"}, {"\ud800": 1}, {"status": 500, "to": "\ud800"}):
        assert works.change("POST", "/faults", fields).status == 400
    assert works.change("PATCH", "/rules", {"\ud800": 1}).status == 400


def test_all_bad_fields_are_told_at_once(works: Steering) -> None:
    answer = works.change("POST", "/faults", {"status": 7, "next": "two", "colour": "red"})
    assert [field["field"] for field in answer.json["fields"]] == ["next", "status", "colour"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["status", "headers", "body", "keptBytes", "cut", "silence", "handled", "waitSeconds", "requests", "every", "next"]
)


@UNHURRIED
@given(st.dictionaries(NAMES | st.text(max_size=5), JSON_VALUES, max_size=4))
def test_whatever_is_ordered_is_taken_or_refused(fields: dict[str, object]) -> None:
    try:
        fault = read_order(fields, ["send"]).fault
    except Unacceptable:
        return
    assert fault.ending is not None or fault.wait_seconds > 0
