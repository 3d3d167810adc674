"""Portfolio margin, which stands for cross margin, USD-M and COIN-M futures together where an account has it.

Net of debt by the parts: `crossMarginAsset` is net in the documentation and gross in recordings, and
`totalWalletBalance` lacks debt and interest. A part that an account never used may come as an empty text.
"""

from collections.abc import Iterable
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.observed import Balance, Position
from monitor.exchanges.binance.futures import COIN_M, USD_M
from monitor.exchanges.binance.margin import CROSS
from monitor.exchanges.binance.positions import fetch_positions
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_list, amount, asset, without_twins

WALLET = "portfolio_margin"
REPLACED = (CROSS, USD_M, COIN_M)
DOING = "Reading portfolio margin"
BALANCE = Endpoint(family="papi", path="balance", weight=20, bucket="papi")
USD_M_POSITIONS = Endpoint(family="papi", path="um/positionRisk", weight=5, bucket="papi")
COIN_M_POSITIONS = Endpoint(family="papi", path="cm/positionRisk", weight=1, bucket="papi")
PROFITS = (("umUnrealizedPNL", USD_M_POSITIONS), ("cmUnrealizedPNL", COIN_M_POSITIONS))


async def fetch_portfolio(connection: Connection) -> tuple[Balance | Position, ...]:
    """Balances over all its parts, and open positions. An account without portfolio margin is refused."""
    rows = await connection.call(BALANCE, DOING, _read_rows)
    coins = [asset(row) for row in rows]
    exposed = [endpoint for name, endpoint in PROFITS if any(_part(row, name) for row in rows)]
    positions = [await fetch_positions(connection, endpoint, DOING, coins) for endpoint in exposed]
    return (*_read_balances(rows), *(position for found in positions for position in found))


def _read_rows(answer: object) -> list[Row]:
    rows = a_list(answer)
    without_twins((asset(row) for row in rows), "asset")
    _read_balances(rows)  # ill-shaped numbers are found here, where they are asked for again
    return rows


def _read_balances(rows: Iterable[Row]) -> tuple[Balance, ...]:
    return tuple(_read_balance(row) for row in rows)


@exact
def _read_balance(row: Row) -> Balance:
    unrealised = _part(row, "umUnrealizedPNL") + _part(row, "cmUnrealizedPNL")
    futures = _part(row, "umWalletBalance") + _part(row, "cmWalletBalance") + unrealised
    return Balance(
        asset=asset(row),
        free=_part(row, "crossMarginFree") + max(futures, ZERO),
        locked=_part(row, "crossMarginLocked"),
        owed=_part(row, "crossMarginBorrowed") + _part(row, "crossMarginInterest") + max(-futures, ZERO),
        unrealised=unrealised,
    )


def _part(row: Row, name: str) -> Decimal:
    return ZERO if row.get(name) == "" else amount(row, name, signed=True)
