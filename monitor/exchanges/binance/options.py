"""Options: the account's equity, which has the market value of open options in it."""

from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.contract import Balance
from monitor.exchanges.gate import Row, a_list, amount, an_object, asset, without_twins
from monitor.precision import ZERO

WALLET = "options"
ACCOUNT = Endpoint(family="eapiPrivate", path="account", weight=3, bucket="eapi")


async def fetch_options(connection: Connection) -> tuple[Balance, ...]:
    """Equity by margin asset; a negative one is owed."""
    return await connection.call(ACCOUNT, "Reading options", _read_account)


def _read_account(answer: object) -> tuple[Balance, ...]:
    rows = a_list(an_object(answer, "asset")["asset"], "asset")
    without_twins((asset(row) for row in rows), "asset")
    return tuple(_read_asset(row) for row in rows)


def _read_asset(row: Row) -> Balance:
    equity = amount(row, "equity", signed=True)
    return Balance(
        asset=asset(row),
        free=max(equity, ZERO),
        owed=max(-equity, ZERO),
        unrealised=amount(row, "unrealizedPNL", signed=True),
    )
