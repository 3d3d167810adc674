"""One reading of one account: flows, balances, flows again, until the two looks at the flows agree.

A flow that shows up between the looks may or may not be in the balances, so everything is read again. What is then
true: every flow that takes effect before `taken_at` is in the balances.
"""

from asyncio import gather
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.contract import Account, WalletReading, WalletState
from monitor.exchanges.happenings import FlowRecord, FlowState

MOST_LOOKS = 4
LARGEST_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an account held at `taken_at` (the exchange's clock, to the second) and its recent flows."""

    taken_at: datetime
    wallets: tuple[WalletReading, ...]
    flows: tuple[FlowRecord, ...]


async def take_snapshot(account: Account, since: datetime, now: datetime) -> Snapshot:
    """A snapshot of `account` with its flows requested since `since`.

    Raises ExchangeError when the flows can't be read completely or don't settle, or when our clock (`now`) is more
    than five minutes off the exchange's: an hour must not be booked under another hour's name.
    """
    began_at, flows = await gather(account.fetch_server_time(), _fetch_flows(account, since, now))
    _check_clock(began_at, now)
    for _ in range(MOST_LOOKS):
        wallets = await account.fetch_wallets()
        next_time, again = await gather(account.fetch_server_time(), _fetch_flows(account, since, now))
        if _counted(again) == _counted(flows):
            return Snapshot(taken_at=_taken_at(began_at, flows), wallets=wallets, flows=again)
        began_at, flows = next_time, again
    raise ExchangeUnavailable(
        f"Reading the balances: deposits or withdrawals kept changing during {MOST_LOOKS} readings. "
        "The next run reads them again; nothing has to be done."
    )


async def _fetch_flows(account: Account, since: datetime, now: datetime) -> tuple[FlowRecord, ...]:
    # A little into the future: the exchange's clock may be ahead of ours.
    return await account.fetch_flows(since, now + LARGEST_SKEW)


def _check_clock(exchange_time: datetime, now: datetime) -> None:
    skew = exchange_time - now
    if abs(skew) > LARGEST_SKEW:
        raise ExchangeUnavailable(
            f"Comparing clocks: this machine says {now:%Y-%m-%d %H:%M:%S} UTC, the exchange "
            f"{exchange_time:%Y-%m-%d %H:%M:%S} UTC. Correct the machine's clock (timedatectl, chrony)."
        )


def _counted(flows: Iterable[FlowRecord]) -> set[tuple[object, ...]]:
    return {(f.kind, f.exchange_id, f.amount, f.fee) for f in flows if f.state is FlowState.COUNTED}


def _taken_at(began_at: datetime, flows: Iterable[FlowRecord]) -> datetime:
    """The second before which every flow is in the balances: a flow that was visible first was in them too."""
    effects = [f.completed_at for f in flows if f.state is FlowState.COUNTED and f.completed_at]
    latest = max((effect.replace(microsecond=0) + timedelta(seconds=1) for effect in effects), default=began_at)
    return max(began_at.replace(microsecond=0), latest)


def judge_wallets(wallets: Iterable[WalletReading], enabled: Mapping[str, bool]) -> tuple[WalletReading, ...]:
    """`wallets`, where one that could be read before (`enabled`) and now counts as never opened is a failure.

    A wallet that was never opened is worth nothing for sure; one that disappears is not.
    """
    return tuple(
        replace(
            wallet,
            state=WalletState.FAILED,
            problem=f"it was readable before, now: {wallet.problem}. Check the key's permissions.",
        )
        if wallet.state is WalletState.NOT_OPENED and enabled.get(wallet.wallet)
        else wallet
        for wallet in wallets
    )
