"""Play money that comes and goes: every change of a balance from outside is a deposit or a withdrawal of its own."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from paper.engine.changes import Changes, Deposited, Entry, Record, Withdrawn
from paper.engine.venue import Venue
from paper.histories.accounts import Deposit, Withdrawal
from paper.ledger.balances import OUTSIDE
from paper.trading.funds import LOCKED, SPOT
from paper.trading.orders import ZERO, Report


def total_of(venue: Venue, name: str, asset: str) -> Decimal:
    """What an account has of an asset in spot, free and locked."""
    return sum((venue.ledger.balance((name, bucket), asset) for bucket in (SPOT, LOCKED)), ZERO)


def deposit(venue: Venue, name: str, asset: str, amount: Decimal, at: datetime) -> Deposited:
    """Let an amount come into an account; returns the row of its history."""
    row = Deposit(
        id=f"D{next(venue.numbers):09}",
        asset=asset,
        amount=amount,
        inserted_at=at,
        shown_at=at,
        status="credited",
        completed_at=at,
    )
    venue.ledger.move(asset, amount, OUTSIDE, (name, SPOT), why="deposit")
    return Deposited(owner=name, deposit=row)


def withdraw(venue: Venue, name: str, asset: str, amount: Decimal, at: datetime) -> Withdrawn:
    """Let a free amount leave an account; returns the row of its history. Raises NotEnough."""
    venue.ledger.move(asset, amount, (name, SPOT), OUTSIDE, why="withdrawal")
    row = Withdrawal(
        id=f"W{next(venue.numbers):09}",
        asset=asset,
        amount=amount,
        fee=ZERO,
        applied_at=at,
        status="completed",
        completed_at=at,
    )
    return Withdrawn(owner=name, withdrawal=row)


def set_total(
    venue: Venue,
    name: str,
    asset: str,
    total: Decimal,
    at: datetime,
    actor: str,
    *,
    reason: str,
    records: Sequence[Record] = (),
) -> None:
    """Let an account have so much of an asset in spot, as one command; `records` are written with it.

    Raises NotEnough, and changes nothing, where orders hold more than that.
    """
    rows = list(_level(venue, name, asset, total, at))
    kind = "withdrawal" if any(isinstance(one, Withdrawn) for one in rows) else "deposit"
    _write(venue, kind, at, actor, reason, (*rows, *records))


def begin_anew(
    venue: Venue, name: str, total: Decimal, at: datetime, actor: str, records: Sequence[Record] = ()
) -> None:
    """Cancel what waits of an account and let it have so much USDT and nothing else, as one command; its past stays."""
    reports = cancel_waiting(venue, name, at)
    others = [(asset, amount) for asset, amount in venue.ledger.holdings(name, SPOT) if asset != "USDT"]
    withdrawn = [withdraw(venue, name, asset, amount, at) for asset, amount in others]
    _write(venue, "reset", at, actor, "reset", (*withdrawn, *_level(venue, name, "USDT", total, at), *records), reports)


def cancel_waiting(venue: Venue, name: str, at: datetime) -> list[Report]:
    """Cancel what waits of an account, after what time has brought; the caller writes down what is returned."""
    market = venue.open_market
    for symbol in sorted(market.floor.waiting.own_symbols(name)):
        market.look_at(symbol, at)
    still = sorted(market.floor.waiting.own_symbols(name))
    return [report for symbol in still for report in market.desk.cancel_all(name, symbol, at)]


def _level(venue: Venue, name: str, asset: str, total: Decimal, at: datetime) -> Iterator[Deposited | Withdrawn]:
    has = total_of(venue, name, asset)
    if total > has:
        yield deposit(venue, name, asset, total - has, at)
    elif total < has:
        yield withdraw(venue, name, asset, has - total, at)


def _write(
    venue: Venue,
    kind: str,
    at: datetime,
    actor: str,
    reason: str,
    records: Sequence[Record],
    reports: Sequence[Report] = (),
) -> None:
    moved = venue.ledger.take_moved()
    entry = Entry(kind=kind, at=at, movements=moved, actor=actor, reason=reason) if moved else None
    if entry or records or reports:
        venue.write(Changes(entry=entry, reports=reports, records=records))
