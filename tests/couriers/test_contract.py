"""What every provider with an HTTP API keeps to, it keeps to through a courier."""

import asyncio
from collections.abc import Awaitable, Callable

from batchmail.errors import BatchmailError
from batchmail.outcome import Outcome
from batchmail.providers import PROVIDERS
from batchmail.providers.base import Files, GetsReady, NotHandedOver, Sender
from batchmail.providers.contract import TOKEN, HttpContract, Received, rich_message
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

    def _with_server(
        self,
        scenario: Callable[[AnsweringServer, Sender], Awaitable[None]],
        files: Files | None = None,
        timeout_seconds: float = 60.0,
    ) -> None:
        async def run() -> None:
            async with AnsweringServer() as server:
                turned = self.provider.at(server.url, TOKEN)
                there = desk(lambda: turned.open(files or MemoryFiles(), timeout_seconds))
                async with there as here, here.crew.open_sender() as sender:
                    await scenario(server, sender)

        asyncio.run(run())
