"""The wallets through which everything moves, spot and funding, and spot at the end of each day, available for 30 days."""

from collections.abc import Iterable
from datetime import datetime

from finance.decimals import ZERO
from finance.observed import Balance, DailyBalances
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, a_moment, amount, an_object, asset, refuse_duplicates
from monitor.exchanges.windows import milliseconds

SPOT = "spot"
SPOT_ASSETS = Endpoint(family="sapiV3", path="asset/getUserAsset", weight=5, bucket="sapi getUserAsset", method="POST")
MIRROR = "LD"
FUNDING = "funding"
FUNDING_ASSETS = Endpoint(family="sapi", path="asset/get-funding-asset", weight=1, bucket="sapi funding", method="POST")
SNAPSHOTS = Endpoint(family="sapi", path="accountSnapshot", weight=2400, bucket="sapi daily snapshot", tries=2)
MOST_DAYS = 30
DAILY_WALLET = "spot"


async def fetch_spot(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the spot wallet."""
    return await connection.call(SPOT_ASSETS, "Reading the spot wallet", read_assets)


def read_assets(answer: object) -> tuple[Balance, ...]:
    """Balances from rows with free, locked, freeze and withdrawing; `ipoable` is part of them, not an extra."""
    rows = a_list(answer)
    refuse_duplicates((asset(row) for row in rows), "asset")
    return tuple(
        Balance(
            asset=asset(row),
            free=amount(row, "free"),
            locked=sum((amount(row, name, default=ZERO) for name in ("locked", "freeze", "withdrawing")), ZERO),
            frozen=amount(row, "freeze", default=ZERO),
            withdrawing=amount(row, "withdrawing", default=ZERO),
            may_be_mirror=asset(row).startswith(MIRROR),
        )
        for row in rows
    )


def drop_mirrors(spot: Iterable[Balance], earn: Iterable[Balance]) -> tuple[Balance, ...]:
    """Spot without the shadows of flexible Earn (LDBTC for BTC), which the Earn wallet counts.

    Only a name whose rest is held in Earn is a shadow: LDO is a coin, and a shadow that matches nothing stays visible.
    """
    shadows = {MIRROR + balance.asset for balance in earn}
    return tuple(balance for balance in spot if balance.asset not in shadows)


async def fetch_funding(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the funding wallet; its rows are those of the spot wallet."""
    return await connection.call(FUNDING_ASSETS, "Reading the funding wallet", read_assets)


async def fetch_days(connection: Connection, since: datetime, until: datetime) -> tuple[DailyBalances, ...]:
    """The records of days that ended in [since, until], oldest first."""
    found = await connection.call(
        SNAPSHOTS,
        "Reading the exchange's daily records",
        _read_days,
        type="SPOT",
        startTime=milliseconds(since),
        endTime=milliseconds(until),
        limit=MOST_DAYS,
    )
    return tuple(sorted(found, key=lambda day: day.at))


def _read_days(answer: object) -> list[DailyBalances]:
    found = an_object(answer, "code", "snapshotVos")
    if found["code"] != 200:
        raise Malformed("the answer does not say success")
    return [_read_day(row) for row in a_list(found["snapshotVos"], "snapshotVos")]


def _read_day(row: Row) -> DailyBalances:
    rows = a_list(an_object(row.get("data"), "balances")["balances"], "balances")
    refuse_duplicates((asset(held) for held in rows), "asset")
    balances = (Balance(asset=asset(held), free=amount(held, "free"), locked=amount(held, "locked")) for held in rows)
    return DailyBalances(wallet=DAILY_WALLET, at=a_moment(row, "updateTime"), balances=tuple(balances))
