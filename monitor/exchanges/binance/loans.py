"""Flexible loans: what is owed. Their collateral stays in flexible Earn, where it is counted as locked."""

from finance.decimals import ZERO
from finance.observed import Balance
from monitor.exchanges.binance.margin import add_up
from monitor.exchanges.binance.windows import Page, fetch_pages, read_counted
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import amount, asset

WALLET = "loans"
ORDERS = Endpoint(family="sapiV2", path="loan/flexible/ongoing/orders", weight=300, bucket="sapi loans")
DOING = "Reading flexible loans"
PAGE_SIZE = 100


async def fetch_loans(connection: Connection) -> tuple[Balance, ...]:
    """Debts by coin, interest included."""

    async def fetch(number: int) -> Page[Balance]:
        return await connection.call(ORDERS, DOING, _read_page, current=number, limit=PAGE_SIZE)

    return add_up(await fetch_pages(fetch, PAGE_SIZE, DOING))


def _read_page(answer: object) -> Page[Balance]:
    rows, total = read_counted(answer)
    return [Balance(asset=asset(row, "loanCoin"), free=ZERO, owed=amount(row, "totalDebt")) for row in rows], total
