"""A venue whose accounts live by the lines of stories, each run at its own time."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count

from paper.clock import VenueClock
from paper.engine.venue import Venue
from paper.market.klines import Market
from paper.stories.exchanges import named_exchange
from paper.stories.lines import Line, StoryFault, parse_line

Apply = Callable[["StoryVenue", str, tuple[str, ...], datetime], None]  # with the name of the account it is about


class StoryVenue(Venue):
    """A venue that runs lines as they are due; `apply` runs one verb on it."""

    def __init__(self, market: Market, clock: VenueClock, apply: Apply, lines: Iterable[Line] = ()) -> None:
        super().__init__(market, clock)
        self._last_account = ""  # that a line was about: what follows is about it, unless it names another
        self._apply = apply
        self._due: list[tuple[datetime, int, Line]] = []
        self._order = count()
        for line in lines:
            self.plan(line)

    def plan(self, line: Line) -> None:
        """Run a line at its time."""
        exchange = named_exchange(line.words)
        if exchange not in self.exchanges:
            self.exchanges.append(exchange)
        heapq.heappush(self._due, (line.at, next(self._order), line))

    def catch_up(self) -> datetime:
        """Run all lines that are due, each at its own time; returns the venue's time."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            at, _, line = heapq.heappop(self._due)
            self.open_market.catch_up(at)
            if line.every:
                self.plan(replace(line, at=at + line.every))
            self._play(line, at)
        self.open_market.catch_up(now)
        return now

    def run(self, text: str, account: str = "") -> None:
        """Run a verb now, as `text` of a story's line without its time, for `account` or the one that the last
        line was about. Raises StoryFault."""
        now = self.catch_up()
        line, before = parse_line([now.isoformat(), *text.split()], now), self._last_account
        try:
            self._play(replace(line, account=account), now)
        finally:
            self._last_account = before
        if line.words[0] == "account":
            self._last_account = line.words[1]

    def _play(self, line: Line, at: datetime) -> None:
        self._last_account = line.account or self._last_account
        try:
            self._apply(self, self._last_account, line.words, at)
        except (StoryFault, ValueError, KeyError) as fault:
            where = f"line {line.number}: " if line.number else ""
            raise StoryFault(f"{where}'{' '.join(line.words)}' at {at.isoformat()}: {fault}") from None
        finally:
            self.note_moves(line.words[0] if line.words else "", at)
