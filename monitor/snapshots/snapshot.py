"""One reading of one account: flows, balances, flows again, until the two looks at the flows agree.

A flow that shows up between the looks may or may not be in the balances, so everything is read again. A history that
reports when balances changed needs one look, after the balances: it agrees when none of its flows took effect since the
reading began; of a flow without such a moment, when an earlier run has counted it. What is then true: every flow that takes
effect before `taken_at` is in the balances.

Wallets are separate calls, and what moves between them meanwhile could be counted twice or not at all. Most moves go
through spot or funding, the hubs: they are read before the others and once more after them, and a reading is whole when
they held the same both times (a move from one other wallet straight to another is known from the reading before:
`finance.plausibility.is_torn`). Spot also changes by trades, and an account that trades without a pause never stands still:
then a reading is whole when the one before it and the one after it found every wallet but spot, or the pool of a unified
account, as it did, because a move in between would have changed one of those.
"""

import asyncio
from asyncio import gather
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from finance.ledger_entries import FlowKey
from finance.moments import SECOND
from finance.observed import AccountReading, WalletReading, WalletState
from finance.records import FlowRecord, FlowState
from monitor.errors import LARGEST_SKEW, ExchangePaused, ExchangeUnavailable
from monitor.exchanges.contract import Account, Source, SourceReading, SourceState
from monitor.exchanges.policy import Evidence, Meaning, judge
from monitor.ledger.lookback import SourceMarks

MOST_LOOKS = 4
INCOME_SECONDS = 30
TRADING = ("spot", "unified")  # wallets that change by trades
Held = tuple[str, str, frozenset[tuple[object, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookback:
    """From when on each history is read, by its name."""

    flows: Mapping[str, datetime]
    income: Mapping[str, datetime]
    spare: Container[str] = ()  # of income: not worth a call while its wallet stays empty
    counted: Container[FlowKey] = ()  # flows that had counted when an earlier run read them


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an account held at `taken_at` (the exchange's clock, to the second) and what its histories show."""

    taken_at: datetime
    reading: AccountReading
    histories: tuple[SourceReading, ...]  # of flows
    income: tuple[SourceReading, ...]
    pause: ExchangePaused | None = None  # the exchange asked for silence when nothing but income was left to read

    @property
    def flows(self) -> tuple[FlowRecord, ...]:
        """Every flow that was read."""
        return tuple(flow for reading in self.histories for flow in reading.flows)


async def take_snapshot(account: Account, lookback: Lookback, now: datetime, idle: Collection[str] = ()) -> Snapshot:
    """A snapshot of `account` with what its histories show from `lookback` on; `idle` wallets may be skipped.

    A history that can't be read is reported as failed. Raises ExchangeError when the flows don't settle.
    """
    until = now + LARGEST_SKEW  # the exchange's clock may be ahead of ours
    timed = {source.name for source in account.flow_sources if source.is_timed}
    untimed = {name: since for name, since in lookback.flows.items() if name not in timed}
    began_at, before, hubs = await gather(
        account.fetch_server_time(), account.fetch_flows(untimed, until), account.fetch_hubs()
    )
    earlier: AccountReading | None = None
    trading: Snapshot | None = None  # complete, if the next reading finds what the last two found
    failed: dict[str, SourceReading] = {}  # the hour is partial: they are not worth another try in this run
    for look in range(MOST_LOOKS):
        if look:  # one after the other: what took effect before this time is in the hubs
            began_at = await account.fetch_server_time()
            hubs = await account.fetch_hubs()
        reading = await account.fetch_wallets(idle, hubs)
        stood_still = earlier is not None and stand_still(earlier.wallets, reading.wallets)
        if trading and stood_still:
            return trading
        left = {name: since for name, since in lookback.flows.items() if name not in failed}
        looked, (income, pause), hubs_after = await gather(
            account.fetch_flows(left, until),
            _fetch_income(account, _choose_income(account, lookback, idle, reading), until),
            _look_again(account, hubs),
        )
        after = (*looked, *failed.values())
        failed = {reading.source: reading for reading in after if reading.state is SourceState.FAILED}
        trading = None
        if _agree(before, after, began_at, lookback.counted):
            taken_at = _taken_at(began_at, after)
            snapshot = Snapshot(taken_at=taken_at, reading=reading, histories=after, income=income, pause=pause)
            if hold_the_same(hubs, hubs_after):
                return snapshot
            trading = snapshot if stood_still else None
        before, earlier = after, reading
    raise ExchangeUnavailable(
        f"Reading the balances: deposits, withdrawals or transfers kept changing them during {MOST_LOOKS} readings. "
        "The next run reads them again; nothing has to be done."
    )


async def _look_again(account: Account, hubs: tuple[WalletReading, ...]) -> tuple[WalletReading, ...]:
    """The hubs; when one failed the hour is partial anyway, and it is not worth another try in this run."""
    return hubs if any(hub.state is WalletState.FAILED for hub in hubs) else await account.fetch_hubs()


def _choose_income(
    account: Account, lookback: Lookback, idle: Collection[str], reading: AccountReading
) -> Mapping[str, datetime]:
    """Without the histories of wallets that were never opened, and the spare ones of those that stayed empty."""
    asked = [wallet for wallet in reading.wallets if wallet.state is not WalletState.SKIPPED]
    unopened = {wallet.wallet for wallet in asked if wallet.state is WalletState.NOT_OPENED}
    empty = set(idle) - {wallet.wallet for wallet in asked if not wallet.is_empty}
    spare = {s.name for s in account.income_sources if s.wallet in empty and s.name in lookback.spare}
    left_out = spare | {s.name for s in account.income_sources if s.wallet in unopened}
    return {name: since for name, since in lookback.income.items() if name not in left_out}


async def _fetch_income(
    account: Account, since: Mapping[str, datetime], until: datetime
) -> tuple[tuple[SourceReading, ...], ExchangePaused | None]:
    """Income neither voids an hour nor keeps it waiting: what can't be read now is read by the next run."""
    answers = await gather(*(_fetch_source(account, name, start, until) for name, start in since.items()))
    pause = next((one for one in answers if isinstance(one, ExchangePaused)), None)
    return tuple(one for one in answers if isinstance(one, SourceReading)), pause


async def _fetch_source(
    account: Account, name: str, since: datetime, until: datetime
) -> SourceReading | ExchangePaused | None:
    """Behind, if its turn does not come in time: the first readings of many accounts share the limits of one address."""
    try:
        async with asyncio.timeout(INCOME_SECONDS):
            return next(iter(await account.fetch_income({name: since}, until)), None)
    except ExchangePaused as pause:
        return pause
    except TimeoutError:
        problem = f"not read within {INCOME_SECONDS} s, the next run reads it"
        return SourceReading(source=name, state=SourceState.BEHIND, problem=problem)


def _agree(
    before: Iterable[SourceReading], after: Iterable[SourceReading], began_at: datetime, counted: Container[FlowKey]
) -> bool:
    """Whether the looks before and after the balances saw the same; one that failed makes the hour partial anyway."""
    seen = {reading.source: _counted(reading) for reading in before}
    return all(
        _counted(reading) == seen[reading.source] if reading.source in seen else _is_older(reading, began_at, counted)
        for reading in after
        if reading.state is not SourceState.FAILED
    )


def _counted(reading: SourceReading) -> set[tuple[object, ...]]:
    return {(f.kind, f.exchange_id, f.amount, f.fee) for f in reading.flows if f.state is FlowState.COUNTED}


def _effects(reading: SourceReading) -> list[datetime]:
    return [f.completed_at for f in reading.flows if f.state is FlowState.COUNTED and f.completed_at]


def _is_older(reading: SourceReading, moment: datetime, counted: Container[FlowKey]) -> bool:
    """Whether everything that counts had counted before `moment`, by its own time or by what is known to have."""
    return all(
        flow.completed_at < moment.replace(microsecond=0)
        if flow.completed_at
        else (flow.kind, flow.exchange_id) in counted
        for flow in reading.flows
        if flow.state is FlowState.COUNTED
    )


def _taken_at(began_at: datetime, readings: Iterable[SourceReading]) -> datetime:
    """The second before which every flow is in the balances: a flow that was visible first was in them too."""
    effects = [effect for reading in readings for effect in _effects(reading)]
    latest = max((effect.replace(microsecond=0) + SECOND for effect in effects), default=began_at)
    return max(began_at.replace(microsecond=0), latest)


def judge_histories(
    readings: Iterable[SourceReading], sources: Iterable[Source], marks: SourceMarks
) -> tuple[SourceReading, ...]:
    """`readings`, where a history that is said not to exist, and has reported something before, is a refused one."""
    by_name = {source.name: source for source in sources}
    return tuple(_judge_history(reading, by_name[reading.source], marks) for reading in readings)


def _judge_history(reading: SourceReading, source: Source, marks: SourceMarks) -> SourceReading:
    if reading.state is not SourceState.ABSENT:
        return reading
    known = Evidence(was_used=source.name in marks.cursors and not marks.kinds_on_record.isdisjoint(source.kinds))
    is_absent = judge(source.place, reading.refusal, known) is Meaning.NOT_OPENED
    return reading if is_absent else replace(reading, state=SourceState.REFUSED)


def hold_the_same(before: Iterable[WalletReading], after: Iterable[WalletReading]) -> bool:
    """Whether two looks at the same wallets saw the same, but for the profit of open positions and shadows of Earn."""
    return [_held(wallet) for wallet in before] == [_held(wallet) for wallet in after]


def stand_still(before: Iterable[WalletReading], after: Iterable[WalletReading]) -> bool:
    """Whether two readings of all wallets differ in nothing but trades."""
    both = ([wallet for wallet in reading if wallet.wallet not in TRADING] for reading in (before, after))
    return hold_the_same(*both)


def _held(wallet: WalletReading) -> Held:
    held = frozenset(
        (b.asset, b.quantity - b.unrealised, b.locked, b.owed) for b in wallet.balances if not b.may_be_mirror
    )
    return (wallet.wallet, str(wallet.state), held)
