"""The journal in Postgres: one who writes, in groups.

What came while the last group was written forms the next one, of at most 128 commands: nothing waits longer than it has to,
and one wait for the disk serves all of them. Where a group can't be said to be kept, nothing is written any more: memory
knows more than the database then, and a new start reads what there is.
"""

import asyncio
from collections import deque
from collections.abc import Iterator

from paper.engine.changes import Changes, JournalFull, NotCommitted
from paper.ledger.balances import Ledger
from paper.storage.group import Group, Known
from paper.storage.reign import Reign

MOST_COMMANDS = 128  # in a group
MOST_WAITING = 10_000
UNKNOWN = "It is not known whether the database has kept what was done last"


class Numbers(Iterator[int]):
    """Numbers of orders, lists, trades: each once, also after a restart."""

    def __init__(self, last: int = 0) -> None:
        self.last = last

    def __next__(self) -> int:
        self.last += 1
        return self.last


class GroupJournal:
    """Writes changes to the database of a reign."""

    def __init__(self, reign: Reign, known: Known, numbers: Numbers, ledger: Ledger) -> None:
        self._reign, self.known, self._numbers, self._ledger = reign, known, numbers, ledger
        self._waiting: deque[Group] = deque()
        self._commands = 0  # that wait
        self._come = asyncio.Event()
        self.has_ended = False  # something could not be said to be kept

    def require_room(self) -> None:
        """Raise JournalFull where too much waits, NotCommitted where nothing is written any more."""
        if self._ledger.has_moved:  # a command that failed half-way: memory is not to be believed any more
            self._end()
        if self.has_ended:
            raise NotCommitted(UNKNOWN)
        if self._commands >= MOST_WAITING:
            raise JournalFull(f"{MOST_WAITING:,} commands wait to be written")

    def write(self, changes: Changes) -> None:
        """Let changes be part of the next group that has room."""
        if not self._waiting or self._waiting[-1].commands >= MOST_COMMANDS or self._waiting[-1].is_taken:
            self._waiting.append(Group())
        is_whole = False
        try:
            self._waiting[-1].add(changes, self.known, self._numbers.last)
            is_whole = True
        finally:
            if not is_whole:  # of which a part may be in the group
                self._end()
        self._commands += 1
        self._come.set()

    async def committed(self) -> None:
        """Return once all that was written before is kept. Raises NotCommitted."""
        if self._waiting:
            await self._waiting[-1].ended.wait()
        if self.has_ended:
            raise NotCommitted(UNKNOWN)

    async def run(self) -> None:
        """Write groups until one can't be; raises why. Returns where a command failed half-way."""
        while True:
            while self._waiting and not self.has_ended:
                await self._write_next()
            if self.has_ended:
                return
            self._come.clear()
            await self._come.wait()

    async def _write_next(self) -> None:
        group = self._waiting[0]
        group.is_taken = True
        try:
            await asyncio.to_thread(self._reign.commit, group)
            self._finish(group)
        finally:
            if not group.ended.is_set():
                self._end()

    def flush(self) -> None:
        """Write all that waits, here and now; for who has no loop. Raises NotCommitted where nothing is written any more."""
        while self._waiting:
            if self.has_ended:
                raise NotCommitted(UNKNOWN)
            group = self._waiting[0]
            self._reign.commit(group)
            self._finish(group)

    def _finish(self, group: Group) -> None:
        self._waiting.popleft()
        self._commands -= group.commands
        group.ended.set()

    def _end(self) -> None:
        self.has_ended = True
        self._come.set()
        for group in self._waiting:
            group.ended.set()
