"""Three accounts with something in every wallet: the same hour attacked again and again, beside a calm twin of it.

Two hours are recorded in a database of which every attempt gets a copy. The third hour is attacked, at a venue that
stands in it, and the fourth is calm, at a venue of the same story that stands an hour later.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from unittest.mock import patch

from monitor import __main__ as program
from monitor.accounts.client import ExchangeClient
from monitor.performance.verification import verify
from monitor.settings import read_settings
from sql.connect import connect
from tests.endtoend.mutated import MutatingExchange
from tests.postgres import Database, Server, open_database
from tests.venue import MARKET, START, RunningVenue
from tests.worker import Worker

NAMES = ("one", "two", "three")
HOUR = timedelta(hours=1)
FIRST = START + timedelta(hours=2, minutes=2)
KEYS = {name: f"key-of-{name}-0123456789" for name in NAMES}
VICTIM = "one"  # whose answers are mutated; nobody else has ADA
STORY = """
+0m account one key key-of-one-0123456789 secret secret-of-one-9876543210
+0m deposit 90000 USDT
+1m buy for 9000 BTCUSDT
+1m buy for 5000 ETHUSDT
+1m buy for 900 BNBUSDT
+1m buy for 800 ADAUSDT
+2m transfer 3000 USDT from spot to funding
+2m transfer 5000 USDT from spot to earn_flexible
+3m transfer 0.01 BTC from spot to earn_locked
+4m transfer 4000 USDT from spot to cross_margin
+4m borrow 0.02 BTC on cross_margin
+5m transfer 0.3 ETH from spot to isolated_margin
+6m transfer 9000 USDT from spot to futures
+7m transfer 700 USDT from spot to options
+01:20 deposit 120 USDT
+01:30 long 0.05 BTCUSDT
+03:10 deposit 0.02 BTC credited after 20m
+03:15 withdraw 250 USDT fee 1 completed after 20m
+03:20 buy for 400 ADAUSDT
+03:22 send 300 USDT to two fee 1 arriving after 10m
+03:25 convert 200 USDT to ETH
+03:28 dividend 1.5 BNB
+03:30 pay receive 0.005 BTC as CRYPTO_BOX
+03:32 funding pay 1.25 USDT BTCUSDT
+03:34 charge 0.00001 BTC on cross_margin
+03:36 rebate 0.77 USDT
+03:38 p2p buy 40 USDT fee 0.4
+0m account two key key-of-two-0123456789 secret secret-of-two-9876543210
+0m deposit 20000 USDT
+1m buy for 6000 BTCUSDT
+2m transfer 2000 USDT from spot to earn_flexible
+03:12 deposit 700 USDT
+03:40 withdraw 0.01 BTC fee 0.0001
+03:45 buy for 300 ETHUSDT
+0m account three key key-of-three-0123456789 secret secret-of-three-9876543210
+0m deposit 8000 USDT
+0m deposit 0.5 BTC
+1m transfer 5000 USDT from spot to futures
+01:10 short 0.03 BTCUSDT
+03:50 deposit 150 USDT
+03:55 close BTCUSDT
"""
FIGURES = ("status", "nav", "flows", "invested", "units", "unit_price", "in_transit")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run left: its exit code, what it said, and the run's row."""

    code: int
    said: str
    row: Row


class Attempt:
    """One copy of the two hours, to go on with."""

    def __init__(self, told: dict[str, str], worker: Worker) -> None:
        self._told, self.worker = told, worker

    def run(self, venue: RunningVenue) -> Ran:
        """`python -m monitor run` at the venue's time."""
        said, now = io.StringIO(), venue.now()
        venue.exchange.forget_calls()  # its minute stands still, and is not every attempt's together
        told = self._told | {"BINANCE_BASE_URL": venue.url}
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, told))
            stack.enter_context(patch.object(sys, "argv", ["python -m monitor", "run"]))
            stack.enter_context(patch.object(program, "datetime", _standing_at(now)))
            stack.enter_context(patch.object(ExchangeClient, "second_look_seconds", 0))
            stack.enter_context(redirect_stdout(said))
            stack.enter_context(redirect_stderr(said))
            code = program.main()
        (row,) = self.worker.rows("select * from runs order by id desc limit 1")
        return Ran(code=code, said=said.getvalue(), row=row)

    def figures(self, hour: datetime) -> dict[int, Row]:
        """By account what is stored of `hour`, without when and by which run."""
        found = self.worker.rows("select * from nav_history where hour = %(hour)s order by account_id", hour=hour)
        return {row["account_id"]: {name: row[name] for name in FIGURES} for row in found}

    def row(self, account: int, hour: datetime) -> Row:
        """The hour's row of an account, with its explanation's state, and what of its assets is unexplained, each in USDT."""
        (found,) = self.worker.rows(
            "select n.*, e.state, e.residual, (select sum(abs((asset -> 'value' ->> 'residual')::numeric))"
            " from jsonb_each(e.assets) as found (name, asset)) as unexplained"
            " from nav_history n left join explanations e using (account_id, hour)"
            " where account_id = %(a)s and hour = %(hour)s",
            a=account,
            hour=hour,
        )
        return found

    def lacks_completion(self, account: int) -> bool:
        """Whether a deposit or withdrawal counts of which the exchange says no time of completion."""
        return bool(
            self.worker.rows(
                "select 1 from (select distinct on (kind, exchange_id) * from processed_transactions"
                " where account_id = %(a)s and kind in ('deposit', 'withdrawal')"
                " order by kind, exchange_id, revision desc) as newest"
                " where state = 'counted' and coalesce(raw ->> 'completeTime', '0') in ('', '0')",
                a=account,
            )
        )

    def differences(self) -> tuple[Any, ...]:
        """What `verify` finds."""
        return tuple(verify(self.worker.db).differences)


class Three:
    """The prepared database, the two venues, and what a calm run makes of both hours."""

    def __init__(
        self, server: Server, prepared: Database, here: RunningVenue, later: RunningVenue, place: Path
    ) -> None:
        self._server, self._prepared, self._place = server, prepared, place
        self.here, self.later = here, later
        self.hour = here.now().replace(minute=0, second=0, microsecond=0)
        self.next_hour = self.hour + HOUR
        with self.attempt() as calm:
            assert [calm.run(venue).code for venue in (here, later)] == [0, 0]
            self.twin = {hour: calm.figures(hour) for hour in (self.hour, self.next_hour)}
            assert calm.differences() == ()

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """A fresh copy of the two hours."""
        with (
            open_database(self._server, template=self._prepared.name) as copy,
            _open_attempt(copy, self._place) as made,
        ):
            yield made


@contextmanager
def prepare(server: Server, place: Path) -> Iterator[Three]:
    """Two hours of three accounts, and the venue in their third."""
    venues = [RunningVenue(MARKET, STORY, START, FIRST + hours * HOUR, MutatingExchange) for hours in (0, 3)]
    here, later = venues
    with ExitStack() as stack, open_database(server) as database:
        for venue in venues:
            stack.callback(venue.stop)
        with _open_attempt(database, place) as hours:
            for name in NAMES:
                hours.worker.add(name, KEYS[name], f"secret-of-{name}-9876543210")
            for _ in range(2):
                assert hours.run(here).code == 0
                here.advance(hours=1)
        yield Three(server, database, here, later, place)


@contextmanager
def _open_attempt(database: Database, place: Path) -> Iterator[Attempt]:
    told = {"DATA_DIR": str(place), "CALL_TIMEOUT_SECONDS": "10", "ACCOUNT_DEADLINE_SECONDS": "60"}
    db = connect(database.worker_url, name="attempt")
    try:
        yield Attempt(told | {"DATABASE_URL": database.worker_url}, Worker(db, read_settings(told)))
    finally:
        db.close()


def _standing_at(moment: datetime) -> type[datetime]:
    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz)

    return Standing
