"""What every provider with an HTTP API keeps to, it keeps to through a courier."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from batchmail.errors import BatchmailError
from batchmail.outcome import Outcome
from batchmail.providers import PROVIDERS
from batchmail.providers.base import Files, GetsReady, NotHandedOver, Provider, Sender
from batchmail.providers.contract import HttpContract, Received, rich_message
from batchmail.providers.contract_server import AnsweringServer, ChangedFiles, MemoryFiles
from batchmail.providers.works import WorksSettings
from tests.couriers.desk import desk
from tests.providers.cases import HTTP_CASES


class TestWorksThroughACourier(HttpContract):
    kind = PROVIDERS["works"]
    settings = WorksSettings()
    success = 202

    def understand(self, body: bytes) -> Received:
        return HTTP_CASES["works"].understand(body)

    def test_a_file_that_changed_is_found_before_a_byte_leaves(self) -> None:
        message = rich_message(self.provider.capabilities, MemoryFiles())
        assert message.attachments
        told: list[BaseException] = []

        async def scenario(server: AnsweringServer, sender: Sender) -> None:
            assert isinstance(sender, GetsReady)
            transmission = sender.prepare(message)

            async def at_once() -> Outcome:
                return await sender.prepare(message)()

            for step in (sender.ready, transmission, at_once):
                try:
                    await step()
                except (BatchmailError, NotHandedOver) as error:
                    told.append(error)
            assert not server.requests

        self._with_server(scenario, ChangedFiles())
        assert [type(error) for error in told] == [BatchmailError, NotHandedOver, NotHandedOver]
        assert all("請求書 7.pdf changed" in str(error) for error in told)

    @asynccontextmanager
    async def _opened(self, turned: Provider, files: Files, timeout_seconds: float) -> AsyncIterator[Sender]:
        there = desk(lambda: turned.open(files, timeout_seconds))
        async with there as here, here.crew.open_sender() as sender:
            yield sender
