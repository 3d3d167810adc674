"""USD-M and COIN-M futures: per margin asset the wallet balance plus unrealised profit, and the open positions.

Never `availableBalance` (in multi-asset mode a figure of the whole pool) and never `totalWalletBalance` (valued by the
exchange). Names like LDUSDT are real margin assets here.
"""

from finance.decimals import ZERO, exact
from finance.observed import Balance, Position
from monitor.exchanges.binance.positions import fetch_positions, has_open
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_list, amount, an_object, asset, without_twins

USD_M = "usd_m_futures"
COIN_M = "coin_m_futures"
USD_M_ACCOUNT = Endpoint(family="fapiPrivateV3", path="account", weight=5, bucket="fapi")
COIN_M_ACCOUNT = Endpoint(family="dapiPrivate", path="account", weight=5, bucket="dapi")
USD_M_POSITIONS = Endpoint(family="fapiPrivateV3", path="positionRisk", weight=5, bucket="fapi")
COIN_M_POSITIONS = Endpoint(family="dapiPrivate", path="positionRisk", weight=1, bucket="dapi")


async def fetch_usd_m(connection: Connection) -> tuple[Balance | Position, ...]:
    """Margin balances, of which a negative one is owed, and open positions."""
    return await _fetch(connection, USD_M_ACCOUNT, USD_M_POSITIONS, "Reading USD-M futures")


async def fetch_coin_m(connection: Connection) -> tuple[Balance | Position, ...]:
    """Margin balances, of which a negative one is owed, and open positions."""
    return await _fetch(connection, COIN_M_ACCOUNT, COIN_M_POSITIONS, "Reading COIN-M futures")


async def _fetch(
    connection: Connection, account: Endpoint, positions: Endpoint, doing: str
) -> tuple[Balance | Position, ...]:
    balances, is_exposed = await connection.call(account, doing, _read_account)
    return (*balances, *(await fetch_positions(connection, positions, doing) if is_exposed else ()))


def _read_account(answer: object) -> tuple[tuple[Balance, ...], bool]:
    account = an_object(answer, "assets", "positions")
    return read_assets(a_list(account["assets"], "assets")), has_open(a_list(account["positions"], "positions"))


def read_assets(rows: list[Row]) -> tuple[Balance, ...]:
    """Balances from rows with walletBalance and unrealizedProfit."""
    without_twins((asset(row) for row in rows), "asset")
    return tuple(_read_asset(row) for row in rows)


@exact
def _read_asset(row: Row) -> Balance:
    unrealised = amount(row, "unrealizedProfit", signed=True)
    margin = amount(row, "walletBalance", signed=True) + unrealised
    return Balance(asset=asset(row), free=max(margin, ZERO), owed=max(-margin, ZERO), unrealised=unrealised)
