"""USD-M futures: per margin asset the wallet balance plus unrealised profit.

Never `availableBalance` (in multi-asset mode a figure of the whole pool) and never `totalWalletBalance` (valued by the
exchange). Names like LDUSDT are real margin assets here.
"""

from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.contract import Balance
from monitor.exchanges.gate import a_list, amount, an_object, asset, without_twins
from monitor.precision import ZERO

WALLET = "usd_m_futures"
ENDPOINT = Endpoint(family="fapiPrivateV3", path="account", weight=5, bucket="fapi")


async def fetch_usd_m(connection: Connection) -> tuple[Balance, ...]:
    """Margin balances; a negative one is owed."""
    return await connection.call(ENDPOINT, "Reading USD-M futures", _read_account)


def _read_account(answer: object) -> tuple[Balance, ...]:
    rows = a_list(an_object(answer, "assets")["assets"], "assets")
    without_twins((asset(row) for row in rows), "asset")
    balances = []
    for row in rows:
        margin = amount(row, "walletBalance", signed=True) + amount(row, "unrealizedProfit", signed=True)
        balances.append(Balance(asset=asset(row), free=max(margin, ZERO), owed=max(-margin, ZERO)))
    return tuple(balances)
