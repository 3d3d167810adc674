"""What Binance records of the spot wallet at the end of each day; kept for 30 days."""

from datetime import datetime

from finance.observed import Balance, DailyBalances
from monitor.exchanges.binance.windows import milliseconds
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, a_moment, amount, an_object, asset, without_twins

SNAPSHOTS = Endpoint(family="sapi", path="accountSnapshot", weight=2400, bucket="sapi daily snapshot", tries=2)
MOST_DAYS = 30
WALLET = "spot"


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
    told = an_object(answer, "code", "snapshotVos")
    if told["code"] != 200:
        raise Malformed("the answer does not say success")
    return [_read_day(row) for row in a_list(told["snapshotVos"], "snapshotVos")]


def _read_day(row: Row) -> DailyBalances:
    rows = a_list(an_object(row.get("data"), "balances")["balances"], "balances")
    without_twins((asset(held) for held in rows), "asset")
    balances = (Balance(asset=asset(held), free=amount(held, "free"), locked=amount(held, "locked")) for held in rows)
    return DailyBalances(wallet=WALLET, at=a_moment(row, "updateTime"), balances=tuple(balances))
