"""Where clients trade: their orders meet each other and what the market displays, as time passes.

A pair is followed while an order of it waits, and looked at when somebody asks. Between two looks everything happens in
the order of time: each trade of the market fills and triggers what it would have.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from paper.engine.listing import filters_of
from paper.engine.tape import Sides, Tick, last_tick, list_ticks, ticking
from paper.ledger.balances import Ledger
from paper.market.halts import HaltingMarket
from paper.trading.floor import Floor
from paper.trading.funds import Charge
from paper.trading.ladder import Ladder
from paper.trading.order_desk import OrderDesk
from paper.trading.orders import ZERO, Reason, Rejected, Report

FORGOTTEN = timedelta(minutes=2)  # after which a pair of which nothing waits is looked at anew
Note = Callable[[Sequence[Report], datetime], None]


class OpenMarket:
    """A venue's book of each pair; what happens in it is told to `note`."""

    def __init__(
        self, market: HaltingMarket, ledger: Ledger, charge: Charge, new_number: Callable[[], int], note: Note
    ) -> None:
        self._market, self._note = market, note
        filters = {name: filters_of(symbol) for name, symbol in market.symbols.items()}
        floor = Floor(ledger, market.symbols, charge, Ladder, new_number, filters=filters)
        self.floor = floor
        self.desk = OrderDesk(floor)
        self._seen: dict[str, datetime] = {}  # up to when a pair's trades have happened
        self._shown: dict[str, Sides] = {}  # what was displayed last, beside what it was after a trade

    def ladder(self, symbol: str, now: datetime) -> Ladder:
        """The book of a pair as it is now."""
        self.look_at(symbol, now)
        book = self.floor.books[symbol]
        assert isinstance(book, Ladder)
        return book

    def catch_up(self, now: datetime) -> None:
        """Let everything happen that orders which wait have met until now."""
        for symbol in sorted(self.floor.waiting.symbols):
            self.look_at(symbol, now)

    def look_at(self, symbol: str, now: datetime) -> None:
        """Bring a pair up to now."""
        seen = self._seen.get(symbol)
        if seen and (symbol in self.floor.waiting.symbols or now - seen < FORGOTTEN):
            for tick in list_ticks(self._market, symbol, seen, now):
                self._play(symbol, tick)
        elif last := last_tick(self._market, symbol, now):
            # Seen for the first time, or anew: what was traded in between fills nobody, what is shown now does.
            self._play(symbol, replace(last, traded=last.traded._replace(quantity=ZERO)))
        self._seen[symbol] = now
        self._show(symbol, now)

    def require_open(self, symbol: str) -> None:
        """Raise Rejected where a pair does not exist, or does not trade now."""
        if symbol not in self.floor.symbols:
            raise Rejected(Reason.NO_SYMBOL)
        if self._market.is_halted(symbol):
            raise Rejected(Reason.NOT_TRADING)

    def _show(self, symbol: str, now: datetime) -> None:
        """Let a market that displays something else than after its last trade show it."""
        source = ticking(self._market)
        shown = source.displayed(symbol) if source else None
        if shown and shown is not self._shown.get(symbol):
            self._shown[symbol] = shown
            self._note(self.desk.show(symbol, *shown, now), now)

    def _play(self, symbol: str, tick: Tick) -> None:
        shown = (tick.bids, tick.asks)
        self._note(self.desk.print(symbol, tick.traded, tick.at, hits_bids=tick.hits_bids, shown=shown), tick.at)
