"""What an account's derivatives were worth at a moment between two of its readings, in units of what they settle in.

    linear contract    profit = quantity x (mark - entry)
    inverse contract   profit = contracts x size x (1 / entry - 1 / mark)      in the coin

The mark is the exchange's own at the minute, the quantity what was open at that very moment: the first reading's where
every trade of the contract came later, the second one's where every trade came before, else the first one's led
through its fills at average cost. Where neither is known the profit is estimated from both readings' and says so. So
is profit without a contract of its own: options, whose past marks no history shows, and a sub-account's positions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from finance.contracts import InverseSizes, OpenContract, Sides, are_alike, contract_size, is_inverse, lead
from finance.decimals import ZERO, exact, total
from finance.records import ContractFill, ContractQuery

LATE = timedelta(minutes=1)  # reading takes seconds: what is stamped after it may be in it
MOST_LATE = 20
Lump = tuple[str, str]  # wallet and asset


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractBooking:
    """What a trade of a derivative left in a wallet's history: a commission, a profit."""

    at: datetime
    wallet: str
    symbol: str  # empty: not reported
    asset: str
    profit: Decimal  # zero: a commission
    trade: str = ""  # the number of the fill, where it is reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The derivatives of one account between two readings."""

    account_id: int
    exchange: str  # whose marks count: another one's contract of the same name is another contract
    since: datetime
    until: datetime
    before: Sides
    after: Sides
    sizes: InverseSizes  # of the exchange
    lumps_before: Mapping[Lump, Decimal] = field(default_factory=dict)  # profit without a contract of its own
    lumps_after: Mapping[Lump, Decimal] = field(default_factory=dict)
    bookings: tuple[ContractBooking, ...] = ()  # in time order
    fills: tuple[ContractFill, ...] = ()  # as far as they are known, in time order, with those of a minute later


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the exchange valued a contract with at a minute."""

    value: Decimal
    is_old: bool = False  # the last one known was older


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """What was unrealised at a moment, in units of an asset."""

    asset: str
    amount: Decimal
    reason: str = ""  # why it is an estimate
    unsized: str = ""  # the contract whose size is not known, though the exchange may report it later


def list_open(exposure: Exposure, at: datetime) -> frozenset[str]:
    """The contracts whose mark price is needed to value what was open at `at`."""
    open_then = (open_at(exposure, symbol, at) for symbol in _symbols(exposure))
    return frozenset(one.symbol for sides in open_then if sides for one in sides.values() if one.quantity)


def list_assets(exposure: Exposure) -> frozenset[str]:
    """What the derivatives settle in."""
    lumps = (asset for _, asset in (*exposure.lumps_before, *exposure.lumps_after))
    return frozenset((*(_asset_of(exposure, symbol) for symbol in _symbols(exposure)), *lumps))


def list_unsized(exposure: Exposure, at: datetime) -> Iterator[ContractQuery]:
    """Which fills would show the sizes at `at` that are not known."""
    for symbol in _symbols(exposure):
        if open_at(exposure, symbol, at) is None:
            yield ContractQuery(
                wallet=_wallet_of(exposure, symbol), symbol=symbol, since=exposure.since, until=exposure.until + LATE
            )


@exact
def value_open(exposure: Exposure, at: datetime, marks: Mapping[str, Mark]) -> tuple[Profit, ...]:
    """What was unrealised at `at`, given the mark prices of that minute by contract."""
    contracts = [_value_contract(exposure, symbol, at, marks.get(symbol)) for symbol in _symbols(exposure)]
    lumps = [_value_lump(exposure, lump, at) for lump in sorted({*exposure.lumps_before, *exposure.lumps_after})]
    return (*contracts, *lumps)


def open_at(exposure: Exposure, symbol: str, at: datetime) -> Sides | None:
    """A contract's sides as they stood at `at`, before what happened in that very second; None where nobody knows."""
    before, after = (_of_symbol(sides, symbol) for sides in (exposure.before, exposure.after))
    trades = [booking.at for booking in exposure.bookings if booking.symbol == symbol]
    if all(trade >= at for trade in trades) and (trades or are_alike(before, after)):
        return before
    if trades and all(trade < at for trade in trades):
        return after
    fills = _match_fills(exposure, symbol, before, after)
    return (
        lead(before, [fill for fill in fills if fill.occurred_at < at], _asset_of(exposure, symbol)) if fills else None
    )


@exact
def _match_fills(exposure: Exposure, symbol: str, before: Sides, after: Sides) -> Sequence[ContractFill]:
    """The fills that led from `before` to `after`; none where those that are known don't.

    The first ones may be in the first reading already, and those of the minute after the second one in that.
    """
    known = [fill for fill in exposure.fills if fill.symbol == symbol]
    booked_trades = {b.trade for b in exposure.bookings if b.symbol == symbol and b.trade}
    if booked_trades - {fill.exchange_id for fill in known}:
        return ()
    early = sum(fill.occurred_at < exposure.since + LATE for fill in known)
    inside = sum(fill.occurred_at < exposure.until for fill in known)
    totals = list(accumulate(known, _count, initial=dict[str, Decimal]()))
    wanted = _subtract(_by_side(after), _by_side(before))
    for more in range(min(len(known) - inside, MOST_LATE) + 1):
        for first in range(min(early, MOST_LATE) + 1):
            end = inside + more
            if first < end and _subtract(totals[end], totals[first]) == wanted:
                return known[first:end]
    return ()


def _count(totals: dict[str, Decimal], fill: ContractFill) -> dict[str, Decimal]:
    return totals | {fill.side: totals.get(fill.side, ZERO) + fill.quantity}


def _by_side(sides: Sides) -> dict[str, Decimal]:
    return {side: contract.quantity for (_, side), contract in sides.items()}


def _subtract(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> dict[str, Decimal]:
    differences = {side: one.get(side, ZERO) - other.get(side, ZERO) for side in {*one, *other}}
    return {side: difference for side, difference in differences.items() if difference}


def _symbols(exposure: Exposure) -> list[str]:
    held = {symbol for symbol, _ in (*exposure.before, *exposure.after)}
    return sorted(held | {booking.symbol for booking in exposure.bookings if booking.symbol})


def _of_symbol(sides: Sides, symbol: str) -> Sides:
    return {key: contract for key, contract in sides.items() if key[0] == symbol}


def _held(exposure: Exposure, symbol: str) -> list[OpenContract]:
    """A contract as each reading has it, the second one first."""
    both = (*exposure.after.values(), *exposure.before.values())
    return [contract for contract in both if contract.symbol == symbol]


def _wallet_of(exposure: Exposure, symbol: str) -> str:
    booked = [booking.wallet for booking in reversed(exposure.bookings) if booking.symbol == symbol]
    return [*(contract.wallet for contract in _held(exposure, symbol)), *booked][0]


def _asset_of(exposure: Exposure, symbol: str) -> str:
    """What a contract is settled in: its profits are booked in that, its commissions maybe not."""
    booked = sorted((b for b in exposure.bookings if b.symbol == symbol), key=lambda booking: not booking.profit)
    candidates = [*(contract.margin_asset for contract in _held(exposure, symbol)), *(b.asset for b in booked)]
    pair, _, _ = symbol.partition("_")
    return next((asset for asset in candidates if pair.endswith(asset) or is_inverse(symbol, asset)), candidates[0])


def _value_contract(exposure: Exposure, symbol: str, at: datetime, mark: Mark | None) -> Profit:
    asset, sides = _asset_of(exposure, symbol), open_at(exposure, symbol, at)
    if sides is None:
        reason = f"how large the position in {symbol} was then is not known"
        return Profit(asset=asset, amount=_bridge_contract(exposure, symbol, at), reason=reason, unsized=symbol)
    if not any(contract.quantity for contract in sides.values()):
        return Profit(asset=asset, amount=ZERO)
    if mark is None:
        reason = f"no mark price of {symbol}"
        return Profit(asset=asset, amount=_bridge_contract(exposure, symbol, at), reason=reason)
    size = contract_size(_held(exposure, symbol), symbol, asset, exposure.sizes)
    amount = total(contract.profit_at(mark.value, size) for contract in sides.values())
    return Profit(asset=asset, amount=amount, reason=f"older mark price used for {symbol}" if mark.is_old else "")


def _bridge_contract(exposure: Exposure, symbol: str, at: datetime) -> Decimal:
    ends = [total(c.unrealised for c in _of_symbol(s, symbol).values()) for s in (exposure.before, exposure.after)]
    trades = [booking for booking in exposure.bookings if booking.symbol == symbol]
    return _bridge(exposure, (ends[0], ends[1]), trades, at)


def _value_lump(exposure: Exposure, lump: Lump, at: datetime) -> Profit:
    wallet, asset = lump
    trades = [booking for booking in exposure.bookings if booking.wallet == wallet]
    ends = (exposure.lumps_before.get(lump, ZERO), exposure.lumps_after.get(lump, ZERO))
    if trades and trades[0].at < at <= trades[-1].at:
        # What was bought is worth what was paid for it, what was sold no longer worth what it brought.
        amount = ends[0] - total(b.profit for b in trades if b.asset == asset and b.at < at)
    else:
        amount = _bridge(exposure, ends, trades, at)
    return Profit(asset=asset, amount=amount, reason=f"what is open in {wallet} is known at readings only")


def _bridge(
    exposure: Exposure, ends: tuple[Decimal, Decimal], trades: Iterable[ContractBooking], at: datetime
) -> Decimal:
    """Between the profits at both readings: the one that has the same size, else in proportion to the time."""
    is_before, is_after = ({(booking.at < at) is side for booking in trades} == {True} for side in (True, False))
    if is_before:
        return ends[1]
    if is_after:
        return ends[0]
    step = timedelta(microseconds=1)
    passed, whole = (at - exposure.since) // step, (exposure.until - exposure.since) // step
    return ends[0] + (ends[1] - ends[0]) * passed / whole if whole else ends[0]
