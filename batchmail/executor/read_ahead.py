"""Reads envelopes in a thread of its own: merging them takes time that the requests in flight must not wait for."""

import asyncio
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from batchmail.delivery import Envelope


class ReadAhead:
    """An iterator of envelopes that may block, read some at a time."""

    def __init__(self, envelopes: Iterator[Envelope], chunk: int) -> None:
        self._envelopes = envelopes
        self._chunk = chunk
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="envelopes")
        self._closing = False

    async def read(self) -> list[Envelope]:
        """The next chunk; a short one is the last. Raises what the iterator raises. One call at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read)

    def stop(self) -> None:
        """Let a reading in progress end with the envelope that it is at."""
        self._closing = True

    async def close(self) -> None:
        """Close the iterator, in the thread that has read it, where it can be closed. Nothing may be reading."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        finally:
            self._thread.shutdown(wait=False)

    def _read(self) -> list[Envelope]:
        chunk = []
        for envelope in islice(self._envelopes, self._chunk):
            chunk.append(envelope)
            if self._closing:
                break
        return chunk

    def _close(self) -> None:
        if isinstance(self._envelopes, Generator):
            self._envelopes.close()
