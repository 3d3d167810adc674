"""The wallets through which everything moves in the classic system: spot and funding (P2P). Funding is the unified one's, too."""

from finance.decimals import ZERO, exact
from finance.observed import Balance
from monitor.exchanges.bitget.answers import coin, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, amount, refuse_duplicates

SPOT, FUNDING = "spot", "funding"
SPOT_ASSETS = private("v2/spot/account/assets")
FUNDING_ASSETS = private("v2/account/funding-assets")
UNIFIED_FUNDING_ASSETS = private("v3/account/funding-assets")


async def fetch_spot(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the spot wallet."""
    return await connection.call(SPOT_ASSETS, "Reading the spot wallet", read_spot, assetType="all")


async def fetch_funding(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the funding wallet in the classic system."""
    return await connection.call(FUNDING_ASSETS, "Reading the funding wallet", read_funding)


async def fetch_unified_funding(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the funding wallet in the unified system."""
    return await connection.call(UNIFIED_FUNDING_ASSETS, "Reading the funding wallet", read_funding)


def read_spot(answer: object) -> tuple[Balance, ...]:
    """Available, frozen and locked. `limitAvailable`, of spot copy trading, is part of what is available."""
    return _read(answer, "frozen", "locked")


def read_funding(answer: object) -> tuple[Balance, ...]:
    """Available and frozen; frozen may come as an empty text where nothing is."""
    return _read(answer, "frozen")


@exact
def _read(answer: object, *locked: str) -> tuple[Balance, ...]:
    rows = read_rows(answer)
    refuse_duplicates((coin(row) for row in rows), "coin")
    found = (_read_balance(row, locked) for row in rows)
    return tuple(balance for balance in found if balance.free or balance.locked)  # every coin there is has a row


def _read_balance(row: Row, locked: tuple[str, ...]) -> Balance:
    """What orders hold is called frozen, what is out of reach for another reason locked."""
    return Balance(
        asset=coin(row),
        free=amount(row, "available"),
        locked=sum((amount(row, name, default=ZERO) for name in locked), ZERO),
        frozen=amount(row, "locked", default=ZERO) if "locked" in locked else ZERO,
    )
