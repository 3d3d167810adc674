"""Time passes while somebody listens: whatever it brings happens, and is told, without being asked for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from paper.engine.changes import JournalFull, NotCommitted
from paper.engine.venue import Venue
from paper.stories.lines import StoryFault

SECONDS = 0.1


class Pulse:
    """Looks at a venue ten times a second, as long as anybody follows it."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._followers: list[Callable[[datetime], None]] = []
        self._beating: asyncio.Task[None] | None = None

    def follow(self, follower: Callable[[datetime], None]) -> None:
        """Tell the venue's time to `follower`, each time that it was looked at."""
        self._followers.append(follower)
        if self._beating is None or self._beating.done():
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    def leave(self, follower: Callable[[datetime], None]) -> None:
        """Tell it no more."""
        self._followers.remove(follower)

    async def _beat(self) -> None:
        with suppress(NotCommitted):  # nothing happens any more
            await self._go_on()

    async def _go_on(self) -> None:
        while self._followers:
            # As a call would have met it: of a story the line is over, and what comes after it goes on.
            with suppress(StoryFault, JournalFull):
                self._venue.journal.require_room()
                now = self._venue.catch_up()
                for follower in [*self._followers]:
                    follower(now)
            await asyncio.sleep(SECONDS)
