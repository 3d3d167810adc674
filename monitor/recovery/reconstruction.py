"""What an account held at past hours, rebuilt backwards from what it holds now and everything that happened: pure.

The quantities at an hour are those at a later reading less every fill, flow, income and fee since then. A happening that
no history shows cannot be seen at its own hour, but it leaves a contradiction: the other end does not meet the reading
there, or a quantity was once negative. Then nothing is rebuilt, for nobody knows from which hour on it would be wrong.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from finance.attribution.events import Event, Standing
from finance.attribution.hour import SMALLEST_UNIT
from finance.contracts import OpenContract
from finance.decimals import ZERO, exact, total
from finance.flow_values import Move, ValuationPrice
from finance.observed import Balance
from finance.records import FillRecord
from finance.valuation import Holding, Valuation, describe_closure, describe_old, sum_quantities

WALLET = "rebuilt"  # which wallet held what is not known for the past, but for the profit of what was open
Quantities = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A valued hour beside the hours to be rebuilt."""

    standing: Standing
    through: datetime  # fills and income stamped before this are in its quantities
    positions: frozenset[str]  # symbols of open derivative positions

    @property
    def unpriced(self) -> frozenset[str]:
        """What it holds that counts as nothing."""
        return frozenset(asset for asset in self.standing.quantities if not self.standing.prices[asset])

    @property
    def quantities(self) -> dict[str, Decimal]:
        """What it holds without the profit of open positions, which no history shows."""
        profit = ((asset, -amount) for asset, amount in self.standing.unrealised.items())
        return sum_quantities([*self.standing.quantities.items(), *profit])


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Something that only a derivative position brings about: a commission, funding, a profit."""

    symbol: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSpan:
    """A time in which a derivative position may have been open: after its beginning, and up to its end."""

    symbol: str
    since: datetime
    until: datetime
    is_sure: bool = True  # nobody knows of that before its first booking whether it was open at all

    def holds(self, moment: datetime) -> bool:
        """Whether the position may have been open at `moment`, before what happened in that very second."""
        return self.since < moment <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructedHours:
    """Quantities by hour, and what they come to at the beginning of the time."""

    hours: Mapping[datetime, Quantities]
    start: Quantities
    contradiction: str = ""  # not empty: none of it may be believed
    unrecorded: Quantities = field(default_factory=dict)  # what came (+) or went (-) in between without a move


@exact
def reconstruct_hours(
    held: Quantities, moves: Sequence[Move], hours: Iterable[datetime], *, start: Quantities | None, may_owe: bool
) -> ReconstructedHours:
    """What was held at each of `hours`, before the moves of that very moment, given what is `held` after all `moves`.

    `moves` are in time order; `start` is what must come out before the first of them, None if nobody knows. `may_owe`:
    the account can borrow, so a negative quantity contradicts nothing.
    """
    left, counts = dict(held), defaultdict[str, int](int)
    found: dict[datetime, Quantities] = {}
    contradiction = ""
    waiting = sorted(hours)
    for at, together in groupby(reversed(moves), key=lambda move: move.at):
        while waiting and waiting[-1] > at:
            found[waiting.pop()] = _without_zeros(left)
        _undo(left, counts, together)
        if not may_owe:
            contradiction = contradiction or _find_negative(left, counts, at)
    begun = _find_unrecorded(left, {}, counts)  # what rounding left behind is nothing
    earliest = _without_zeros(left) if start is not None else begun
    found |= dict.fromkeys(waiting, earliest)
    unrecorded = {} if start is None else _find_unrecorded(left, start, counts)
    for asset, came in list(unrecorded.items())[:1]:
        contradiction = (
            contradiction or f"{came.normalize():+f} {asset} came or went in between, which no history shows"
        )
    return ReconstructedHours(hours=found, start=begun, contradiction=contradiction, unrecorded=unrecorded)


def _undo(left: dict[str, Decimal], counts: dict[str, int], moves: Iterable[Move]) -> None:
    for move in moves:
        left[move.asset] = left.get(move.asset, ZERO) - move.quantity
        counts[move.asset] += 1


def _without_zeros(quantities: Quantities) -> Quantities:
    return {asset: quantity for asset, quantity in quantities.items() if quantity}


def _find_negative(left: Quantities, counts: Mapping[str, int], at: datetime) -> str:
    for asset, count in sorted(counts.items()):
        if left[asset] < -SMALLEST_UNIT * count:
            return (
                f"before {at:%Y-%m-%d %H:%M:%S} UTC there would be {left[asset].normalize():f} {asset}: something that "
                "went out later is shown by no history"
            )
    return ""


def _find_unrecorded(left: Quantities, start: Quantities, counts: Mapping[str, int]) -> dict[str, Decimal]:
    beyond = {asset: left.get(asset, ZERO) - start.get(asset, ZERO) for asset in sorted({*left, *start})}
    return {asset: came for asset, came in beyond.items() if abs(came) > SMALLEST_UNIT * counts.get(asset, 0)}


def list_moves(events: Iterable[Event]) -> list[Move]:
    """What `events` moved, in time order."""
    moves = [move for event in events for move in _moves_of(event)]
    return sorted(moves, key=lambda move: move.at)


def _moves_of(event: Event) -> Iterator[Move]:
    parts = event.moves if isinstance(event, FillRecord) else ((event.asset, event.quantity),)
    for asset, quantity in parts:
        yield Move(at=event.occurred_at, asset=asset, quantity=quantity)


def find_open_spans(
    bookings: Sequence[Booking],
    span: tuple[datetime, datetime],
    *,
    before: Collection[str],
    after: Collection[str],
) -> tuple[OpenSpan, ...]:
    """When derivative positions may have been open in a span of time, given its `bookings` in time order.

    `before` and `after` are the symbols of positions open at both ends. No history shows a position's size, so it counts
    as open from the first booking of its symbol to the last.
    """
    since, until = span
    by_symbol = defaultdict[str, list[Booking]](list)
    for booking in bookings:
        by_symbol[booking.symbol].append(booking)
    open_spans = []
    for symbol in sorted({*by_symbol, *before, *after}):
        booked = by_symbol[symbol]
        first = since if symbol in before or not booked else booked[0].at
        last = until if symbol in after or not booked else booked[-1].at
        open_spans.append(OpenSpan(symbol=symbol, since=first, until=last))
    return tuple(open_spans)


@exact
def value_reconstructed(
    quantities: Quantities,
    prices: Mapping[str, ValuationPrice | None],
    closed_since: datetime | None = None,
    unpriced: Container[str] = (),
    contracts: Iterable[OpenContract] = (),
) -> Valuation:
    """Rebuilt quantities at the hour's `prices`; no NAV while one of them is missing, even of a quantity of zero.

    The profit of open `contracts` comes on top; what they settle in is among the quantities, be it zero.
    What is `unpriced` at the reading it is rebuilt from counts as nothing here, too. Prices from before the hour make it
    an estimate: all are, if the whole market was `closed_since` then.
    """
    valued = [_value(WALLET, asset, quantity, prices.get(asset)) for asset, quantity in sorted(quantities.items())]
    missing = [holding.asset for holding in valued if holding.value is None]
    problems = tuple(f"{asset} has no price" for asset in missing if asset not in unpriced)
    nothing = tuple(f"{asset} has no price: counted as nothing" for asset in missing if quantities[asset])
    holdings = tuple(holding for holding in valued if quantities[holding.asset])
    holdings += tuple(
        _value_profit(wallet, asset, profit, prices.get(asset)) for wallet, asset, profit in _add_profits(contracts)
    )
    nav = None if problems else total(h.value for h in holdings if h.value is not None)
    old = [asset for asset, price in prices.items() if price and price.stale]
    estimates = describe_closure(closed_since) or describe_old(old)
    return Valuation(holdings=holdings, nav=nav, problems=problems, estimates=(*nothing, *estimates))


def _value_profit(wallet: str, asset: str, profit: Decimal, price: ValuationPrice | None) -> Holding:
    valued = _value(wallet, asset, profit, price)
    return replace(valued, balance=replace(valued.balance, unrealised=profit))


def _add_profits(contracts: Iterable[OpenContract]) -> Iterator[tuple[str, str, Decimal]]:
    """Wallet, asset and amount of what is unrealised."""
    profits = defaultdict[tuple[str, str], Decimal](Decimal)
    for contract in contracts:
        profits[contract.wallet, contract.margin_asset] += contract.unrealised
    return ((wallet, asset, profit) for (wallet, asset), profit in sorted(profits.items()) if profit)


def _value(wallet: str, asset: str, quantity: Decimal, price: ValuationPrice | None) -> Holding:
    return Holding(
        wallet=wallet,
        balance=Balance(asset=asset, free=max(quantity, ZERO), owed=max(-quantity, ZERO)),
        price=price.value if price else None,
        route=price.route if price else "",
        value=quantity * price.value if price else None,
    )
