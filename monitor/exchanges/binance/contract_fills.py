"""Fills of a contract in a time, from the futures wallet or portfolio margin; kept for three months.

Windows without pages: a full answer is asked for again in halves. Portfolio margin tells COIN-M fills a day at a time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from finance.records import ContractFill, ContractQuery
from monitor.errors import UnknownSymbol
from monitor.exchanges.binance.portfolio_margin import WALLET as PORTFOLIO
from monitor.exchanges.binance.positions import SIDES, is_inverse
from monitor.exchanges.binance.windows import fetch_halves, milliseconds, windows
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, a_moment, amount, keep, text

USD_M = Endpoint(family="fapiPrivate", path="userTrades", weight=5, bucket="fapi")
COIN_M = Endpoint(family="dapiPrivate", path="userTrades", weight=20, bucket="dapi")
PORTFOLIO_USD_M = Endpoint(family="papi", path="um/userTrades", weight=5, bucket="papi")
PORTFOLIO_COIN_M = Endpoint(family="papi", path="cm/userTrades", weight=20, bucket="papi")
ENDPOINTS = {  # by whether it is portfolio margin, and whether the contract is inverse
    (False, False): USD_M,
    (False, True): COIN_M,
    (True, False): PORTFOLIO_USD_M,
    (True, True): PORTFOLIO_COIN_M,
}
WEEK, DAY, SECOND = timedelta(days=7), timedelta(days=1), timedelta(seconds=1)
MOST_ROWS = 1000
SIGNS = {"BUY": 1, "SELL": -1}
KEPT = ("id", "orderId", "symbol", "side", "positionSide", "price", "qty", "realizedPnl", "marginAsset", "commission",
        "commissionAsset", "time", "maker")  # fmt: skip


async def fetch_contract_fills(connection: Connection, query: ContractQuery) -> tuple[ContractFill, ...]:
    """The fills that `query` asks for, each once, in time order; none of a contract that does not exist."""
    endpoint = ENDPOINTS[query.wallet == PORTFOLIO, is_inverse(query.symbol)]
    doing = f"Reading the trades of {query.symbol}"

    async def fetch(start: datetime, end: datetime) -> Sequence[ContractFill]:
        return await connection.call(
            endpoint,
            doing,
            lambda answer: [_read_fill(row, query) for row in a_list(answer)],
            symbol=query.symbol,
            startTime=milliseconds(start),
            endTime=milliseconds(end),
            limit=MOST_ROWS,
        )

    found: list[ContractFill] = []
    try:
        # The exchange's times are cut to the second, and both ends of a window are inside it.
        for window in windows(query.since, query.until + SECOND, DAY if endpoint is PORTFOLIO_COIN_M else WEEK):
            found += await fetch_halves(fetch, window, MOST_ROWS, doing)
    except UnknownSymbol:
        return ()
    once = {fill.exchange_id: fill for fill in found if query.since <= fill.occurred_at < query.until}
    return tuple(sorted(once.values(), key=lambda fill: fill.occurred_at))


def _read_fill(row: Row, query: ContractQuery) -> ContractFill:
    side, direction = text(row, "positionSide"), text(row, "side")
    if text(row, "symbol") != query.symbol or side not in SIDES or direction not in SIGNS:
        raise Malformed("a trade of another contract, or without a side")
    return ContractFill(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=text(row, "id"),
        side=SIDES[side],
        quantity=SIGNS[direction] * amount(row, "qty"),
        price=amount(row, "price"),
        occurred_at=a_moment(row, "time"),
        raw=keep(row, KEPT),
    )
