"""The spot wallet, by getUserAsset: the one answer that also counts coins on their way out (`withdrawing`)."""

from collections.abc import Iterable

from finance.observed import ZERO, Balance
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import a_list, amount, asset, without_twins

WALLET = "spot"
ENDPOINT = Endpoint(family="sapiV3", path="asset/getUserAsset", weight=5, bucket="sapi getUserAsset", method="POST")
MIRROR = "LD"


async def fetch_spot(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the spot wallet."""
    return await connection.call(ENDPOINT, "Reading the spot wallet", read_assets)


def read_assets(answer: object) -> tuple[Balance, ...]:
    """Balances from rows with free, locked, freeze and withdrawing; `ipoable` is part of them, not an extra."""
    rows = a_list(answer)
    without_twins((asset(row) for row in rows), "asset")
    return tuple(
        Balance(
            asset=asset(row),
            free=amount(row, "free"),
            locked=sum((amount(row, name, default=ZERO) for name in ("locked", "freeze", "withdrawing")), ZERO),
        )
        for row in rows
    )


def drop_mirrors(spot: Iterable[Balance], earn: Iterable[Balance]) -> tuple[Balance, ...]:
    """Spot without the shadows of flexible Earn (LDBTC for BTC), which the Earn wallet counts.

    Only a name whose rest is held in Earn is a shadow: LDO is a coin, and a shadow that matches nothing stays visible.
    """
    shadows = {MIRROR + balance.asset for balance in earn}
    return tuple(balance for balance in spot if balance.asset not in shadows)
