"""Accounts that trade by chance and send each other coins: what a portfolio books of them is the independent book, in fractions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from random import Random

import pytest

from finance.attribution.events import Event, Flow, Standing
from finance.attribution.explanation import Explanation, Gain
from finance.attribution.gains import open_inventories
from finance.attribution.hour import explain_hour
from finance.attribution.together import Between, Held, explain_together, stand_together
from finance.trade_book import TradeBook
from tests.finance.gains import compute_gains
from tests.finance.test_explanation import EXACT, START, standing
from tests.finance.test_trades_again import AMOUNTS, MINUTE, Life, _fractions, _tell
from tests.independent.explained import Happening
from tests.independent.trades import Trades
from tests.monitor.notation import D

Told = list[tuple[Happening, Mapping[str, Fraction]]]  # what happened, with the prices at the end of its account's hour


@dataclass
class Family(Life):
    """Several accounts, each with prices of its own, and what is on its way between them."""

    underway: list[tuple[int, Flow]] = field(default_factory=list)  # who gets it, and as what
    own: dict[str, Decimal] = field(default_factory=dict)
    realised: Decimal = D(0)

    def live_together(self) -> tuple[TradeBook, Trades]:
        """Some hours of it."""
        nows = [standing(START, self._draw(), self.quote()) for _ in range(self.random.randint(2, 3))]
        before = self._stand(nows, START)
        book = TradeBook.begin(before)
        prices = {coin: Fraction(worth) / Fraction(before.quantities[coin]) if before.quantities.get(coin) else Fraction(0)
                  for coin, worth in before.list_worths().items()}  # fmt: skip
        again = Trades(_fractions(before.quantities), prices, START)
        costs = None
        for _ in range(self.random.randint(1, 5)):
            nows, explained, told = self._pass(nows)
            after = self._stand(nows, nows[0].taken_at)
            whole = explain_together(
                before, after, Between(accounts=[[one] for one in explained], own=self.own, values={})
            )
            book.book(whole.changes, after.taken_at)
            for one, closing in sorted(told, key=lambda pair: pair[0].at):
                again.pass_hour([one], closing, after.taken_at)
            gains = compute_gains(whole, before, after, costs)
            costs = gains.costs
            self.realised += gains.amounts[Gain.REALISED]
            book, before = self.store(book, open_inventories(after, costs)), after
        return book, again

    def _draw(self) -> dict[str, Decimal]:
        """Without debts: two that cancel in a portfolio are worth something by two prices."""
        return {coin: abs(self.amount(30)) for coin in self.random.sample(("USDT", "BTC", "ETH", "BNB"), 3)}

    def _stand(self, nows: Sequence[Standing], at: datetime) -> Standing:
        held = [Held(coin, one.quantities[coin], worth) for one in nows for coin, worth in one.list_worths().items()]
        with localcontext(EXACT):
            held += [
                Held(flow.asset, flow.quantity, flow.quantity * nows[0].prices[flow.asset]) for _, flow in self.underway
            ]
            nav = sum((one.worth for one in held), D(0))
        return stand_together(at, at, nav, held)

    def _pass(self, nows: Sequence[Standing]) -> tuple[list[Standing], list[Explanation], Told]:
        flows: list[list[Flow]] = [[] for _ in nows]
        told: Told = []
        fees: list[tuple[int, Happening]] = []
        for taker, flow in self.underway:
            flows[taker].append(replace(flow, occurred_at=nows[0].taken_at + MINUTE))
        self.underway = []
        for _ in range(self.random.randint(0, 2)):
            giver, taker = self.random.sample(range(len(nows)), 2)
            left, came, fee = self._send(nows[0].taken_at)
            flows[giver].append(left)
            fees.append((giver, fee))
            if self.random.random() < 0.5:
                flows[taker].append(came)
            else:
                self.underway.append((taker, came))
        laters, explained = [], []
        for number, now in enumerate(nows):
            later, events, unseen = self.pass_hour(now)
            with localcontext(EXACT):
                held = dict(later.quantities)
                for flow in flows[number]:
                    held[flow.asset] = held.get(flow.asset, D(0)) + flow.quantity
            later = standing(later.taken_at, held, dict(later.prices))
            both: list[Event] = sorted([*events, *flows[number]], key=lambda one: one.occurred_at)
            explained.append(explain_hour(now, later, both))
            laters.append(later)
            closing = _fractions(later.prices)
            for event in both:
                if event in flows[number]:
                    told += [
                        (fee, closing) for who, fee in fees if who == number and fee.fill == f"sent {event.number}"
                    ]
                else:
                    told += [(one, closing) for one in _tell(event)]
            told += [
                (Happening(at=later.taken_at, part="residual", asset=coin, quantity=x), closing)
                for coin, x in unseen.items()
            ]
        return laters, explained, told

    def _send(self, since: datetime) -> tuple[Flow, Flow, Happening]:
        """Coins that leave, what arrives of them, and what the network takes."""
        coin, at = self.random.choice(("BTC", "ETH", "BNB")), since + self.random.randint(2, 59) * MINUTE
        amount, cost = abs(self.amount(5)), abs(self.amount(1)).scaleb(-1)
        self.number += 2
        left = Flow(asset=coin, quantity=-amount - cost, value=-(amount + cost) * 7, occurred_at=at, number=self.number)
        came = Flow(asset=coin, quantity=amount, value=amount * 9, occurred_at=at, number=self.number + 1)
        self.own |= {f"d{left.number}": cost, f"d{came.number}": D(0)}
        self.number += 1
        fee = Happening(
            at=at, part="fees", asset=coin, quantity=-Fraction(cost), price=Fraction(7), fill=f"sent {left.number}",
            paid_for="network",
        )  # fmt: skip
        return left, came, fee


@pytest.mark.parametrize("seed", range(2))
def test_trades_fees_and_gains_of_a_portfolio_are_the_independent_ones(seed: int) -> None:
    for family in (Family(Random(seed * 1000 + number)) for number in range(40)):
        book, again = family.live_together()
        found = [
            (t.asset, t.opened_at, t.closed_at, t.is_short, *(Fraction(getattr(t, name)) for name in AMOUNTS))
            for t in family.trades.values()
        ]
        expected = [
            (c.asset, c.opened, c.closed, c.is_short, *(Fraction(c.amounts[name]) for name in AMOUNTS))
            for c in again.cycles
        ]
        assert sorted(found, key=str) == sorted(expected, key=str)
        assert Fraction(book.rest) == again.outside
        assert Fraction(family.realised) == again.outside + sum(c.amounts["gross"] for c in again.cycles)
        fees = [
            (one.at, one.asset, Fraction(one.quantity), Fraction(one.value), bool(one.trade)) for one in family.fees
        ]
        paid = [(p.at, p.asset, p.quantity, p.value, p.cycle is not None) for p in again.paid if p.quantity]
        assert sorted(fees, key=str) == sorted(paid, key=str)
