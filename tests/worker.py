"""The worker against a real Postgres and a paper exchange over HTTP."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.accounts.client import TrackedAccount
from monitor.accounts.opening import open_client
from monitor.accounts.registry import NewAccount, add_account, load_accounts
from monitor.accounts.store.credentials import record_credentials
from monitor.commands.account import add_sub_accounts
from monitor.cycle.result import CycleResult
from monitor.cycle.run import run_cycle
from monitor.exchanges.binance import adapter
from monitor.exchanges.http import connection
from monitor.settings import Settings, read_settings
from sql.connect import connect
from sql.rows import Db
from sql.vault import Credentials, Secret, open_vault
from tests.postgres import Database
from tests.venue import KEY, SECRET, RunningVenue


class Worker:
    """Runs cycles and reads what they stored."""

    def __init__(self, db: Db, settings: Settings) -> None:
        self.db = db
        self.settings = settings

    def add(self, label: str = "test", key: str = KEY, secret: str = SECRET) -> int:
        """Track an account of the venue."""
        return self.add_at("binance", label, Credentials(key=Secret(key), secret=Secret(secret)))

    def add_at(self, exchange: str, label: str, credentials: Credentials) -> int:
        """Track an account of an exchange."""
        new = NewAccount(label=label, exchange=exchange, uid=None, overpowered=False, weights=self.settings.benchmark)
        moment = datetime.fromisoformat("2026-01-01T00:00+00:00")
        account_id = add_account(self.db, new, moment)
        record_credentials(self.db, open_vault(self.settings), account_id, credentials, moment)
        return account_id

    def add_subs(self, master: str, now: datetime) -> list[str]:
        """Track a master's sub-accounts; returns what is told of each."""

        async def add() -> str:
            client = open_client(self.settings)
            try:
                account = next(a for a in load_accounts(self.db, self.settings) if a.label == master)
                return await add_sub_accounts(self.db, client, account, self.settings.benchmark, now)
            finally:
                await client.close()

        return asyncio.run(add()).splitlines()

    def run(self, now: datetime, accounts: Sequence[TrackedAccount] | None = None) -> CycleResult:
        """One run at the venue's time, of every account or of `accounts`."""

        async def run() -> CycleResult:
            client = open_client(self.settings)
            client.second_look_seconds = 0
            try:
                chosen = load_accounts(self.db, self.settings) if accounts is None else accounts
                return await run_cycle(self.db, client, chosen, now=now, pid=os.getpid(), version="test")
            finally:
                await client.close()

        return asyncio.run(run())

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """What a query finds."""
        return self.db.execute(statement, parameters).fetchall()

    def hours(self, account: int = 1) -> list[dict[str, Any]]:
        """The hour rows of an account."""
        return self.rows("select * from nav_history where account_id = %(a)s order by hour", a=account)


def patch_budgets(patch: pytest.MonkeyPatch, **budgets: Any) -> None:
    """Other request limits than the exchange's: `endpoint`, `account`."""
    known = adapter.ADAPTER
    dialect = replace(known.dialect, budgets=replace(known.dialect.budgets, **budgets))
    patch.setattr(adapter, "ADAPTER", replace(known, dialect=dialect))


@pytest.fixture(scope="session", autouse=True)
def impatience() -> Iterator[None]:
    """Calls that fail are tried again without much of a pause."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "FIRST_PAUSE_SECONDS", 0.01)
        yield


Opener = Callable[[RunningVenue], Worker]


@pytest.fixture
def open_worker(database: Database, tmp_path: Path) -> Iterator[Opener]:
    """Opens a worker for a venue."""
    with workers_on(database, tmp_path) as opener:
        yield opener


@contextmanager
def workers_on(database: Database, folder: Path) -> Iterator[Opener]:
    """Opens workers that write to this database."""
    db = connect(database.worker_url, name="test")

    def opener(venue: RunningVenue) -> Worker:
        settings = read_settings(
            {
                **{f"{name.upper()}_BASE_URL": url for name, url in venue.urls.items() if name != "control"},
                "DATA_DIR": str(folder),
                "CALL_TIMEOUT_SECONDS": "5",
                "ACCOUNT_DEADLINE_SECONDS": "60",
            }
        )
        return Worker(db, settings)

    yield opener
    db.close()


@pytest.fixture
def worker(open_worker: Opener, venue: RunningVenue) -> Worker:
    """A worker that tracks the venue's one account."""
    made = open_worker(venue)
    made.add()
    return made
