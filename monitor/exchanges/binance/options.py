"""Options: the account's equity, which has the value of open options in it, what is open, and what was booked.

An option that was bought is worth something from then on, and its premium has left the balance. So all of its value
counts as unrealised, and every booking of the balance as realised: bought at its price, it is neither gain nor loss.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from finance.decimals import ZERO, exact
from finance.observed import Balance, Position
from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    an_object,
    asset,
    refuse_duplicates,
    select,
    text,
)
from monitor.exchanges.windows import fetch_halves, milliseconds, once, windows

WALLET = "options"
ACCOUNT = Endpoint(family="eapiPrivate", path="marginAccount", weight=3, bucket="eapi")
POSITIONS = Endpoint(family="eapiPrivate", path="position", weight=5, bucket="eapi")
BILL = Endpoint(family="eapiPrivate", path="bill", weight=1, bucket="eapi")
CURRENCY = "USDT"  # the only one that the history knows
LONGEST_WINDOW = timedelta(days=29)
MOST_ROWS = 1000
SIDES = {"LONG": "long", "SHORT": "short"}
KINDS = {
    "CONTRACT": IncomeKind.REALISED_PROFIT,
    "FEE": IncomeKind.FUTURES_COMMISSION,
    "EXERCISE_PNL": IncomeKind.REALISED_PROFIT,
    "EXERCISE_FEE": IncomeKind.FUTURES_COMMISSION,
}
INTERNAL = ("TRANSFER",)
FIELDS = ("id", "asset", "amount", "type", "createDate")
LOG = logging.getLogger(__name__)


async def fetch_options(connection: Connection) -> tuple[Balance | Position, ...]:
    """Equity by margin asset, of which a negative one is owed, and the open options."""
    balances = await connection.call(ACCOUNT, "Reading options", _read_account)
    if not any(balance.unrealised for balance in balances):
        return balances
    return (*balances, *await connection.call(POSITIONS, "Reading options, positions", _read_positions))


async def fetch_bill(connection: Connection, since: datetime, until: datetime) -> tuple[IncomeRecord, ...]:
    """Premiums, fees and settlements booked in [since, until], without transfers."""

    async def fetch(start: datetime, end: datetime) -> Sequence[IncomeRecord | None]:
        return await connection.call(
            BILL,
            "Reading the bill of options",
            lambda answer: [_booking(row) for row in a_list(answer)],
            currency=CURRENCY,
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            limit=MOST_ROWS,
        )

    found: list[IncomeRecord | None] = []
    for window in windows(since, until, LONGEST_WINDOW):
        found += await fetch_halves(fetch, window, MOST_ROWS, "Reading the bill of options")
    bookings = once(booking for booking in found if booking)
    _warn_of_unknown(bookings)
    return bookings


def _booking(row: Row) -> IncomeRecord | None:
    """A row's number alone is not its own: the exchange's own example has one for three rows."""
    booked, at = text(row, "type"), a_moment(row, "createDate")
    if booked in INTERNAL:
        return None
    return IncomeRecord(
        kind=KINDS.get(booked, IncomeKind.REALISED_PROFIT),
        exchange_id=f"{WALLET} {booked} {text(row, 'id')} {asset(row)} {at:%Y-%m-%dT%H:%M:%S.%f}",
        wallet=WALLET,
        asset=asset(row),
        amount=amount(row, "amount", signed=True),
        occurred_at=at,
        raw=select(row, FIELDS),
    )


def _warn_of_unknown(bookings: Iterable[IncomeRecord]) -> None:
    unknown = sorted({str(booking.raw["type"]) for booking in bookings} - KINDS.keys())
    if unknown:
        LOG.warning("Options booked a kind nobody knows, counted as realised: %s", ", ".join(unknown))


def _read_account(answer: object) -> tuple[Balance, ...]:
    rows = a_list(an_object(answer, "asset")["asset"], "asset")
    refuse_duplicates((asset(row) for row in rows), "asset")
    return tuple(_read_asset(row) for row in rows)


@exact
def _read_asset(row: Row) -> Balance:
    equity = amount(row, "equity", signed=True)
    return Balance(
        asset=asset(row),
        free=max(equity, ZERO),
        owed=max(-equity, ZERO),
        unrealised=equity - amount(row, "marginBalance", signed=True),
    )


def _read_positions(answer: object) -> tuple[Position, ...]:
    rows = a_list(answer)
    refuse_duplicates((f"{text(row, 'symbol')} {text(row, 'side')}" for row in rows), "position")
    return tuple(_read_position(row) for row in rows if amount(row, "quantity", signed=True))


def _read_position(row: Row) -> Position:
    side = text(row, "side")
    if side not in SIDES:
        raise Malformed("side is neither LONG nor SHORT")
    return Position(
        symbol=text(row, "symbol"),
        side=SIDES[side],
        quantity=amount(row, "quantity", signed=True),
        entry_price=amount(row, "entryPrice"),
        mark_price=amount(row, "markPrice"),
        margin_asset=asset(row, "quoteAsset"),
        unrealised=amount(row, "unrealizedPNL", signed=True),
    )
