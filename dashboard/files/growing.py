"""A file that is sent while it is still being made: the database is done with it however slowly a reader takes it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Generator
from concurrent.futures import Executor
from contextlib import closing
from tempfile import TemporaryFile
from threading import Event

from dashboard.errors import GivenUp

CHUNK = 2**16
OnWait = Callable[[], None]
Chunks = Generator[bytes, None, None]
Make = Callable[[OnWait], Chunks]


class GrowingFile:
    """Bytes on the disk that a thread writes while others are sent; belongs to the running event loop.

    `make` yields the bytes; what it is given is to be called now and then, and raises GivenUp when nobody wants them.
    """

    def __init__(self, make: Make, threads: Executor) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - goes with the last who uses it
        self._size = 0
        self._grown = asyncio.Event()
        self._is_given_up = Event()
        self._loop = asyncio.get_running_loop()
        self.making = self._loop.run_in_executor(threads, self._write, make)
        self.making.add_done_callback(self._end)

    def give_up(self) -> None:
        """Nobody wants it any more: if it is being made, that ends."""
        self._is_given_up.set()

    async def read(self) -> AsyncIterator[bytes]:
        """Everything, as soon as it is there. Raises what making it raised: a part of a file is not the file."""
        place = 0
        while chunk := await self._read_on(place):
            yield chunk
            place += len(chunk)

    async def _read_on(self, place: int) -> bytes:
        """What stands at `place`, at most CHUNK; nothing at the end of the whole file."""
        while self._size <= place and not self.making.done():
            self._grown.clear()
            await self._grown.wait()
        if self._size <= place:
            self.making.result()
        return os.pread(self._file.fileno(), CHUNK, place)

    def _write(self, make: Make) -> None:
        with closing(make(self._check_wanted)) as chunks:
            for chunk in chunks:
                self._check_wanted()
                self._file.write(chunk)
                self._loop.call_soon_threadsafe(self._grow, len(chunk))

    def _check_wanted(self) -> None:
        if self._is_given_up.is_set():
            raise GivenUp

    def _grow(self, more: int) -> None:
        self._size += more
        self._grown.set()

    def _end(self, made: "asyncio.Future[None]") -> None:
        if not made.cancelled():
            made.exception()  # raised to whoever reads on; nobody else needs it
        self._grow(0)
