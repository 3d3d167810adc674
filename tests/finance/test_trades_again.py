"""Lives by chance, hour by hour: trades, fees and what was realised outside of them are the independent ones, in fractions."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from finance.attribution.booked import MinutePrices
from finance.attribution.events import Event, Flow, Income, Standing
from finance.attribution.gains import open_inventories
from finance.attribution.hour import explain_hour
from finance.records import FillMarket, FillRecord, IncomeKind
from finance.trade_book import TradeBook
from finance.trades import Fee, Trade
from tests.finance.gains import compute_gains
from tests.finance.test_explanation import START, moves, standing
from tests.independent.explained import AT_MINUTE, Happening
from tests.independent.trades import Trades
from tests.monitor.notation import D

COINS = ("USDT", "USDC", "EUR", "BTC", "ETH", "BNB")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PARTS = {
    IncomeKind.DIVIDEND: ("income", ""),
    IncomeKind.FUNDING_FEE: ("income", "funding"),
    IncomeKind.REALISED_PROFIT: ("positions", ""),
    IncomeKind.FUTURES_COMMISSION: ("fees", "commission"),
    IncomeKind.MARGIN_INTEREST: ("fees", "interest"),
}


@dataclass
class Life:
    """An account that trades by chance, its book as it is stored from hour to hour, and the independent trades."""

    random: Random
    trades: dict[str, Trade] = field(default_factory=dict)
    fees: list[Fee] = field(default_factory=list)
    number: int = 0

    def live(self) -> tuple[TradeBook, Trades]:
        """Some hours of it; the last book has what was realised outside of trades."""
        held = {coin: self.amount(30) for coin in self.random.sample(COINS, self.random.randint(0, 5))}
        now = standing(START, held, self.quote())
        book = TradeBook.begin(now)
        again = Trades(_fractions(now.quantities), _fractions(now.prices), START)
        costs = None
        for _ in range(self.random.randint(1, 5)):
            later, events, found = self.pass_hour(now)
            minutes = self.quote_minutes(now) if self.random.random() < 0.5 else None
            explained = explain_hour(now, later, events, minutes=minutes)
            book.book(explained.changes, later.taken_at)
            unseen = [
                Happening(at=later.taken_at, part="residual", asset=coin, quantity=x) for coin, x in found.items()
            ]
            happened = [_by_minute(one, minutes) for event in events for one in _tell(event)]
            again.pass_hour([*happened, *unseen], _fractions(later.prices), later.taken_at)
            costs = compute_gains(explained, now, later, costs).costs
            book, now = self.store(book, open_inventories(later, costs)), later
        return book, again

    def store(self, book: TradeBook, inventories: object) -> TradeBook:
        """The book that goes on from the rows of this one."""
        _, fees, trades = book.take_rows()
        self.fees += fees
        self.trades |= {one.id: one for one in trades}
        following = TradeBook(inventories, [one for one in self.trades.values() if not one.closed_at])  # type: ignore[arg-type]
        following.rest = book.rest
        return following

    def amount(self, most: int) -> Decimal:
        """Not zero, of either sign."""
        return D(self.random.choice([-1, 1]) * self.random.randint(1, most * 1000)).scaleb(-3)

    def quote(self) -> dict[str, Decimal]:
        """The hour's prices; that of BNB makes dust of much."""
        drawn = [D(self.random.randint(*spread)) for spread in ((50, 150), (5, 15), (1, 300))]
        return dict(zip(COINS, (D(1), D("1.001"), D("1.1"), drawn[0], drawn[1], drawn[2].scaleb(-2)), strict=True))

    def quote_minutes(self, now: Standing) -> MinutePrices:
        """The prices of each minute."""
        minutes = [now.taken_at + number * MINUTE for number in range(60)]
        return {(coin, minute): price for minute in minutes for coin, price in self.quote().items()}

    def pass_hour(self, now: Standing) -> tuple[Standing, list[Event], dict[str, Fraction]]:
        """What is held in the end, what happened, and what came or went without a record."""
        held, events = dict(now.quantities), []
        for _ in range(self.random.randint(0, 6)):
            for event in self.charge(self.happen(now, held)):
                events.append(event)
                for coin, quantity in moves(event):
                    held[coin] = held.get(coin, D(0)) + quantity
        unseen = {}
        if self.random.random() < 0.3:
            coin, quantity = self.random.choice(COINS), self.amount(30)
            unseen[coin], held[coin] = Fraction(quantity), held.get(coin, D(0)) + quantity
        events.sort(key=lambda event: event.occurred_at)
        return standing(now.taken_at + HOUR, held, self.quote()), events, unseen

    def charge(self, event: Event) -> Iterator[Event]:
        """What happened; of some fills with another fee, which is a record of its own that moves nothing else."""
        yield event
        if isinstance(event, FillRecord) and self.random.random() < 0.3:
            self.number += 1
            coin, fee, nothing = self.random.choice(COINS), abs(self.amount(1)), D(0)
            yield replace(
                event, base_quantity=nothing, quote_quantity=nothing, fee_asset=coin, fee=fee, number=self.number
            )

    def happen(self, now: Standing, held: dict[str, Decimal]) -> Event:
        """A fill, most often, with a fee or a rebate in any coin; it often closes what is held, or goes through zero."""
        self.number += 1
        at, choose = now.taken_at + self.random.randint(0, 59) * MINUTE, self.random.choice
        coin, quote = self.random.sample(COINS, 2)
        kind, quantity = self.random.random(), self.amount(30)
        if kind > 0.8:
            return Income(kind=choose([*PARTS]), asset=coin, quantity=quantity, occurred_at=at, number=self.number)
        if kind > 0.65:
            value = quantity * self.random.randint(1, 120)
            return Flow(asset=coin, quantity=quantity, value=value, occurred_at=at, number=self.number)
        if self.random.random() < 0.4 and held.get(coin):
            quantity = -held[coin] * choose([D(1), D("0.999"), D(2)])
        return FillRecord(
            market=FillMarket.SPOT, symbol=coin + quote, exchange_id="", base_asset=coin, base_quantity=quantity,
            quote_asset=quote, quote_quantity=-abs(self.amount(300)) if quantity > 0 else abs(self.amount(300)),
            fee_asset=choose(COINS), fee=choose([D(0), self.amount(1).scaleb(-1), abs(self.amount(3))]), occurred_at=at,
            order_id=f"order {self.number}", number=self.number,
        )  # fmt: skip


def _tell(event: Event) -> Iterator[Happening]:
    at = event.occurred_at
    if isinstance(event, Income):
        part, paid_for = PARTS[event.kind]
        quantity = Fraction(event.quantity)
        yield Happening(at=at, part=part, asset=event.asset, quantity=quantity, paid_for=paid_for)
    elif isinstance(event, Flow):
        quantity = Fraction(event.quantity)
        price = Fraction(event.value or 0) / quantity
        yield Happening(at=at, part="flows", asset=event.asset, quantity=quantity, price=price)
    else:
        name, base, quote = event.order_id, Fraction(event.base_quantity), Fraction(event.quote_quantity)
        given = (event.quote_asset, quote)
        if base:
            yield Happening(at=at, part="trading", asset=event.quote_asset, quantity=quote, fill=name)
            yield Happening(at=at, part="trading", asset=event.base_asset, quantity=base, given=given, fill=name)
        yield Happening(
            at=at, part="fees", asset=event.fee_asset, quantity=-Fraction(event.fee), fill=name, paid_for="trading",
            price=abs(quote / base) if base and event.fee_asset == event.base_asset else None, priced_in=event.quote_asset,
        )  # fmt: skip


def _by_minute(one: Happening, minutes: MinutePrices | None) -> Happening:
    if minutes is None or one.part not in AT_MINUTE:
        return one
    return replace(one, minute={coin: Fraction(minutes.get((coin, one.at), 1)) for coin in COINS})


def _fractions(amounts: object) -> dict[str, Fraction]:
    return {name: Fraction(amount) for name, amount in dict(amounts).items()}  # type: ignore[call-overload]


AMOUNTS = ("entered", "entry_value", "exited", "exit_value", "gross", "transferred", "fees", "interest")


@pytest.mark.parametrize("seed", range(4))
def test_trades_and_fees_are_the_independent_ones(seed: int) -> None:
    for life in (Life(Random(seed * 1000 + number)) for number in range(40)):
        book, again = life.live()
        found = [
            (t.asset, t.opened_at, t.closed_at, t.is_short, *(Fraction(getattr(t, name)) for name in AMOUNTS))
            for t in life.trades.values()
        ]
        expected = [
            (c.asset, c.opened, c.closed, c.is_short, *(Fraction(c.amounts[name]) for name in AMOUNTS))
            for c in again.cycles
        ]
        assert sorted(found, key=str) == sorted(expected, key=str)
        assert Fraction(book.rest) == again.outside
        fees = [(one.at, one.asset, Fraction(one.quantity), Fraction(one.value), bool(one.trade)) for one in life.fees]
        paid = [(p.at, p.asset, p.quantity, p.value, p.cycle is not None) for p in again.paid if p.quantity]
        assert sorted(fees, key=str) == sorted(paid, key=str)
