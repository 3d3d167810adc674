"""Binance Pay: payments, refunds, transfers between users, and gifts (crypto boxes).

Every row is final, and the sign of its amount is the owner's view. A payment in several coins lists what was really
given in `fundsDetail`: each coin is a flow of its own. Who is paid gets the row's own coin, whatever the other one paid
with; a refund brings back what was given. What a card paid never was in the account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO
from finance.records import FlowKind, FlowRecord, FlowState
from monitor.exchanges.binance.windows import fetch_halves, milliseconds, once, read_envelope, windows
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_list, a_moment, amount, asset, keep, text

TRANSACTIONS = Endpoint(family="sapi", path="pay/transactions", weight=3_000, bucket="uid pay", per_account=True)
DOING = "Reading Binance Pay"
LONGEST_WINDOW = timedelta(days=89)
MOST_ROWS = 100
REFUNDS = ("PAY_REFUND", "CRYPTO_BOX_RF")
CARDS = ("4", "6")  # wallet types
KEPT = ("orderType", "transactionId", "transactionTime", "amount", "currency", "walletType", "totalPaymentFee")


async def fetch_payments(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Payments and gifts of [since, until], in and out."""

    async def fetch(start: datetime, end: datetime) -> Sequence[tuple[FlowRecord, ...]]:
        return await connection.call(
            TRANSACTIONS,
            DOING,
            lambda answer: [_record(row) for row in read_envelope(answer)[0]],
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            limit=MOST_ROWS,
        )

    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        rows = await fetch_halves(fetch, window, MOST_ROWS, DOING)
        found += [record for row in rows for record in row]
    return once(found)


def _record(row: Row) -> tuple[FlowRecord, ...]:
    is_outgoing = amount(row, "amount", signed=True) < 0
    by_card = is_outgoing and str(row.get("walletType", "")) in CARDS
    at, name = a_moment(row, "transactionTime"), text(row, "transactionId")
    funds = _read_funds(row, is_outgoing=is_outgoing)
    currency, fee = asset(row, "currency"), amount(row, "totalPaymentFee", default=ZERO) if is_outgoing else ZERO
    if fee:
        funds.setdefault(currency, ZERO)
    return tuple(
        FlowRecord(
            kind=FlowKind.PAY_SENT if is_outgoing else FlowKind.PAY_RECEIVED,
            exchange_id=name if len(funds) == 1 else f"{name} {coin}",
            state=FlowState.VOID if by_card else FlowState.COUNTED,
            exchange_status=text(row, "orderType") + (" (paid by card)" if by_card else ""),
            asset=coin,
            amount=quantity,
            fee=fee if coin == currency else ZERO,
            requested_at=at,
            completed_at=at,
            raw=keep(row, KEPT),
        )
        for coin, quantity in funds.items()
    )


def _read_funds(row: Row, *, is_outgoing: bool) -> dict[str, Decimal]:
    """What was really given or received, by coin."""
    told = {asset(row, "currency"): abs(amount(row, "amount", signed=True))}
    funds: dict[str, Decimal] = {}
    for part in a_list(row.get("fundsDetail") or [], "fundsDetail"):
        coin = asset(part, "currency")
        funds[coin] = funds.get(coin, ZERO) + abs(amount(part, "amount", signed=True))
    is_paid = not is_outgoing and text(row, "orderType") not in REFUNDS
    return told if not funds or (is_paid and len(funds) == 1) else funds
