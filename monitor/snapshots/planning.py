"""What is read of one account in a run: how far back, what may be skipped, and within which time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from finance.ledger_entries import FlowKey
from monitor.accounts.client import AccountRun
from monitor.accounts.identity import identify_account, notice_system
from monitor.accounts.store.benchmarks import load_configs
from monitor.database.containment import contained
from monitor.errors import ExchangeError, MonitorError
from monitor.exchanges.contract import Account
from monitor.exchanges.http.limits import reading_deadline
from monitor.ledger.lookback import SourceMarks, find_spare, look_back
from monitor.ledger.store.sources import load_counted_keys, load_source_marks
from monitor.snapshots.snapshot import Lookback, Snapshot, judge_histories, take_snapshot
from monitor.snapshots.store.observations import load_assets, load_last_reading
from monitor.snapshots.store.wallets import load_idle_wallets, load_remembered
from monitor.snapshots.unread import Remembered

Reading = Snapshot | MonitorError
LONGEST_AGAIN = timedelta(days=100)  # of what histories report late; what is older is looked at twice


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """What the database knows that an account's reading needs."""

    marks: SourceMarks  # how far its histories are known
    wallets: Remembered
    idle: frozenset[str]  # wallets that may be skipped: empty when they were last asked
    counted: frozenset[FlowKey]  # flows of the time that histories are read again of, which had counted by then
    assets: frozenset[str]  # priced beside what is found: held before, and the benchmarks'

    @property
    def is_new(self) -> bool:
        """Whether the account was never read: then everything is asked for, as far back as it goes."""
        return not self.marks.cursors

    def without_gaps(self) -> "ReadingPlan":
        """The same for a second look, or for an account that was switched to another system: every wallet and history is
        asked, also what it did not have."""
        return replace(self, idle=frozenset(), marks=replace(self.marks, is_unexplained=True, absent={}))


def plan_reading(run: AccountRun) -> ReadingPlan:
    """What the reading of the run's account needs."""
    db, account = run.db, run.account
    last = load_last_reading(db, account.id, run.now)
    basket = {asset for config in load_configs(db, account.id) for asset in config.assets}
    return ReadingPlan(
        marks=load_source_marks(db, account.id),
        wallets=load_remembered(db, account.id, account.label),
        idle=load_idle_wallets(db, account.id, run.now),
        counted=load_counted_keys(db, account.id, run.now - LONGEST_AGAIN),
        assets=frozenset(basket | (load_assets(db, last.snapshot_id) if last else set())),
    )


async def read_account(run: AccountRun, plan: ReadingPlan) -> Reading:
    """A snapshot of the account, or why there is none."""
    seconds = run.client.deadline_seconds
    try:
        async with reading_deadline(seconds):
            with contained(f"Reading the account {run.account.label}"):
                await identify_account(run.db, run.client, run.account, run.now)
                if await notice_system(run):
                    plan = plan.without_gaps()
                return await _take_snapshot(run.connect(), plan, run.now)
    except MonitorError as failure:
        return failure
    except TimeoutError:
        return ExchangeError(
            f"Reading the account took longer than {seconds} s (ACCOUNT_DEADLINE_SECONDS). The next run tries again."
        )


async def _take_snapshot(account: Account, plan: ReadingPlan, now: datetime) -> Snapshot:
    lookback = Lookback(
        flows=look_back(account.flow_sources, plan.marks, now),
        income=look_back(account.income_sources, plan.marks, now),
        spare=find_spare(account.income_sources, plan.marks, now),
        counted=plan.counted,
    )
    snapshot = await take_snapshot(account, lookback, now, plan.idle)
    return replace(snapshot, histories=judge_histories(snapshot.histories, account.flow_sources, plan.marks))
