"""A file on its way to its reader: made when its turn comes, ended when its reader goes away."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.responses import StreamingResponse

from dashboard.errors import Busy
from dashboard.files.growing import GrowingFile, Make

LONGEST_TURN = 5.0  # seconds that a reader waits until other files are made


class Turns:
    """One file is made at a time, however many are asked for: pages need the processor and the database, too."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._threads = ThreadPoolExecutor(1, "file")

    async def begin(self, make: Make) -> GrowingFile:
        """The file, when its turn has come. Raises Busy."""
        try:
            async with asyncio.timeout(LONGEST_TURN):
                await self._turn.acquire()
        except TimeoutError:
            raise Busy("Another file is being made. Try again in a few seconds.") from None
        file = GrowingFile(make, self._threads)
        file.making.add_done_callback(lambda _: self._turn.release())
        return file


class FileAnswer(StreamingResponse):
    """The answer with a file; what keeps it from its beginning is raised, what breaks it off later breaks it off."""

    def __init__(self, turns: Turns, make: Make, **more: Any) -> None:
        super().__init__((), **more)
        self._turns, self._make = turns, make

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it. Raises Busy, and what making it raises."""
        await _until_gone(receive, self._send(send))

    async def _send(self, send: Any) -> None:
        file = await self._turns.begin(self._make)
        try:
            chunks = file.read()
            chunk = await anext(chunks, b"")
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while chunk:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await anext(chunks, b"")
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            file.give_up()


async def _until_gone(receive: Any, work: Coroutine[Any, Any, None]) -> None:
    """Do `work`; it is cancelled when the reader goes away."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_await_gone(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        working.cancel()
        gone.cancel()


async def _await_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
