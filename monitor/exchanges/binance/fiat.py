"""Money of the state: bank deposits and withdrawals (fiat orders), and coins bought or sold with a card or bank.

The parameters are called beginTime and endTime here; another name would be ignored, and the last 30 days answered.
A fiat order credits `amount`; a withdrawal takes its fee on top, which is in `indicatedAmount` or only in `totalFee`. Both
histories say when an order was last updated, which for a settled one is when the balance changed. An order that never
counted may lack its amounts, and one number may be that of a deposit and of a withdrawal.
"""

from asyncio import gather
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO
from finance.records import FillMarket, FillRecord, FlowKind, FlowRecord, FlowState, Sale
from monitor.exchanges.binance.dialect import read_envelope
from monitor.exchanges.http.connection import Connection, Endpoint, Read
from monitor.exchanges.http.fields import Row, a_moment, amount, asset, select, text
from monitor.exchanges.windows import Page, Window, call_pages, milliseconds, once, windows

# Two calls an hour; if the weight were what it was until 2024, they would be the whole minute. Hence few tries.
ORDERS = Endpoint(family="sapi", path="fiat/orders", weight=45_000, bucket="uid fiat orders", per_account=True, tries=2)
PAYMENTS = Endpoint(family="sapi", path="fiat/payments", weight=1, bucket="sapi fiat payments")
LONGEST_WINDOW = timedelta(days=29)
PAGE_SIZE = 500
IN, OUT = 0, 1
CASH_BALANCE = "cash balance"  # paid from the account's own fiat: a trade
STATES = {
    "successful": FlowState.COUNTED,
    "finished": FlowState.COUNTED,
    "completed": FlowState.COUNTED,
    "processing": FlowState.PENDING,
    "refunding": FlowState.PENDING,  # on its way back
    "failed": FlowState.VOID,
    "expired": FlowState.VOID,
    "refunded": FlowState.VOID,  # the account has what it had
}
FIELDS = ("orderNo", "fiatCurrency", "indicatedAmount", "amount", "totalFee", "method", "status", "createTime",
        "updateTime", "sourceAmount", "obtainAmount", "cryptoCurrency", "price", "paymentMethod")  # fmt: skip
Record = FlowRecord | FillRecord | None


async def fetch_orders(connection: Connection, since: datetime, until: datetime) -> tuple[FlowRecord, ...]:
    """Fiat deposits and withdrawals ordered in [since, until]."""
    found: list[FlowRecord] = []
    for window in windows(since, until, LONGEST_WINDOW):
        for rows in await _fetch_directions(connection, ORDERS, "Reading fiat orders", window):
            found += [row for row in rows if isinstance(row, FlowRecord)]
    return once(found)


async def fetch_payments(
    connection: Connection, since: datetime, until: datetime
) -> tuple[FlowRecord | FillRecord, ...]:
    """Coins bought and sold in [since, until]: as flows where a bank paid, as fills where the account's fiat did."""
    found: dict[tuple[str, str], FlowRecord | FillRecord] = {}
    for window in windows(since, until, LONGEST_WINDOW):
        for rows in await _fetch_directions(connection, PAYMENTS, "Reading fiat payments", window):
            found |= {_key(row): row for row in rows if row}
    return tuple(found.values())


def _key(row: FlowRecord | FillRecord) -> tuple[str, str]:
    return ("" if isinstance(row, FillRecord) else row.kind, row.exchange_id)


async def _fetch_directions(
    connection: Connection, endpoint: Endpoint, doing: str, window: Window
) -> list[list[Record]]:
    start, end = map(milliseconds, window)
    asked = {"beginTime": start, "endTime": end, "rows": PAGE_SIZE}
    fetching = (
        call_pages(
            connection,
            endpoint,
            doing,
            _reader(endpoint, direction),
            PAGE_SIZE,
            number="page",
            transactionType=direction,
            **asked,
        )
        for direction in (IN, OUT)
    )
    return await gather(*fetching)


def _reader(endpoint: Endpoint, direction: int) -> Read[Page[Record]]:
    def read(answer: object) -> Page[Record]:
        rows, total = read_envelope(answer)
        return [_order(row, direction) if endpoint is ORDERS else _payment(row, direction) for row in rows], total

    return read


def _order(row: Row, direction: int) -> FlowRecord:
    credited = _amount(row, "amount", instead="indicatedAmount")
    if direction == IN:
        return _flow(FlowKind.FIAT_DEPOSIT, row, asset(row, "fiatCurrency"), (credited, ZERO))
    on_top = amount(row, "indicatedAmount", default=credited) - credited
    fee = max(on_top, amount(row, "totalFee", default=ZERO))
    return _flow(FlowKind.FIAT_WITHDRAWAL, row, asset(row, "fiatCurrency"), (credited, fee))


def _amount(row: Row, name: str, instead: str = "") -> Decimal:
    """An order's amount; where one that does not count has none, what stands `instead` of it, or zero."""
    if _state(row) is FlowState.COUNTED:
        return amount(row, name)
    return amount(row, name, default=amount(row, instead, default=ZERO))


def _payment(row: Row, direction: int) -> Record:
    """`obtainAmount` is the coin's, by the documentation of sales as well, which is why `monitor.performance.sales` checks it."""
    coin, obtained = asset(row, "cryptoCurrency"), _amount(row, "obtainAmount")
    method = str(row.get("paymentMethod") or "").lower()
    if direction == IN and method == CASH_BALANCE:
        return _trade(row, coin) if _state(row) is FlowState.COUNTED else None
    if direction == IN:
        return _flow(FlowKind.CARD_PURCHASE, row, coin, (obtained, ZERO))
    sale = Sale(
        given=_amount(row, "sourceAmount"),
        obtained=obtained,
        currency=asset(row, "fiatCurrency"),
        fee=amount(row, "totalFee", default=ZERO),
        is_paid_in=method == CASH_BALANCE if method else None,  # of purchases only, says the documentation
    )
    return replace(_flow(FlowKind.CARD_SALE, row, coin, (obtained, ZERO)), sale=sale)


def _trade(row: Row, coin: str) -> FillRecord:
    fiat, fee = asset(row, "fiatCurrency"), amount(row, "totalFee", default=ZERO)
    return FillRecord(
        market=FillMarket.CONVERT,
        symbol=coin + fiat,
        exchange_id=f"payment {text(row, 'orderNo')}",
        base_asset=coin,
        base_quantity=amount(row, "obtainAmount"),
        quote_asset=fiat,
        quote_quantity=fee - amount(row, "sourceAmount"),
        fee_asset=fiat if fee else "",
        fee=fee,
        occurred_at=a_moment(row, "updateTime"),
        raw=select(row, FIELDS),
    )


def _flow(kind: FlowKind, row: Row, name: str, money: tuple[Decimal, Decimal]) -> FlowRecord:
    state, status = _state(row), text(row, "status")
    credited, fee = money
    return FlowRecord(
        kind=kind,
        exchange_id=text(row, "orderNo"),
        state=state,
        exchange_status=status if status.lower() in STATES else f"{status} (unknown)",
        asset=name,
        amount=credited,
        fee=fee,
        requested_at=a_moment(row, "createTime"),
        completed_at=a_moment(row, "updateTime") if state is FlowState.COUNTED else None,
        raw=select(row, FIELDS),
    )


def _state(row: Row) -> FlowState:
    return STATES.get(text(row, "status").lower(), FlowState.PENDING)
