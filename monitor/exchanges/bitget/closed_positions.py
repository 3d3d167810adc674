"""Positions of contracts that were closed, by the exchange's own account: of the past three months, in both systems."""

from functools import partial

from finance.closed_positions import ClosedPosition
from finance.decimals import ZERO, exact
from finance.records import ContractQuery
from monitor.errors import UnknownSymbol
from monitor.exchanges.bitget.answers import coin, read_named_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.fills import DEPTH, MONTH, QUARTER
from monitor.exchanges.bitget.futures import SIDES, product_of
from monitor.exchanges.bitget.pages import BY_CURSOR, BY_ID, fetch_history, page_of
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_moment, amount, optional_text, select, text

HISTORY = private("v2/mix/position/history-position")
UNIFIED_HISTORY = private("v3/position/history-position")
FIELDS = ("positionId", "symbol", "marginCoin", "holdSide", "posSide", "openAvgPrice", "openPriceAvg", "closeAvgPrice",
          "closePriceAvg", "openTotalPos", "closeTotalPos", "pnl", "cumRealisedPnl", "netProfit", "totalFunding", "openFee",
          "openFeeTotal", "closeFee", "closeFeeTotal", "ctime", "cTime", "createdTime", "utime", "uTime",
          "updatedTime")  # fmt: skip


async def fetch_closed_positions(
    connection: Connection, query: ContractQuery, *, is_classic: bool
) -> tuple[ClosedPosition, ...]:
    """Those of a contract that were closed in the time of `query`, each once; none of one that does not exist."""
    doing, span = (
        f"Reading closed positions in {query.symbol}",
        (max(query.since, connection.now() - DEPTH), query.until),
    )
    endpoint, longest, cursor = (HISTORY, QUARTER, BY_ID) if is_classic else (UNIFIED_HISTORY, MONTH, BY_CURSOR)
    product = {"productType" if is_classic else "category": product_of(query.symbol)}
    read_page = partial(read_named_rows, name="list", cursor="endId" if is_classic else "cursor")
    read = page_of(read_page, partial(read_closed, wallet=query.wallet), "positionId")
    try:
        found = await fetch_history(
            connection, endpoint, doing, read, span, longest, cursor=cursor, symbol=query.symbol, **product
        )
    except UnknownSymbol:
        return ()
    once = {one.exchange_id: one for one in found if query.since <= one.closed_at < query.until}
    return tuple(once.values())


@exact
def read_closed(row: Row, *, wallet: str) -> ClosedPosition:
    """One of either system; the classic one writes its fields in several ways. Fees are negative where they were paid."""
    symbol, side = text(row, "symbol"), (optional_text(row, "posSide") or optional_text(row, "holdSide")).lower()
    if side not in SIDES:
        raise Malformed("a closed position that is neither long nor short")
    opened, closed = (
        _first(row, *names) for names in (("ctime", "cTime", "createdTime"), ("utime", "uTime", "updatedTime"))
    )
    fees = [amount(row, _first(row, name, f"{name}Total"), signed=True) for name in ("openFee", "closeFee")]
    return ClosedPosition(
        wallet=wallet,
        symbol=symbol,
        exchange_id=optional_text(row, "positionId") or f"{side} {text(row, opened)} {text(row, closed)}",
        is_short=SIDES[side] < 0,
        opened_at=a_moment(row, opened),
        closed_at=a_moment(row, closed),
        settle=coin(row, "marginCoin"),
        profit=amount(row, _first(row, "pnl", "cumRealisedPnl"), signed=True),
        fees=-sum(fees, ZERO),
        funding=amount(row, "totalFunding", default=ZERO, signed=True),
        net=amount(row, "netProfit", signed=True),
        raw=select(row, FIELDS),
    )


def _first(row: Row, *names: str) -> str:
    """The first of these names that the row has."""
    return next((name for name in names if name in row), names[0])
