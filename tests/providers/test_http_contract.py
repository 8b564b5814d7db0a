"""batchmail's own providers with an HTTP API keep to what it asks of all."""

from typing import ClassVar

from batchmail.message import Message
from batchmail.providers import PROVIDERS
from batchmail.providers.contract import HttpContract, Received
from tests.providers.cases import HTTP_CASES, HttpCase


class OwnContract(HttpContract):
    """The contract, with a case of the table in `cases`."""

    case: ClassVar[HttpCase]

    def __init_subclass__(cls, kind: str) -> None:
        cls.kind, cls.case = PROVIDERS[kind], HTTP_CASES[kind]
        cls.settings, cls.success, cls.unsaid = cls.case.settings, cls.case.success, cls.case.unsaid
        cls.verdicts = cls.case.verdicts

    def understand(self, body: bytes) -> Received:
        return self.case.understand(body)

    def taken(self, message: Message) -> bytes:
        return self.case.taken(message)


class TestWorks(OwnContract, kind="works"): ...


class TestWorksV1(OwnContract, kind="works-v1"): ...


class TestPleasanter(OwnContract, kind="pleasanter"): ...


def test_every_provider_with_an_http_api_is_tested_here() -> None:
    assert {each.kind.kind for each in OwnContract.__subclasses__()} == set(HTTP_CASES)
