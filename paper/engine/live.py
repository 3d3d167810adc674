"""A market that is told of by somebody else as it happens: trades, and what is displayed.

Who tells calls `trade`, `show` and `hear`. Times are those at which it was told here, so that nothing happens in the past.
Nothing is invented for a time in which nobody told anything: there are no trades in it, and while the teller is silent
nothing trades here either.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile

from paper.engine.tape import Sides, Tick, Ticking
from paper.market.klines import MINUTE, Kline, Market, Symbol, floor_time
from paper.trading.ladder import Quote

SILENCE = timedelta(seconds=5)  # after which nothing is known of the market
KEPT_MINUTES = 3 * 24 * 60
KEPT_TICKS = timedelta(minutes=3)


@dataclass(slots=True)
class _Pair:
    """What is known of one pair."""

    minutes: dict[datetime, Kline] = field(default_factory=dict)  # in time order
    ticks: deque[Tick] = field(default_factory=deque)
    sides: Sides = ((), ())
    last: Decimal | None = None
    number: int = -1  # of the last trade


class LiveMarket(Market, Ticking):
    """Pairs of another market, as it was told of until now."""

    def __init__(self, symbols: Mapping[str, Symbol], clock: Callable[[], datetime]) -> None:
        self.symbols = dict(symbols)
        self._clock = clock
        self._pairs = {name: _Pair() for name in symbols}
        self._heard_at: datetime | None = None

    def hear(self) -> None:
        """Whoever tells is there, although there is nothing to tell."""
        self._heard_at = self._clock()

    def forget(self) -> None:
        """What is displayed is not known any more, until it is told again."""
        self._heard_at = None
        for pair in self._pairs.values():
            pair.sides = ((), ())

    def trade(self, symbol: str, number: int, traded: Quote, *, hits_bids: bool) -> None:
        """A trade was made now; `hits_bids`: it was sold to those who wanted to buy."""
        self.hear()
        at, pair = self._clock(), self._pairs[symbol]
        if number <= pair.number:  # told before
            return
        pair.last, pair.number = traded.price, number
        _count(pair.minutes, floor_time(at, MINUTE), traded)
        bids, asks = pair.sides
        self._note(pair, Tick(number=number, at=at, traded=traded, hits_bids=hits_bids, bids=bids, asks=asks))

    def show(self, symbol: str, bids: Iterable[Quote], asks: Iterable[Quote]) -> None:
        """These prices are displayed now, the best first, and no others between them."""
        self.hear()
        self._pairs[symbol].sides = (tuple(bids), tuple(asks))

    def remember(self, symbol: str, klines: Iterable[Kline]) -> None:
        """What the minutes were before anybody told of them here; those that were told of stay what they were."""
        pair = self._pairs[symbol]
        known = {kline.opened: kline for kline in klines} | pair.minutes
        pair.minutes = dict(sorted(known.items())[-KEPT_MINUTES:])
        if pair.last is None and pair.minutes:
            pair.last = Decimal(next(reversed(pair.minutes.values())).close)

    def is_silent(self) -> bool:
        """Whether nobody has told anything for so long that prices are not known."""
        return self._heard_at is None or self._clock() - self._heard_at > SILENCE

    def minute(self, symbol: str, opened: datetime) -> Kline | None:
        """The kline of the minute that opens at `opened`; None when nothing was told of it."""
        return self._pairs[symbol].minutes.get(opened)

    def last_open(self, symbol: str, minute: datetime) -> datetime:
        """The last minute up to `minute` that was told of; `minute` where none was."""
        minutes = self._pairs[symbol].minutes
        if minute in minutes:
            return minute
        return next((opened for opened in reversed(minutes) if opened <= minute), minute)

    def last_price(self, symbol: str, moment: datetime) -> Decimal:
        """The last price at `moment`: now the last trade's. Raises KeyError where none is known."""
        if (last := self._pairs[symbol].last) is not None and moment >= self._clock() - timedelta(seconds=1):
            return last
        return super().last_price(symbol, moment)

    def list_ticks(self, symbol: str, since: datetime, until: datetime) -> Iterator[Tick]:
        """The ticks in (since, until] that are still remembered, in time order."""
        fresh = takewhile(
            lambda one: one.at > since, reversed(self._pairs[symbol].ticks)
        )  # of minutes only what is new
        yield from reversed([one for one in fresh if one.at <= until])

    def last_tick(self, symbol: str, now: datetime) -> Tick | None:
        """The last tick up to now, if it is remembered."""
        return next((one for one in reversed(self._pairs[symbol].ticks) if one.at <= now), None)

    def displayed(self, symbol: str) -> Sides | None:
        """What is displayed now; None while nobody tells anything."""
        return None if self.is_silent() else self._pairs[symbol].sides

    def _note(self, pair: _Pair, tick: Tick) -> None:
        pair.ticks.append(tick)
        while pair.ticks[0].at < tick.at - KEPT_TICKS:
            pair.ticks.popleft()


def _count(minutes: dict[datetime, Kline], opened: datetime, traded: Quote) -> None:
    """Let a trade be part of its minute."""
    price, before = f"{traded.price:f}", minutes.get(opened)
    if before is None:
        minutes[opened] = Kline(
            opened=opened, open=price, high=price, low=price, close=price, volume=f"{traded.quantity:f}"
        )
        while len(minutes) > KEPT_MINUTES:
            del minutes[next(iter(minutes))]
        return
    minutes[opened] = Kline(
        opened=opened,
        open=before.open,
        high=max(before.high, price, key=Decimal),
        low=min(before.low, price, key=Decimal),
        close=price,
        volume=f"{Decimal(before.volume) + traded.quantity:f}",
    )
