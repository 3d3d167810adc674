"""Who wants to be told what happens to accounts: told in order, once it is kept."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime
from itertools import count

from paper.engine.changes import Changes, NotCommitted
from paper.engine.venue import Venue
from paper.trading.funds import SPOT
from paper.trading.orders import OrderList
from paper.wire.binance.pulse import Pulse
from paper.wire.binance.user_events import Event, list_balance_events, write_execution, write_list_status

Tell = Callable[[Event], None]


class UserStreams:
    """The listeners of a venue's accounts."""

    def __init__(self, venue: Venue, pulse: Pulse) -> None:
        self._venue, self._pulse = venue, pulse
        self._listening: defaultdict[str, list[Tell]] = defaultdict(list)  # by account
        self._lists: dict[int, OrderList] = {}  # of these accounts, that have not ended
        self._numbers = count(1)
        self._waiting: deque[tuple[Tell, Event]] = deque()
        self._telling: asyncio.Task[None] | None = None

    def add(self, owner: str, tell: Tell) -> None:
        """Tell `tell` what happens to an account from now on."""
        if not any(self._listening.values()):
            self._venue.listeners.append(self._hear)
            self._pulse.follow(self._look_on)
        self._listening[owner].append(tell)
        self._lists |= {one.id: one for one in self._venue.histories.open_lists(owner)}

    def remove(self, owner: str, tell: Tell) -> None:
        """Tell it no more."""
        self._listening[owner].remove(tell)
        if not any(self._listening.values()):
            self._venue.listeners.remove(self._hear)
            self._pulse.leave(self._look_on)
            self._lists.clear()

    def put(self, tell: Tell, event: Event) -> None:
        """Tell something after all that happened before."""
        self._waiting.append((tell, event))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        while self._waiting:
            kept, self._waiting = self._waiting, deque()
            try:
                await self._venue.journal.committed()
            except NotCommitted:
                return
            for tell, event in kept:
                tell(event)

    def _look_on(self, now: datetime) -> None:
        """What time brought was heard as it happened."""

    def _hear(self, changes: Changes) -> None:
        """Note what a command changed, as it stands right after it."""
        now = self._venue.clock.now()
        self._lists |= {one.id: one for one in changes.lists if self._listening.get(one.owner)}
        for report in changes.reports:
            if report.order.wallet == SPOT:
                self._say(report.order.owner, write_execution(report, next(self._numbers), now))
        for found in self._list_told(changes):
            self._say(found.owner, write_list_status(found, now))
        if changes.entry:
            for owner in [owner for owner, listening in self._listening.items() if listening]:
                for event in list_balance_events(self._venue.ledger, owner, changes.entry, now):
                    self._say(owner, event)

    def _list_told(self, changes: Changes) -> list[OrderList]:
        """Lists that were given or have ended."""
        numbers = {report.order.list_id for report in changes.reports} & self._lists.keys()
        ended = [self._lists.pop(number) for number in sorted(numbers) if self._lists[number].is_done]
        given = [one for one in changes.lists if self._listening.get(one.owner) and one not in ended]
        return [*given, *ended]

    def _say(self, owner: str, event: Event) -> None:
        for tell in self._listening.get(owner, ()):
            self.put(tell, event)
