"""What Earn and staking pay: flexible and locked products, On-chain Yields, soft staking, boosts of BNSOL.

A reward is told without a number of its own: its id is what the row says, equal rows of one moment numbered.

What WBETH and BNSOL earn is in their price: the exchange's histories of it (wbethRewardsHistory, bnsolRewardsHistory)
tell an estimate of that growth, not coins that arrive, so they are no income. A boost arrives when it is claimed.
"""

from asyncio import gather
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from finance.records import IncomeKind, IncomeRecord
from monitor.exchanges.binance.earn import FLEXIBLE as FLEXIBLE_WALLET
from monitor.exchanges.binance.earn import LOCKED as LOCKED_WALLET
from monitor.exchanges.binance.earn import ONCHAIN as ONCHAIN_WALLET
from monitor.exchanges.binance.spot import WALLET as SPOT
from monitor.exchanges.binance.windows import (
    Page,
    Window,
    fetch_pages,
    milliseconds,
    number_twins,
    once,
    read_counted,
    windows,
)
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_moment, amount, asset, keep, optional_text

FLEXIBLE = Endpoint(
    family="sapi", path="simple-earn/flexible/history/rewardsRecord", weight=150, bucket="sapi flexible rewards"
)
LOCKED = Endpoint(
    family="sapi", path="simple-earn/locked/history/rewardsRecord", weight=150, bucket="sapi locked rewards"
)
ONCHAIN = Endpoint(
    family="sapi", path="onchain-yields/locked/history/rewardsRecord", weight=50, bucket="sapi onchain rewards"
)
SOFT = Endpoint(family="sapi", path="soft-staking/history/rewardsRecord", weight=50, bucket="sapi soft staking")
BOOSTS = Endpoint(
    family="sapi", path="sol-staking/sol/history/boostRewardsHistory", weight=150, bucket="sapi SOL boosts"
)
MONTH, QUARTER = timedelta(days=29), timedelta(days=89)
REAL_TIME = ("REALTIME",)  # added to the position minute by minute
BONUSES = ("BONUS", "REWARDS")  # paid to the spot wallet once a day
CLAIMED, SUCCESS = "CLAIM", "SUCCESS"
PAGE_SIZE = 100
LAST_SECOND = 10**11  # a larger time is in milliseconds
DOING = "Reading Earn rewards"
KEPT = ("asset", "rewards", "amount", "projectId", "positionId", "type", "time", "lockPeriod", "rewardAsset",
        "avgAmount", "token", "bnsolHolding", "status")  # fmt: skip
Income = tuple[IncomeRecord, ...]
Reader = Callable[[Row], IncomeRecord | None]


async def fetch_real_time_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What flexible Earn added to its positions in [since, until]."""
    return await _fetch_flexible(connection, since, until, REAL_TIME)


async def fetch_bonuses(connection: Connection, since: datetime, until: datetime) -> Income:
    """What flexible Earn paid beside that in [since, until]."""
    return await _fetch_flexible(connection, since, until, BONUSES)


async def _fetch_flexible(connection: Connection, since: datetime, until: datetime, kinds: Sequence[str]) -> Income:
    found: list[IncomeRecord] = []
    for window in windows(since, until, MONTH):
        fetching = (_fetch_window(connection, FLEXIBLE, window, _flexible(kind), type=kind) for kind in kinds)
        for rewards in await gather(*fetching):
            found += rewards
    return once(found)


async def fetch_locked_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What locked Earn paid in [since, until]."""
    return await _fetch(connection, LOCKED, (since, until), MONTH, _read_locked)


async def fetch_onchain_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What On-chain Yields paid in [since, until]."""
    return await _fetch(connection, ONCHAIN, (since, until), QUARTER, _read_onchain)


async def fetch_soft_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What soft staking paid in [since, until] for coins that lie in spot."""
    return await _fetch(connection, SOFT, (since, until), QUARTER, _read_soft)


async def fetch_boosts(connection: Connection, since: datetime, until: datetime) -> Income:
    """The boosts of BNSOL that were claimed in [since, until]."""
    return await _fetch(connection, BOOSTS, (since, until), QUARTER, _read_boost, type=CLAIMED)


async def _fetch(
    connection: Connection, endpoint: Endpoint, span: Window, longest: timedelta, read: Reader, **kind: str
) -> Income:
    found: list[IncomeRecord] = []
    for window in windows(*span, longest):
        found += await _fetch_window(connection, endpoint, window, read, **kind)
    return once(found)


async def _fetch_window(
    connection: Connection, endpoint: Endpoint, window: Window, read: Reader, **kind: str
) -> list[IncomeRecord]:
    def read_page(answer: object) -> Page[IncomeRecord | None]:
        rows, total = read_counted(answer)
        return [read(row) for row in rows], total

    async def fetch(number: int) -> Page[IncomeRecord | None]:
        start, end = (milliseconds(moment) for moment in window)
        return await connection.call(
            endpoint, DOING, read_page, startTime=start, endTime=end, **kind, current=number, size=PAGE_SIZE
        )

    return number_twins(record for record in await fetch_pages(fetch, PAGE_SIZE, DOING) if record)


def _flexible(kind: str) -> Reader:
    return lambda row: _record(row, FLEXIBLE_WALLET, kind=kind)


def _read_locked(row: Row) -> IncomeRecord:
    return _record(row, LOCKED_WALLET)


def _read_onchain(row: Row) -> IncomeRecord:
    return _record(row, ONCHAIN_WALLET)


def _read_soft(row: Row) -> IncomeRecord:
    return _record(row, SPOT, kind="soft staking", coin="rewardAsset")


def _read_boost(row: Row) -> IncomeRecord | None:
    return _record(row, SPOT, kind="boost", coin="token") if row.get("status") == SUCCESS else None


def _record(row: Row, wallet: str, *, kind: str = "", coin: str = "asset") -> IncomeRecord:
    paid, at = amount(row, "rewards" if "rewards" in row else "amount"), _moment(row)
    product = optional_text(row, "positionId") or optional_text(row, "projectId")
    told = (optional_text(row, "type") or kind, asset(row, coin), product, f"{at:%Y-%m-%dT%H:%M:%S.%f}", f"{paid:f}")
    return IncomeRecord(
        kind=IncomeKind.EARN_INTEREST,
        exchange_id=" ".join((wallet, *told)),
        wallet=wallet,
        asset=asset(row, coin),
        amount=paid,
        occurred_at=at,
        raw=keep(row, KEPT),
    )


def _moment(row: Row) -> datetime:
    """When a reward was paid; the exchange's own example of a boost writes seconds."""
    written = row.get("time")
    if isinstance(written, int) and 0 < written < LAST_SECOND:
        return datetime.fromtimestamp(written, UTC)
    return a_moment(row, "time")
