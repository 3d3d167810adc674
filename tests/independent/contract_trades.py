"""Trades in contracts a second time, in fractions, out of the venue's own executions: from flat to flat, each side by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.independent.positions import SIZES


@dataclass(slots=True)
class Cycle:
    """What one side of a contract did from flat to flat, in what it settles in."""

    symbol: str
    is_short: bool
    opened: datetime
    closed: datetime | None = None
    gross: Fraction = Fraction(0)
    paid: Fraction = Fraction(0)  # commissions
    fills: int = 0
    held: Fraction = Fraction(0)
    value: Fraction = Fraction(0)  # of what is held, at its entries: in dollars or coins
    ended_by: str = ""  # why the exchange closed it
    is_begun: bool = False  # open when the history began


@dataclass(frozen=True, slots=True)
class Begun:
    """What was open of a side when the history began, and its mark then."""

    symbol: str
    side: str
    quantity: Fraction
    mark: Fraction
    at: datetime


def follow(executions: Iterable[Any], begun: Iterable[Begun] = ()) -> list[Cycle]:
    """All cycles of the venue's executions, in the order in which they were opened; what was `begun` goes on, others of before
    do not count."""
    found: list[Cycle] = []
    running: dict[tuple[str, str], Cycle] = {}
    since = None
    for held in begun:
        value = _worth(held.symbol, abs(held.quantity), held.mark)
        found.append(Cycle(held.symbol, held.quantity < 0, held.at, held=held.quantity, value=value, is_begun=True))
        running[held.symbol, held.side] = found[-1]
        since = held.at
    for one in executions:
        if since and one.at < since:
            continue
        key, left = (one.symbol, one.side), Fraction(one.quantity)
        while left:
            cycle = running.get(key)
            if cycle is None:
                cycle = running[key] = Cycle(one.symbol, left < 0, one.at)
                found.append(cycle)
            part = left
            if cycle.held * left < 0 and abs(left) > abs(cycle.held):
                part = -cycle.held
            _move(cycle, part, one)
            if not cycle.held:
                cycle.closed, cycle.ended_by = one.at, one.reason
                del running[key]
            left -= part
    return found


def _move(cycle: Cycle, part: Fraction, one: Any) -> None:
    value = _worth(one.symbol, abs(part), Fraction(one.price))
    cycle.fills += 1
    cycle.paid += Fraction(one.commission) * abs(part) / abs(Fraction(one.quantity))
    if cycle.held * part >= 0:
        cycle.value += value
    else:
        cost = cycle.value * abs(part) / abs(cycle.held)
        gained = (value - cost) * (-1 if cycle.is_short else 1)
        cycle.gross += -gained if one.symbol.endswith("_PERP") else gained  # who is long of one owes dollars for coins
        cycle.value -= cost
    cycle.held += part


def _worth(symbol: str, quantity: Fraction, price: Fraction) -> Fraction:
    """Units x price, or coins for dollars."""
    if not symbol.endswith("_PERP"):
        return quantity * price
    return quantity * SIZES.get(symbol.removesuffix("USD_PERP"), 10) / price
