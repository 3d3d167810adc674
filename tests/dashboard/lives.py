"""Random lives of accounts, folded by the worker's own rules and stored as it stores them: empty, funded, emptied, lost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from finance.benchmark import BenchmarkConfig, Rebalance, Withdrawals
from finance.flow_values import ValuationPrice, ValuedFlow
from finance.hour_status import HourStatus
from finance.ledger_entries import LedgerEntry
from finance.records import FlowKind, FlowState
from finance.track import Event, FlowEvent, HourEvent, fold_track, start_track
from monitor.accounts.store.benchmarks import load_configs, record_benchmark
from monitor.ledger.store.entries import record_entries
from monitor.performance.store.history import record_hour
from monitor.performance.store.track import record_flow_points, record_flow_values, record_hour_points
from sql.rows import Db

FIRST = datetime(2026, 3, 30, 5, tzinfo=UTC)
HOURS = 60
CENT = Decimal("0.01")
ONE = ValuationPrice(value=Decimal(1), route="USDT")


@dataclass(slots=True)
class _Life:
    """What an account has at a moment, and what a coin costs."""

    random: Random
    nav: Decimal
    price: Decimal

    def move(self) -> None:
        """An hour's prices; now and then everything is lost, or something comes from nowhere."""
        self.price = (self.price * Decimal(self.random.uniform(0.97, 1.03))).quantize(CENT)
        self.nav = (self.nav * Decimal(self.random.uniform(0.9, 1.1))).quantize(CENT)
        if self.random.random() < 0.03:
            self.nav = Decimal(self.random.choice((0, -7)))
        if self.nav <= 0 and self.random.random() < 0.05:
            self.nav = Decimal(50)

    def flow(self) -> Decimal:
        """What comes in (+) or goes out (-)."""
        kind = self.random.random()
        if self.nav > 0 and kind < 0.3:
            return -self.nav
        if self.nav > 0 and kind < 0.5:
            return -(self.nav / 3).quantize(CENT)
        return Decimal(self.random.choice(("0.4", "100", "2500")))


def store_life(db: Db, seed: int) -> int:
    """Make an account with a random life in `db`; returns its number."""
    random = Random(seed)
    row = db.execute(
        "insert into accounts (label, exchange, created_at) values (%(label)s, 'binance', %(at)s) returning id",
        {"label": f"life {seed}", "at": FIRST},
    ).fetchone()
    assert row
    account = int(row["id"])
    withdrawals = Withdrawals.SAME_FRACTION if seed % 2 else Withdrawals.SAME_AMOUNT
    record_benchmark(db, replace(HOLD, account_id=account, withdrawals=withdrawals))
    entries, events = _live(random, account)
    recorded = record_entries(db, entries, None)
    numbered = iter(recorded)
    events = [replace(e, transaction_id=next(numbered).id) if isinstance(e, FlowEvent) else e for e in events]
    values = [e for e in events if isinstance(e, FlowEvent)]
    flows = [
        ValuedFlow(entry=entry, price=ONE, value=e.value, nav_before=e.nav_before)
        for entry, e in zip(recorded, values, strict=True)
    ]
    for event in events:
        if isinstance(event, HourEvent):
            record_hour(
                db, account, event.hour, status=HourStatus.COMPLETE, reason="", taken_at=event.at, nav=event.nav
            )
    configs = load_configs(db, account)
    flow_points, hour_points = fold_track(configs, start_track(configs), events)
    record_flow_values(db, account, flows)
    record_hour_points(db, account, configs, hour_points, frozenset())
    record_flow_points(db, account, configs, [p for p in flow_points if p.event.transaction_id is not None])
    return account


HOLD = BenchmarkConfig(id=0, account_id=0, name="hold", weights=(("BTC", Decimal(1)),), rebalance=Rebalance.NEVER)


def _live(random: Random, account: int) -> tuple[list[LedgerEntry], list[Event]]:
    life = _Life(random=random, nav=Decimal(random.choice((0, 0, 1000))), price=Decimal(100))
    entries: list[LedgerEntry] = []
    events: list[Event] = []
    for number in range(HOURS):
        hour = FIRST + timedelta(hours=number)
        for event in _happen(life, hour) if number else ():
            entries.append(_enter(account, len(entries), event))
            events.append(event)
        life.move()
        at = hour + timedelta(seconds=random.randint(100, 200))
        if number in (0, HOURS - 1) or random.random() < 0.9:  # the others were missed
            events.append(HourEvent(at=at, hour=hour, nav=life.nav, prices={"BTC": life.price}, is_first=number == 0))
    return entries, events


def _happen(life: _Life, hour: datetime) -> Iterator[FlowEvent]:
    """Flows in the hour before a reading, and what prices did before each."""
    for minute in range(10, 50, 15):
        if life.random.random() < 0.12:
            life.move()
            value, before = life.flow(), life.nav
            life.nav += value
            at = hour - timedelta(minutes=60 - minute)
            yield FlowEvent(at=at, transaction_id=None, value=value, nav_before=before, prices={"BTC": life.price})


def _enter(account: int, number: int, event: FlowEvent) -> LedgerEntry:
    return LedgerEntry(
        account_id=account,
        kind=FlowKind.DEPOSIT if event.value > 0 else FlowKind.WITHDRAWAL,
        exchange_id=str(number),
        state=FlowState.COUNTED,
        asset="USDT",
        amount=abs(event.value),
        requested_at=event.at,
        occurred_at=event.at,
        first_seen_at=event.at,
    )
