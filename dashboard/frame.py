"""The facts around every page: which account, which stretch of its history, compared with what."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.alarms import UNEXPLAINED, Alarm, judge_alarms
from dashboard.display import Display
from dashboard.errors import BadChoice, NotThere
from dashboard.history.accounts import (
    Account,
    Benchmark,
    OwnerWarning,
    load_accounts,
    load_benchmarks,
    load_every,
    load_present,
    load_warnings,
)
from dashboard.history.alarms import AlarmFact, load_alarm_facts
from dashboard.history.runs import load_last_run
from dashboard.history.track import Point, load_ends, load_extent
from dashboard.periods import Window, find_bounds, find_window
from dashboard.view import View
from sql.rows import Db, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The stretch of an account's history that a view shows, between two valued hours."""

    window: Window
    first: datetime  # the history's first valued hour
    last: datetime  # and its last
    start: Point  # account and benchmark at the period's start
    end: Point  # and at its end

    @property
    def is_one_hour(self) -> bool:
        """Whether there is nothing between start and end."""
        return self.start.hour == self.end.hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a page needs to know before its own figures."""

    view: View
    version: str
    account: Account | None  # what is shown, an account or a portfolio; None: there is no account yet
    accounts: list[Account]  # what can be chosen: portfolios, then accounts
    benchmarks: tuple[Benchmark, ...]
    benchmark: Benchmark | None  # what the account is compared with
    history: tuple[datetime, datetime] | None  # first and last valued hour; None: there is none yet
    span: Span | None  # None: no valued hour in the period
    warnings: list[OwnerWarning]
    alarm_facts: tuple[AlarmFact, ...]
    run: Row | None

    @property
    def display(self) -> Display:
        """The currency and the clock."""
        return self.view.display

    @property
    def currency(self) -> str:
        """What amounts are in."""
        return self.view.currency

    @property
    def account_id(self) -> int:
        """The account's number."""
        assert self.account
        return self.account.account_id

    @property
    def bounds(self) -> tuple[datetime, datetime | None]:
        """From when lists go, and to when; None: to the present. Without a valued hour in the period there are some, too."""
        window = self.span.window if self.span else None
        return (window.since, window.through) if window else find_bounds(self.view.period, self.display.tz)

    @property
    def is_portfolio(self) -> bool:
        """Whether several accounts are shown as one."""
        return self.account_id <= 0

    @property
    def benchmark_name(self) -> str:
        """The name of the benchmark, for an account that has a history."""
        assert self.benchmark
        return self.benchmark.name

    @property
    def basket(self) -> str:
        """What the account is compared with: 50/50 BTC/ETH."""
        return self.benchmark.basket if self.benchmark else "the benchmark"

    @property
    def rival(self) -> str:
        """The same in a sentence: simply holding 50/50 BTC/ETH."""
        return self.benchmark.rival if self.benchmark else "the benchmark"

    @property
    def shown(self) -> Span:
        """The span, of a page that is only made when there is one."""
        assert self.span
        return self.span

    def alarms(self, now: datetime) -> list[Alarm]:
        """What the reader must not overlook, of every account, the gravest first; also what is acknowledged."""
        return judge_alarms(self.alarm_facts, self.display.local(now))

    @property
    def marked(self) -> tuple[datetime, ...]:
        """The hours of the span whose change no record explains, unless that is acknowledged; in order."""
        if self.span is None:
            return ()
        known = (fact for fact in self.alarm_facts if fact.kind in UNEXPLAINED and fact.is_shown)
        hours = {fact.since for fact in known if fact.acknowledged_at is None}
        return tuple(sorted(hour for hour in hours if self.span.start.hour < hour <= self.span.end.hour))

    def is_touched(
        self,
        alarms: Iterable[Alarm],
        start: datetime | None = None,
        end: datetime | None = None,
        of: Collection[int] | None = None,
    ) -> bool:
        """Whether figures from `start` to `end`, usually the span's, are wrong or old by one of the `alarms`.

        `of` are the accounts that they are made of, where those are not all that are shown.
        """
        if self.span is None:
            return False
        bounds = start or self.span.start.hour, end or self.span.end.hour, self.span.last
        concerned = (alarm for alarm in alarms if alarm.is_shown and (of is None or not alarm.accounts.isdisjoint(of)))
        return any(alarm.touches(*bounds) for alarm in concerned)


def load_frame(db: Db, view: View, version: str) -> Frame:
    """The frame of a view. Raises NotThere for an unknown portfolio or account."""
    accounts = load_accounts(db)
    account = _pick(load_every(db), view) if view.portfolio or view.account else _pick_usual(accounts)
    if view.exchange and account:
        account = _pick_at(db, accounts, account, view.exchange)
    benchmarks = load_benchmarks(db, account.account_id) if account else ()
    benchmark = _pick_benchmark(benchmarks, view.benchmark)
    extent = load_extent(db, account.account_id, view.currency) if account else None
    history = (extent.first, extent.last) if extent and extent.first and extent.last else None
    return Frame(
        view=view,
        version=version,
        account=account,
        accounts=accounts,
        benchmarks=benchmarks,
        benchmark=benchmark,
        history=history,
        span=_span(
            db, account.account_id, benchmark.name, find_window(view.period, *history, view.display.tz), view, *history
        )
        if account and benchmark and history
        else None,
        warnings=load_warnings(db),
        alarm_facts=load_alarm_facts(db, account.account_id if account else None),
        run=load_last_run(db),
    )


def _pick(accounts: Iterable[Account], view: View) -> Account:
    """The portfolio by its key, or of what has a number or label. Raises NotThere."""
    for account in accounts:
        if view.portfolio and account.portfolio == view.portfolio:
            return account
        if view.account and view.account == str(account.account_id):
            return account
    labelled = [account for account in accounts if view.account and account.label == view.account]
    if labelled:
        return labelled[0]
    if view.portfolio:
        known = ", ".join(account.portfolio for account in accounts if account.portfolio)
        raise NotThere(f"There is no portfolio {view.portfolio}. There are: {known}.")
    raise NotThere(f"There is no account {view.account}. It may have been disabled.")


def _pick_at(db: Db, accounts: list[Account], shown: Account, exchange: str) -> Account:
    """The one account of what is shown that is at an exchange. Raises NotThere for none, and BadChoice for several."""
    members = load_present(db, shown.account_id)
    found = [one for one in accounts if one.account_id in members and one.exchange == exchange]
    if not found:
        raise NotThere(f"None of these accounts is at {exchange}.")
    if len(found) > 1:
        labels = ", ".join(f"account={one.account_id} ({one.label})" for one in found)
        raise BadChoice(
            f"Several accounts are at {exchange}: {labels}. Say which is meant, or make a portfolio of them."
        )
    return found[0]


def _pick_usual(accounts: list[Account]) -> Account | None:
    """All accounts together where there are several, else the only one: never a portfolio that somebody made."""
    return next((account for account in accounts if account.account_id >= 0), None)


def _pick_benchmark(benchmarks: Sequence[Benchmark], name: str) -> Benchmark | None:
    if not name:
        return benchmarks[0] if benchmarks else None
    for benchmark in benchmarks:
        if benchmark.name == name:
            return benchmark
    known = ", ".join(benchmark.name for benchmark in benchmarks)
    raise BadChoice(f"The benchmark is one of: {known or 'none yet'}.")


def _span(
    db: Db, account_id: int, benchmark: str, window: Window | None, view: View, first: datetime, last: datetime
) -> Span | None:
    if window is None:
        return None
    ends = load_ends(db, account_id, benchmark, window.since, window.until, view.currency)
    return Span(window=window, first=first, last=last, start=ends[0], end=ends[1]) if ends else None
