"""One wallet, one history or the totals, read each with an outcome of its own: for every adapter the same.

What an exchange answers instead is judged here by `policy`; only a pause, and a key that no call can work with, end more
than the one reading.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from finance.decimals import ZERO
from finance.observed import AccountReading, Balance, Position, Role, WalletReading, WalletState, WalletTotal
from finance.records import FillRecord, FlowRecord, IncomeRecord, has_happened, wait_for
from monitor.errors import ExchangeError, ExchangePaused, KeyRejected
from monitor.exchanges.contract import Source, SourceReading, SourceState
from monitor.exchanges.http.capture import TOTALS, requested_for
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.failures import as_unavailable
from monitor.exchanges.policy import Evidence, Meaning, is_own_refusal, judge

Record = FlowRecord | FillRecord | IncomeRecord
Readings = dict[str, WalletReading]
WALLET_STATES = {Meaning.NOT_OPENED: WalletState.NOT_OPENED, Meaning.REFUSED: WalletState.REFUSED}
HISTORY_STATES = {Meaning.NOT_OPENED: SourceState.ABSENT, Meaning.REFUSED: SourceState.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """One wallet and how it is read."""

    name: str
    fetch: Callable[[Connection], Awaitable[tuple[Balance | Position, ...]]]
    total: str = ""  # by which of the exchange's totals it may be left out while that is zero; empty: by none
    role: Role = Role.WALLET
    has_own_right: bool = False  # a key may work everywhere but there
    shows_key: bool = False  # whether the key works at all


async def read_wallets(connection: Connection, chosen: Iterable[Wallet]) -> Readings:
    """A reading of each of `chosen`, side by side. Raises ExchangePaused, and KeyRejected where the key works nowhere."""
    readings = await gather(*(read_one(wallet, connection) for wallet in chosen))
    return {reading.wallet: reading for reading in readings}


async def read_one(wallet: Wallet, connection: Connection) -> WalletReading:
    """A reading of one of an account's wallets, in the same way."""
    asked = WalletReading(
        wallet=wallet.name, state=WalletState.FAILED, role=wallet.role, has_own_right=wallet.has_own_right
    )
    return await read_wallet(asked, wallet.fetch(connection), f"Reading {wallet.name}", needs_key=wallet.shows_key)


async def read_wallet(
    asked: WalletReading, fetching: Awaitable[Iterable[Balance | Position]], doing: str, *, needs_key: bool
) -> WalletReading:
    """`asked` with what was found in it, or with why nothing is known; `doing` says in messages what was tried.

    Raises ExchangePaused, and KeyRejected where a refused key is no matter of this wallet alone (`needs_key`).
    """
    try:
        with requested_for(asked.wallet), as_unavailable(doing):
            return _as_read(asked, await fetching)
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        if isinstance(failure, KeyRejected) and needs_key:
            raise
        return _as_unread(asked, failure)


def _as_read(asked: WalletReading, found: Iterable[Balance | Position]) -> WalletReading:
    found = tuple(found)
    return replace(
        asked,
        state=WalletState.READ,
        balances=tuple(one for one in found if isinstance(one, Balance)),
        positions=tuple(one for one in found if isinstance(one, Position)),
    )


def _as_unread(asked: WalletReading, failure: ExchangeError) -> WalletReading:
    """Judged as if it were empty; what the totals say of it is judged later."""
    meaning = judge(asked.place, failure.refusal, Evidence(total=ZERO))
    state = WALLET_STATES.get(meaning, WalletState.FAILED)
    return replace(asked, state=state, problem=str(failure), refusal=failure.refusal)


async def read_totals(fetching: Awaitable[tuple[WalletTotal, ...]]) -> AccountReading:
    """A reading of no wallets with the totals, or with why there are none. Raises ExchangePaused."""
    try:
        with requested_for(TOTALS), as_unavailable(f"Reading {TOTALS}"):
            return AccountReading(wallets=(), totals=await fetching)
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        return AccountReading(wallets=(), has_totals=not is_own_refusal(failure.refusal), problem=str(failure))


Fetch = Callable[[datetime, datetime], Awaitable[Iterable[Record]]]


async def read_histories(
    histories: Iterable[tuple[Source, Fetch]],
    since: Mapping[str, datetime],
    until: datetime,
    now: Callable[[], datetime],
) -> tuple[SourceReading, ...]:
    """A reading of each of `histories` that `since` names, from its moment on, side by side. Raises ExchangePaused."""
    asked = [(source, fetch) for source, fetch in histories if source.name in since]
    return tuple(await gather(*(read_history(s, fetch, since[s.name], until, now) for s, fetch in asked)))


async def read_history(
    source: Source,
    fetch: Fetch,
    since: datetime,
    until: datetime,
    now: Callable[[], datetime],
) -> SourceReading:
    """The history from `since` to `until`, or as far as one run reads it; or why it is not known. Raises ExchangePaused.

    `now` is the exchange's clock: what lies in its future is pending, or no record yet.
    """
    if source.available:
        since = max(since, now() - source.available)  # what is older would be refused
    end = min(until, since + source.longest) if source.longest else until
    try:
        with requested_for(source.name), as_unavailable(f"Reading {source.name}"):
            return _as_history(source, tuple(await fetch(since, end)), now(), end if end < until else None)
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        state = HISTORY_STATES.get(judge(source.place, failure.refusal, Evidence()), SourceState.FAILED)
        return SourceReading(source=source.name, state=state, problem=str(failure), refusal=failure.refusal)


def _as_history(source: Source, records: tuple[Record, ...], now: datetime, end: datetime | None) -> SourceReading:
    """`end`: where it stops before the time that was asked for."""
    return SourceReading(
        source=source.name,
        state=SourceState.BEHIND if end else SourceState.READ,
        through=end,
        problem=f"read up to {end:%Y-%m-%d}, after a long absence; the next runs read on" if end else "",
        flows=tuple(wait_for(r, now) for r in records if isinstance(r, FlowRecord)),
        fills=tuple(r for r in records if isinstance(r, FillRecord) and has_happened(r, now)),
        income=tuple(r for r in records if isinstance(r, IncomeRecord) and has_happened(r, now)),
    )
