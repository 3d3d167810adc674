"""One account in a database, whose readings a test makes up: no exchange is asked."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any, cast

import pytest

from finance.flow_values import ValuationPrice
from finance.hour_status import Outcome
from finance.observed import AccountReading, Balance, WalletReading, WalletState
from finance.prices import AssetPrice
from finance.records import FlowKind, FlowRecord, FlowState
from finance.unpriced import Yardstick
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.registry import NewAccount, add_account
from monitor.database.runs import start_run
from monitor.exchanges.contract import SourceReading, SourceState
from monitor.market.known_prices import Fetched, PricesNeeded
from monitor.market.store.prices import record_minute_prices
from monitor.performance.recording import record_account_hour
from monitor.snapshots.snapshot import Snapshot
from monitor.snapshots.unread import Judged
from monitor.snapshots.valued_reading import ValuedReading, value_wallets
from sql.connect import connect
from sql.rows import Db
from sql.vault import Credentials, Secret
from tests.postgres import Database

PRICES = {"USDT": D(1), "BTC": D(50_000), "ETH": D(2_000)}
HALF = (("BTC", D("0.5")), ("ETH", D("0.5")))
SECOND = timedelta(seconds=1)


def deposit(number: int, quantity: str, asset: str, when: datetime) -> FlowRecord:
    """A deposit that took effect then; a negative quantity is a withdrawal."""
    return FlowRecord(
        kind=FlowKind.DEPOSIT if D(quantity) > 0 else FlowKind.WITHDRAWAL,
        exchange_id=str(number),
        state=FlowState.COUNTED,
        exchange_status="success",
        asset=asset,
        amount=abs(D(quantity)),
        fee=D(0),
        requested_at=when,
        completed_at=when,
    )


class Hours:
    """Records made-up readings of one account."""

    def __init__(self, db: Db) -> None:
        self.db = db
        new = NewAccount(label="test", exchange="binance", uid=None, overpowered=False, weights=HALF)
        self.account = TrackedAccount(
            id=add_account(db, new, datetime.fromisoformat("2026-01-01T00:00+00:00")),
            label="test",
            exchange="binance",
            credentials=Credentials(key=Secret(""), secret=Secret("")),
        )

    def run(self, taken_at: datetime) -> AccountRun:
        """A run that read the account then."""
        hour = taken_at.replace(minute=0, second=0, microsecond=0)
        return AccountRun(
            db=self.db,
            client=cast("ExchangeClient", None),  # nothing is asked
            account=self.account,
            now=taken_at,
            hour=hour,
            run_id=start_run(self.db, hour=hour, now=taken_at, pid=1, version="test"),
        )

    def record(self, taken_at: datetime, held: str, *flows: FlowRecord, **more: Any) -> Outcome:
        """Record the hour of a reading that found `held`, like "1 BTC 500 USDT", and `flows`."""
        run, reading = self.run(taken_at), make_reading(taken_at, held, flows, **more)
        fetched = Fetched(exchange="binance")
        while True:
            try:
                with self.db.transaction():
                    return record_account_hour(run, fetched, reading)
            except PricesNeeded as needed:
                prices = {
                    key: ValuationPrice(value=PRICES[key[0]], route=key[0]) for key in needed.keys if key[0] in PRICES
                }
                record_minute_prices(self.db, "binance", prices)
                fetched = fetched.add(needed.keys, {})

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What a query finds."""
        return self.db.execute(statement).fetchall()

    def hours(self) -> list[dict[str, Any]]:
        """The hour rows."""
        return self.rows(f"select * from nav_history where account_id = {self.account.id} order by hour")


def make_reading(
    taken_at: datetime,
    held: str,
    flows: Sequence[FlowRecord] = (),
    *,
    problem: str = "",
    is_final: bool = False,
    prices: dict[str, D] = PRICES,
) -> ValuedReading:
    """A reading of spot alone, with one history of flows; `problem`: why that could not be read."""
    words = held.split()
    balances = tuple(Balance(asset=asset, free=D(free)) for free, asset in zip(words[::2], words[1::2], strict=True))
    wallets = (WalletReading(wallet="spot", state=WalletState.READ, balances=balances),)
    state = SourceState.FAILED if problem else SourceState.READ
    history = SourceReading(source="deposits", state=state, flows=tuple(flows), problem=problem)
    known = {asset: AssetPrice(asset=asset, value=value) for asset, value in prices.items()}
    return ValuedReading(
        snapshot=Snapshot(
            taken_at=taken_at,
            reading=AccountReading(wallets=wallets, totals=(), has_totals=False),
            histories=(history,),
            income=(),
        ),
        judged=Judged(wallets=wallets),
        unseen=(),
        valuation=value_wallets(wallets, known, Yardstick(outdated={}, totals=(), dust_limit=D(0), failure=""), {}),
        checks=(),
        prices=known,
        prices_at=taken_at + SECOND,
        is_final=is_final,
    )


@pytest.fixture
def hours(database: Database) -> Iterator[Hours]:
    """An account without any hour."""
    db = connect(database.worker_url, name="test")
    yield Hours(db)
    db.close()
