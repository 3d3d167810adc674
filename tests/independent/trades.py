"""An account's trades a second time, in fractions: what was held of a coin from flat to flat, and what was paid for it.

Flat is less than 1 USDT at the price of what happened last. A trade begins with what leaves flat by a fill, a flow or
without a record; what was held before is in it at its cost. Whatever comes in its direction has entered, but for a fee that
was got back; what fills, flows and the unrecorded take out has left. Its gross gain is what fills took out less its cost.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from tests.independent.costs import Costs
from tests.independent.explained import Happening, worth_when_counted
from tests.independent.portfolio import NOTHING, stored

MONEY = {"USDT", "USDC", "TRY", "EUR"}
DOING = {"trading", "flows", "residual"}  # what opens trades and takes out of them


@dataclass(slots=True)
class Cycle:
    """One trade, as far as it has come."""

    asset: str
    opened: datetime
    is_short: bool
    is_by_fill: bool = False  # whether a fill opened it
    closed: datetime | None = None
    amounts: Counter[str] = field(default_factory=Counter)

    def add(self, **amounts: Fraction) -> None:
        """Add to its amounts."""
        self.amounts.update(amounts)

    @property
    def net(self) -> Fraction:
        """What it gained after fees, interest and funding."""
        paid = self.amounts["fees"] + self.amounts["interest"] - self.amounts["funding"]
        return Fraction(self.amounts["gross"] - paid)


@dataclass(frozen=True, slots=True)
class Paid:
    """A fee, or a part of one: in coins, in USDT, and the trade that it was paid for."""

    at: datetime
    asset: str
    quantity: Fraction
    value: Fraction
    cycle: Cycle | None


Shares = list[tuple[Cycle | None, Fraction]]  # the trades that something is of, and in which parts


class Trades:
    """All trades and fees of one account; `outside` is what fills gained on everything else."""

    def __init__(self, held: Mapping[str, Fraction], prices: Mapping[str, Fraction], at: datetime) -> None:
        self.cycles: list[Cycle] = []
        self.paid: list[Paid] = []
        self.outside = NOTHING
        self._costs = Costs(held, prices)
        self._open: dict[str, Cycle] = {}
        self._last: tuple[str, list[tuple[Cycle, Fraction]]] = "", []  # a fill, and what it moved of trades
        for asset, cost in self._costs.costs.items():
            if asset not in MONEY and abs(cost) >= 1:
                self._begin(asset, at, held[asset], cost)

    def pass_hour(
        self,
        inside: Iterable[Happening],
        closing: Mapping[str, Fraction],
        until: datetime,
        of_contracts: Mapping[Happening, Shares] | None = None,
    ) -> None:
        """Take in what happened; what has no record is noticed at the end. Some costs are of trades in contracts."""
        for found in inside:
            one = replace(found, at=until) if found.part == "residual" else found
            worth = worth_when_counted(one, closing)
            if one.paid_for:
                self._pay(one, worth, (of_contracts or {}).get(found))
            held = self._costs.held.get(one.asset, NOTHING)
            if held * one.quantity < 0 and abs(one.quantity) > abs(held):
                first = stored(worth * held / -one.quantity)
                self._move(one, -held, first)
                self._move(one, one.quantity + held, worth - first)
            elif one.quantity:
                self._move(one, one.quantity, worth)

    def _begin(self, asset: str, at: datetime, quantity: Fraction, cost: Fraction) -> Cycle:
        cycle = self._open[asset] = Cycle(asset, at, quantity < 0)
        cycle.add(entered=abs(quantity), entry_value=abs(cost))
        self.cycles.append(cycle)
        return cycle

    def _move(self, one: Happening, quantity: Fraction, worth: Fraction) -> None:
        held, cost = (known.get(one.asset, NOTHING) for known in (self._costs.held, self._costs.costs))
        gain = self._costs.move(one.asset, quantity, worth)
        left = abs(worth / quantity * (held + quantity))
        comes, cycle = held * quantity >= 0, self._open.get(one.asset)
        if cycle is None and comes and one.part in DOING and left >= 1 and one.asset not in MONEY:
            cycle = self._begin(one.asset, one.at, held or quantity, cost)
            cycle.is_by_fill = one.part == "trading"
            cycle.add(entered=abs(held) - cycle.amounts["entered"])
        if cycle is None:
            self.outside += gain if one.part == "trading" else NOTHING
            return
        if one.part != "fees" and comes:
            cycle.add(entered=abs(quantity), entry_value=abs(worth))
        elif one.part in DOING:
            is_sold = one.part == "trading"
            cycle.add(exited=abs(quantity), exit_value=abs(worth), **{"gross" if is_sold else "transferred": gain})
            cycle.add(unsold=NOTHING if is_sold else abs(quantity))
        if one.part == "trading":
            self._remember(one, cycle, abs(quantity))
        if held + quantity == 0 or (worth and left < 1):
            cycle.closed = one.at
            del self._open[one.asset]

    def _remember(self, one: Happening, cycle: Cycle, quantity: Fraction) -> None:
        """A fill's fee is paid for what its last leg moved, which is its base, and else for what its quote did."""
        fill, moved = self._last
        is_same_leg = fill == one.fill and moved[-1][0].asset == one.asset
        self._last = one.fill, [*(moved if is_same_leg else ()), (cycle, quantity)]

    def _pay(self, one: Happening, worth: Fraction, of_contracts: Shares | None) -> None:
        shares: Shares = of_contracts or [(None, Fraction(1))]
        if one.paid_for == "trading" and self._last[0] == one.fill and self._last[1]:
            shares = list(self._last[1])
        elif one.paid_for == "interest":
            shares = [(self._open.get(one.asset), Fraction(1))]
        quantity, value, whole = -one.quantity, -worth, sum((share for _, share in shares), NOTHING)
        for number, (cycle, share) in enumerate(shares, 1):
            is_last = number == len(shares)
            part = quantity if is_last else stored(quantity * share / whole)
            part_value = value if is_last else stored(value * share / whole)
            self.paid.append(Paid(one.at, one.asset, part, part_value, cycle))
            if cycle:
                is_funding = one.paid_for == "funding"
                way = "funding" if is_funding else "interest" if one.paid_for == "interest" else "fees"
                cycle.add(**{way: -part_value if is_funding else part_value})
            quantity, value, whole = quantity - part, value - part_value, whole - share
