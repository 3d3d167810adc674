"""Positions of contracts that were closed, by the exchange's own account. Times are seconds; a row has no id."""

from functools import partial

from finance.closed_positions import ClosedPosition
from finance.decimals import exact
from finance.records import ContractQuery
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.gate import endpoints, futures
from monitor.exchanges.gate.pages import fetch_offset, maybe_in_seconds, span
from monitor.exchanges.gate.positions import LONGEST_WINDOW, PAGE_SIZE, find_wallet
from monitor.exchanges.gate.symbols import exchange_contract, settled_in
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, optional_text, seconds, select, text
from monitor.exchanges.windows import windows

CLOSED = {
    futures.USDT_FUTURES: endpoints.USDT_CLOSED,
    futures.BTC_FUTURES: endpoints.BTC_CLOSED,
    futures.DELIVERY: endpoints.DELIVERY_CLOSED,
}
SIDES = {"long": False, "short": True}
FIELDS = ("time", "contract", "side", "pnl", "pnl_pnl", "pnl_fund", "pnl_fee", "text", "max_size", "accum_size", "first_open_time",
        "long_price", "short_price")  # fmt: skip


async def fetch_closed_positions(connection: Connection, query: ContractQuery) -> tuple[ClosedPosition, ...]:
    """Those of a contract that were closed in the time of `query`; of a delivered one the newest hundred, which know no times."""
    wallet, contract = find_wallet(query.symbol), exchange_contract(query.symbol)
    doing, read = f"Reading closed positions in {contract}", partial(read_closed, query=query)
    found: list[ClosedPosition] = []
    try:
        if wallet == futures.DELIVERY:
            found += await connection.call(CLOSED[wallet], doing, read, contract=contract, limit=PAGE_SIZE)
        else:
            for window in windows(query.since, query.until, LONGEST_WINDOW):
                asked = {"contract": contract, **span(window)}
                found += await fetch_offset(connection, CLOSED[wallet], doing, read, PAGE_SIZE, **asked)
    except (UnknownSymbol, WalletNotOpened):
        return ()
    once = {one.exchange_id: one for one in found if query.since <= one.closed_at < query.until}
    return tuple(once.values())


def read_closed(answer: object, query: ContractQuery) -> list[ClosedPosition]:
    """The positions of a page."""
    return [_read(row, query) for row in a_list(answer)]


@exact
def _read(row: Row, query: ContractQuery) -> ClosedPosition:
    side = text(row, "side")
    if text(row, "contract") != exchange_contract(query.symbol) or side not in SIDES:
        raise Malformed("a position in another contract, or without a side")
    net = amount(row, "pnl", signed=True)
    said = (side, optional_text(row, "first_open_time"), text(row, "time"), f"{net:f}")
    return ClosedPosition(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=" ".join(said),
        is_short=SIDES[side],
        opened_at=maybe_in_seconds(row, "first_open_time"),
        closed_at=seconds(row, "time"),
        settle=settled_in(query.symbol),
        profit=amount(row, "pnl_pnl", signed=True),
        fees=-amount(row, "pnl_fee", signed=True),
        funding=amount(row, "pnl_fund", signed=True),
        net=net,
        raw=select(row, FIELDS),
    )
