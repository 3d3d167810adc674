"""Positions of contracts that were closed, by the exchange's own account: newest first, without a window to ask for."""

from functools import partial

from finance.closed_positions import ClosedPosition
from finance.decimals import ZERO, exact
from finance.records import ContractQuery
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, select, text
from monitor.exchanges.mexc.dialect import contract
from monitor.exchanges.mexc.futures import SIGNS
from monitor.exchanges.mexc.symbols import exchange_contract, settled_in
from monitor.exchanges.windows import fetch_pages

HISTORY = contract("position/list/history_positions")
CLOSED = "3"
PAGE_SIZE = 100
FIELDS = ("positionId", "symbol", "positionType", "state", "closeVol", "openAvgPrice", "closeAvgPrice", "holdFee", "realised",
          "closeProfitLoss", "fee", "leverage", "createTime", "updateTime")  # fmt: skip


async def fetch_closed_positions(connection: Connection, query: ContractQuery) -> tuple[ClosedPosition, ...]:
    """Those of a contract that were closed in the time of `query`, each once."""
    name, doing = exchange_contract(query.symbol), f"Reading closed positions in {query.symbol}"

    async def fetch(number: int) -> tuple[list[ClosedPosition | None], None]:
        read = partial(read_closed, query=query)
        rows = await connection.call(HISTORY, doing, read, symbol=name, page_num=number, page_size=PAGE_SIZE)
        wanted = [row for row in rows if row is None or row.closed_at >= query.since]
        return wanted if len(wanted) < len(rows) else rows, None  # the last page: it reaches behind `since`

    found = {one.exchange_id: one for one in await fetch_pages(fetch, PAGE_SIZE, doing) if one}
    return tuple(one for one in found.values() if query.since <= one.closed_at < query.until)


def read_closed(answer: object, query: ContractQuery) -> list[ClosedPosition | None]:
    """The positions of a page; None for one that is still held."""
    return [_read(row, query) if text(row, "state") == CLOSED else None for row in a_list(answer, "data")]


@exact
def _read(row: Row, query: ContractQuery) -> ClosedPosition:
    symbol, kind = text(row, "symbol"), text(row, "positionType")
    if symbol != exchange_contract(query.symbol) or kind not in SIGNS:
        raise Malformed("a position in another contract, or without a side")
    net, funding = (amount(row, name, signed=True) for name in ("realised", "holdFee"))
    fees = amount(row, "fee", default=ZERO, signed=True)
    return ClosedPosition(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=text(row, "positionId"),
        is_short=SIGNS[kind] < 0,
        opened_at=a_moment(row, "createTime"),
        closed_at=a_moment(row, "updateTime"),
        settle=settled_in(symbol),
        profit=amount(row, "closeProfitLoss", default=net + fees - funding, signed=True),
        fees=fees,
        funding=funding,
        net=net,
        raw=select(row, FIELDS),
    )
