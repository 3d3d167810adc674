"""What a run reads: the prices of every exchange in use, and every account; nothing is open in the database meanwhile.

Many new accounts together ask more than the exchange allows in one run, so they begin by turns.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from monitor.accounts.client import AccountRun, ExchangeClient
from monitor.cycle.clocks import compare_clocks
from monitor.database.containment import contained
from monitor.database.runs import load_pauses, note_pause
from monitor.errors import Crashed, MonitorError, WaitsForTurn
from monitor.exchanges.public import Ticker
from monitor.market.other_prices import RunPrices, compare_prices, find_run_prices, share_prices
from monitor.market.ticker import check_ticker, fetch_ticker
from monitor.snapshots.planning import Reading, ReadingPlan, read_account
from monitor.snapshots.snapshot import Snapshot
from monitor.snapshots.valued_reading import list_wanted
from sql.rows import Db

WAITS = "waits for its turn: together the accounts ask more than the exchange allows in one run. The next run reads it."
AT_ONCE = 32  # accounts: they share one processor, and its time is part of each one's limit
T = TypeVar("T")
Planned = tuple[AccountRun, ReadingPlan]
Clients = Mapping[str, ExchangeClient]  # by exchange, the first whose prices count first


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came of the reading."""

    tickers: Mapping[str, Ticker | MonitorError]  # by exchange
    snapshots: Sequence[Reading]  # of the planned accounts

    def first_ticker(self) -> tuple[str, Ticker | MonitorError]:
        """The prices of the first exchange that answered, or why there are none at all."""
        found = ((name, ticker) for name, ticker in self.tickers.items() if isinstance(ticker, Ticker))
        return next(found, next(iter(self.tickers.items())))


async def read_all(db: Db, clients: Clients, planned: Sequence[Planned], run_id: int, now: datetime) -> Read:
    """Read everything; one exchange's silence is that exchange's. Raises ClockWrong."""
    pauses = load_pauses(db, now)
    fetching = {name: asyncio.create_task(fetch_ticker(one)) for name, one in clients.items() if name not in pauses}
    one = next(iter(clients.values()))
    admitted = choose_turns([plan.is_new for _, plan in planned], run_id, one.most_first_readings)
    reading = {
        number: read_account(*planned[number])
        for number in admitted
        if planned[number][0].client.exchange not in pauses
    }
    try:
        finished = await read_in_time(reading, one.reading_seconds)
        tickers = {name: await fetching[name] if name in fetching else pauses[name] for name in clients}
    finally:
        for task in fetching.values():
            task.cancel()  # of no use to anybody once the database breaks off
    snapshots = [
        pauses.get(run.client.exchange) or finished.get(number, WaitsForTurn(WAITS))
        for number, (run, _) in enumerate(planned)
    ]
    for ticker in tickers.values():
        if isinstance(ticker, Ticker):
            compare_clocks(ticker.at, now)  # the exchange may not have answered its time before
    read = Read(tickers=_as_one_moment(tickers), snapshots=snapshots)
    _note_pauses(db, read, planned)
    return read


def _as_one_moment(tickers: Mapping[str, Ticker | MonitorError]) -> dict[str, Ticker | MonitorError]:
    """The prices of a run are of one moment, the first exchange's: those of accounts that are looked at as one, too."""
    moments = [ticker.at for ticker in tickers.values() if isinstance(ticker, Ticker)]
    return {
        name: replace(ticker, at=moments[0]) if isinstance(ticker, Ticker) else ticker
        for name, ticker in tickers.items()
    }


def _note_pauses(db: Db, read: Read, planned: Sequence[Planned]) -> None:
    asked: list[tuple[str, object]] = list(read.tickers.items())
    asked += [
        (run.client.exchange, snapshot.pause if isinstance(snapshot, Snapshot) else snapshot)
        for (run, _), snapshot in zip(planned, read.snapshots, strict=True)
    ]
    for exchange, answer in asked:
        note_pause(db, exchange, answer)


async def price_all(
    db: Db, clients: Clients, read: Read, planned: Sequence[Planned], hour: datetime
) -> dict[str, RunPrices | MonitorError]:
    """By exchange, the prices of everything that must have one; or why there are none."""
    wanted = {name: _list_assets(name, planned, read.snapshots) for name in clients}
    found: dict[str, RunPrices | MonitorError] = {}
    for name, ticker in read.tickers.items():
        found[name] = (
            ticker if isinstance(ticker, MonitorError) else await _price(db, clients[name], ticker, hour, wanted[name])
        )
    return compare_prices(share_prices(found, wanted), wanted)


def _list_assets(exchange: str, planned: Iterable[Planned], snapshots: Iterable[Reading]) -> frozenset[str]:
    """What an exchange's accounts hold, or held before, or are compared with."""
    own = [
        (plan, snapshot)
        for (run, plan), snapshot in zip(planned, snapshots, strict=True)
        if run.client.exchange == exchange
    ]
    found = (list_wanted(snapshot) for _, snapshot in own if isinstance(snapshot, Snapshot))
    return frozenset[str]().union(*found, *(plan.assets for plan, _ in own))


async def _price(db: Db, client: ExchangeClient, ticker: Ticker, hour: datetime, assets: frozenset[str]) -> RunPrices:
    checked = await check_ticker(db, client, ticker, assets, hour)
    return await find_run_prices(db, client, checked, assets)


def choose_turns(are_new: Sequence[bool], run_id: int, most_new: int) -> list[int]:
    """The positions of the accounts that this run reads: all that were read before, and `most_new` new ones.

    Each run begins with others, so that new accounts that can't be read never keep the rest waiting for ever.
    """
    new = [number for number, is_new in enumerate(are_new) if is_new]
    first = run_id * most_new % len(new) if new else 0
    admitted = set((new[first:] + new[:first])[:most_new])
    return [number for number, is_new in enumerate(are_new) if not is_new or number in admitted]


async def read_in_time(readings: Mapping[int, Coroutine[Any, Any, T]], seconds: float) -> dict[int, T | Crashed]:
    """What those of `readings` return that are ready after `seconds`; the others are cancelled and missing.

    So many are read at once that each is done long before its own time limit, however many there are. One that breaks,
    or is cancelled by nobody of ours, comes to the error that it is: it does not wait for its turn.
    """
    turns = asyncio.Semaphore(AT_ONCE)
    tasks = {number: asyncio.create_task(_read_in_turn(turns, reading)) for number, reading in readings.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=seconds)
    late = [task for task in tasks.values() if not task.done()]
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return {number: _take(task) for number, task in tasks.items() if task not in late}


async def _read_in_turn(turns: asyncio.Semaphore, reading: Coroutine[Any, Any, T]) -> T:
    try:
        async with turns:
            return await reading
    finally:
        reading.close()  # one that was cancelled before it began


def _take(task: asyncio.Task[T]) -> T | Crashed:
    try:
        with contained("Reading an account"):
            return task.result()
    except Crashed as failure:
        return failure
