"""What a run reads: the prices of every exchange in use, and every account; nothing is open in the database meanwhile."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.accounts.client import AccountRun, ExchangeClient
from monitor.cycle.clocks import compare_clocks
from monitor.cycle.turns import WAITS, choose_turns, read_in_time
from monitor.database.runs import load_pauses, record_pause
from monitor.errors import ExchangePaused, MonitorError, WaitsForTurn
from monitor.exchanges.public import Ticker
from monitor.market.compared_prices import compare_prices
from monitor.market.other_prices import RunPrices, find_run_prices, share_prices
from monitor.market.ticker import check_ticker, fetch_ticker
from monitor.snapshots.planning import Reading, ReadingPlan, read_account
from monitor.snapshots.snapshot import Snapshot
from monitor.snapshots.valued_reading import list_wanted
from sql.rows import Db

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
    _record_pauses(db, read, planned)
    return read


def _as_one_moment(tickers: Mapping[str, Ticker | MonitorError]) -> dict[str, Ticker | MonitorError]:
    """The prices of a run are of one moment, the first exchange's: those of accounts that are looked at as one, too."""
    moments = [ticker.at for ticker in tickers.values() if isinstance(ticker, Ticker)]
    return {
        name: replace(ticker, at=moments[0]) if isinstance(ticker, Ticker) else ticker
        for name, ticker in tickers.items()
    }


def _record_pauses(db: Db, read: Read, planned: Sequence[Planned]) -> None:
    asked: list[tuple[str, object]] = list(read.tickers.items())
    asked += [
        (run.client.exchange, snapshot.pause if isinstance(snapshot, Snapshot) else snapshot)
        for (run, _), snapshot in zip(planned, read.snapshots, strict=True)
    ]
    for exchange, answer in asked:
        if isinstance(answer, ExchangePaused):
            record_pause(db, exchange, answer)


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
