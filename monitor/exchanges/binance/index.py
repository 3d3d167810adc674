"""Index prices of what can be margin for USD-M futures, in USD: the only ones of tokens that trade nowhere.

LDUSDT and BFUSD bear interest, so they are worth more or less than the USDT they are named after; BNFCR is a credit.
"""

from decimal import Decimal

from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, amount, text, without_twins

INDEX = Endpoint(family="fapiPublic", path="assetIndex", weight=10, bucket="fapi", signed=False)


async def fetch_index(connection: Connection) -> dict[str, Decimal]:
    """Index prices in USD by symbol, like LDUSDTUSD; a row that is ill-shaped costs its symbol alone."""
    return await connection.call(INDEX, "Reading the index prices of margin assets", _read_index)


def _read_index(answer: object) -> dict[str, Decimal]:
    rows = a_list(answer)
    if not rows:
        raise Malformed("no index prices at all")
    without_twins((str(row.get("symbol")) for row in rows), "symbol")
    prices = dict(_read_row(row) for row in rows)
    return {symbol: price for symbol, price in prices.items() if price > 0}


def _read_row(row: Row) -> tuple[str, Decimal]:
    try:
        return text(row, "symbol"), amount(row, "index")
    except Malformed:
        return str(row.get("symbol")), Decimal(0)
