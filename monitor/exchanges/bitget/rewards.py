"""What the ledgers don't say by themselves: interest of margin debts, and what savings pay.

Interest grows a debt and moves no balance. In the spot ledger everything of Earn has one name, whether it is paid in, paid
out or earned; the products' own records say which it was. Shark fins and dual investments have none.
"""

from asyncio import gather
from datetime import datetime, timedelta
from functools import partial

from finance.decimals import exact
from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.bitget.answers import coin, read_named_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.earn import EARN
from monitor.exchanges.bitget.margin import CROSS, ISOLATED
from monitor.exchanges.bitget.pages import fetch_history, page_of
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, select, text
from monitor.exchanges.windows import once

CROSS_INTEREST = private("v2/margin/crossed/interest-history")
ISOLATED_INTEREST = private("v2/margin/isolated/interest-history")
SAVINGS = private("v2/earn/savings/records")
QUARTER = timedelta(days=89)
PERIODS = ("flexible", "fixed")
PAID = "pay_interest"
FIELDS = ("interestId", "interestCoin", "interestAmount", "symbol", "orderId", "coinName", "settleCoinName", "amount",
          "orderType", "productType", "cTime", "ts")  # fmt: skip
Income = tuple[IncomeRecord, ...]


async def fetch_cross_interest(connection: Connection, since: datetime, until: datetime) -> Income:
    """Interest charged on cross margin debts in [since, until]."""
    rows = partial(read_named_rows, name="resultList", cursor="minId")
    read = page_of(rows, partial(read_interest, wallet=CROSS), "interestId")
    doing = "Reading the interest of cross margin"
    return once(await fetch_history(connection, CROSS_INTEREST, doing, read, (since, until), QUARTER))


async def fetch_pair_interest(connection: Connection, pair: str, span: tuple[datetime, datetime]) -> Income:
    """Interest charged on the debts of an isolated pair in `span`."""
    rows = partial(read_named_rows, name="resultList", cursor="minId")
    read = page_of(rows, partial(read_interest, wallet=ISOLATED), "interestId")
    doing = f"Reading the interest of isolated margin, {pair}"
    return once(await fetch_history(connection, ISOLATED_INTEREST, doing, read, span, QUARTER, symbol=pair))


async def fetch_savings(connection: Connection, since: datetime, until: datetime) -> Income:
    """What savings paid in [since, until], flexible and fixed ones."""
    rows = partial(read_named_rows, name="resultList", cursor="endId")
    read = page_of(rows, read_paid, "orderId")
    doing, span = "Reading what savings paid", (since, until)
    asking = (
        fetch_history(connection, SAVINGS, doing, read, span, QUARTER, periodType=period, orderType=PAID)
        for period in PERIODS
    )
    return once(record for records in await gather(*asking) for record in records)


@exact
def read_interest(row: Row, wallet: str) -> IncomeRecord:
    """Interest that was charged in `wallet`."""
    return IncomeRecord(
        kind=IncomeKind.MARGIN_INTEREST,
        exchange_id=f"{wallet} {text(row, 'interestId')}",
        wallet=wallet,
        asset=coin(row, "interestCoin"),
        amount=-amount(row, "interestAmount"),
        occurred_at=a_moment(row, "cTime"),
        raw=select(row, FIELDS),
    )


def read_paid(row: Row) -> IncomeRecord:
    """Interest that savings paid."""
    if text(row, "orderType") != PAID:
        raise Malformed("a record of savings that is no interest")
    at = a_moment(row, "ts")
    return IncomeRecord(
        kind=IncomeKind.EARN_INTEREST,
        exchange_id=f"{EARN} {text(row, 'orderId')} {at:%Y-%m-%dT%H:%M:%S.%f}",  # an order pays many times
        wallet=EARN,
        asset=coin(row, "settleCoinName"),
        amount=amount(row, "amount"),
        occurred_at=at,
        raw=select(row, FIELDS),
    )
