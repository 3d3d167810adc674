"""Earn: what is held in Simple Earn, flexible and locked, and in On-chain Yields, and what Earn and staking pay.

Holdings are all pages, principal and rewards already credited. The coins of ETH and SOL staking (WBETH, BNSOL), BFUSD
and RWUSD lie in spot, and those of soft staking never leave it: their products' own figures would count them twice.

A reward comes without a number of its own: its id is what the row says, equal rows of one moment numbered. What WBETH
and BNSOL earn is in their price: the exchange's histories of it (wbethRewardsHistory, bnsolRewardsHistory) hold an
estimate of that growth, not coins that arrive, so they are no income. A boost arrives when it is claimed.
"""

from asyncio import gather
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from finance.decimals import ZERO, exact
from finance.observed import Balance, add_up
from finance.records import IncomeKind, IncomeRecord
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.binance.dialect import read_counted
from monitor.exchanges.binance.spot import SPOT
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Row, a_list, a_moment, amount, an_object, asset, optional_text, select
from monitor.exchanges.windows import Page, Window, call_pages, milliseconds, number_duplicates, once, windows

FLEXIBLE = "earn_flexible"
LOCKED = "earn_locked"
ONCHAIN = "onchain_yields"
STAKED = ("WBETH", "BETH", "BNSOL", "BFUSD", "RWUSD")  # products whose coins lie in spot
PAGE_SIZE = 100
MOST_PAGES = 50
FLEXIBLE_POSITIONS = Endpoint(
    family="sapi", path="simple-earn/flexible/position", weight=150, bucket="sapi earn flexible"
)
LOCKED_POSITIONS = Endpoint(family="sapi", path="simple-earn/locked/position", weight=150, bucket="sapi earn locked")
ONCHAIN_POSITIONS = Endpoint(
    family="sapi", path="onchain-yields/locked/position", weight=50, bucket="sapi onchain yields"
)
Position = tuple[str, Balance]  # the row's own name, empty where it has none, and what it holds
PositionsPage = tuple[list[Position], int]
FLEXIBLE_REWARDS = Endpoint(
    family="sapi", path="simple-earn/flexible/history/rewardsRecord", weight=150, bucket="sapi flexible rewards"
)
LOCKED_REWARDS = Endpoint(
    family="sapi", path="simple-earn/locked/history/rewardsRecord", weight=150, bucket="sapi locked rewards"
)
ONCHAIN_REWARDS = Endpoint(
    family="sapi", path="onchain-yields/locked/history/rewardsRecord", weight=50, bucket="sapi onchain rewards"
)
SOFT_REWARDS = Endpoint(family="sapi", path="soft-staking/history/rewardsRecord", weight=50, bucket="sapi soft staking")
BOOSTS = Endpoint(
    family="sapi", path="sol-staking/sol/history/boostRewardsHistory", weight=150, bucket="sapi SOL boosts"
)
MONTH, QUARTER = timedelta(days=29), timedelta(days=89)
REAL_TIME = ("REALTIME",)  # added to the position minute by minute
BONUSES = ("BONUS", "REWARDS")  # paid to the spot wallet once a day
CLAIMED, SUCCESS = "CLAIM", "SUCCESS"
REWARDS_PAGE_SIZE = 100
LAST_SECOND = 10**11  # a larger time is in milliseconds
DOING = "Reading Earn rewards"
FIELDS = ("asset", "rewards", "amount", "projectId", "positionId", "type", "time", "lockPeriod", "rewardAsset",
        "avgAmount", "token", "bnsolHolding", "status")  # fmt: skip
Income = tuple[IncomeRecord, ...]
Reader = Callable[[Row], IncomeRecord | None]


async def fetch_flexible(connection: Connection) -> tuple[Balance, ...]:
    """Flexible positions: `totalAmount` is principal and credited rewards; a part pledged for a loan is in it."""
    return await _fetch_positions(connection, FLEXIBLE_POSITIONS, "Reading flexible Earn", _read_flexible_position)


@exact
def _read_flexible_position(row: Row) -> Position:
    quantity = amount(row, "totalAmount")
    pledged = min(quantity, amount(row, "collateralAmount", default=ZERO))
    name = f"{asset(row)} {optional_text(row, 'productId')}"
    return name, Balance(asset=asset(row), free=quantity - pledged, locked=pledged)


async def fetch_locked(connection: Connection) -> tuple[Balance, ...]:
    """Locked positions; rewards that are not paid out yet are not counted."""
    return await _fetch_positions(connection, LOCKED_POSITIONS, "Reading locked Earn", _read_locked_position)


async def fetch_onchain(connection: Connection) -> tuple[Balance, ...]:
    """Positions of On-chain Yields; rewards that are not paid out yet are not counted."""
    return await _fetch_positions(connection, ONCHAIN_POSITIONS, "Reading On-chain Yields", _read_locked_position)


def _read_locked_position(row: Row) -> Position:
    return optional_text(row, "positionId"), Balance(asset=asset(row), free=ZERO, locked=amount(row, "amount"))


async def _fetch_positions(
    connection: Connection, endpoint: Endpoint, doing: str, read: Callable[[Row], Position]
) -> tuple[Balance, ...]:
    def read_page(answer: object) -> PositionsPage:
        page = an_object(answer, "rows", "total")
        return [read(row) for row in a_list(page["rows"], "rows")], int(amount(page, "total"))

    found: list[Position] = []
    for number in range(1, MOST_PAGES + 1):
        positions, total = await connection.call(endpoint, doing, read_page, current=number, size=PAGE_SIZE)
        found += positions
        if len(found) >= total or not positions:
            break
    names = [name for name, _ in found if name]
    if len(found) != total or len(set(names)) != len(names):
        raise ExchangeUnavailable(f"{doing}: the pages don't fit together ({len(found)} rows of {total}).")
    return add_up(balance for _, balance in found)


async def fetch_real_time_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What flexible Earn added to its positions in [since, until]."""
    return await _fetch_flexible(connection, since, until, REAL_TIME)


async def fetch_bonuses(connection: Connection, since: datetime, until: datetime) -> Income:
    """What flexible Earn paid beside that in [since, until]."""
    return await _fetch_flexible(connection, since, until, BONUSES)


async def _fetch_flexible(connection: Connection, since: datetime, until: datetime, kinds: Sequence[str]) -> Income:
    found: list[IncomeRecord] = []
    for window in windows(since, until, MONTH):
        fetching = (_fetch_window(connection, FLEXIBLE_REWARDS, window, _flexible(kind), type=kind) for kind in kinds)
        for rewards in await gather(*fetching):
            found += rewards
    return once(found)


async def fetch_locked_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What locked Earn paid in [since, until]."""
    return await _fetch(connection, LOCKED_REWARDS, (since, until), MONTH, _read_locked_reward)


async def fetch_onchain_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What On-chain Yields paid in [since, until]."""
    return await _fetch(connection, ONCHAIN_REWARDS, (since, until), QUARTER, _read_onchain_reward)


async def fetch_soft_rewards(connection: Connection, since: datetime, until: datetime) -> Income:
    """What soft staking paid in [since, until] for coins that lie in spot."""
    return await _fetch(connection, SOFT_REWARDS, (since, until), QUARTER, _read_soft_reward)


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

    start, end = map(milliseconds, window)
    asked = {"startTime": start, "endTime": end, **kind, "size": REWARDS_PAGE_SIZE}
    rewards = await call_pages(connection, endpoint, DOING, read_page, REWARDS_PAGE_SIZE, number="current", **asked)
    return number_duplicates(record for record in rewards if record)


def _flexible(kind: str) -> Reader:
    return lambda row: _record(row, FLEXIBLE, kind=kind)


def _read_locked_reward(row: Row) -> IncomeRecord:
    return _record(row, LOCKED)


def _read_onchain_reward(row: Row) -> IncomeRecord:
    return _record(row, ONCHAIN)


def _read_soft_reward(row: Row) -> IncomeRecord:
    return _record(row, SPOT, kind="soft staking", coin="rewardAsset")


def _read_boost(row: Row) -> IncomeRecord | None:
    return _record(row, SPOT, kind="boost", coin="token") if row.get("status") == SUCCESS else None


def _record(row: Row, wallet: str, *, kind: str = "", coin: str = "asset") -> IncomeRecord:
    paid, at = amount(row, "rewards" if "rewards" in row else "amount"), _moment(row)
    product = optional_text(row, "positionId") or optional_text(row, "projectId")
    names = (optional_text(row, "type") or kind, asset(row, coin), product, f"{at:%Y-%m-%dT%H:%M:%S.%f}", f"{paid:f}")
    return IncomeRecord(
        kind=IncomeKind.EARN_INTEREST,
        exchange_id=" ".join((wallet, *names)),
        wallet=wallet,
        asset=asset(row, coin),
        amount=paid,
        occurred_at=at,
        raw=select(row, FIELDS),
    )


def _moment(row: Row) -> datetime:
    """When a reward was paid; the exchange's own example of a boost writes seconds."""
    written = row.get("time")
    if isinstance(written, int) and 0 < written < LAST_SECOND:
        return datetime.fromtimestamp(written, UTC)
    return a_moment(row, "time")
