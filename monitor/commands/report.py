"""What a run came to, for a person: per account its NAV, the benchmarks and what it holds, or why that is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from finance.hour_status import Outcome
from finance.portfolios import ALL_ACCOUNTS
from finance.valuation import Holding
from monitor.accounts.store.keys import load_warnings
from monitor.accounts.store.portfolios import load_portfolios
from monitor.cycle.result import CycleResult
from monitor.performance.store.history import HourFigures, load_hour_figures
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkFigures:
    """A benchmark's hour beside the account's."""

    name: str
    nav: Decimal
    unit_price: Decimal
    difference: Decimal  # account's NAV minus the benchmark's
    points: Decimal  # time-weighted return since inception minus the benchmark's, in percentage points


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """One account's hour, as it is stored, and what was read for it."""

    label: str
    outcome: Outcome
    warnings: tuple[str, ...]
    nav: Decimal | None
    invested: Decimal | None
    unit_price: Decimal | None
    benchmarks: tuple[BenchmarkFigures, ...]
    reading: ValuedReading | None  # None: nothing could be read, or a portfolio
    portfolio: str = ""  # its key; empty: an account


NO_FIGURES = HourFigures(name="", nav=None, unit_price=None, invested=None)


def report_run(db: Db, result: CycleResult, labels: Mapping[int, str], now: datetime) -> tuple[AccountReport, ...]:
    """The reports of every account of the run, then the portfolios', that of all accounts first."""
    warnings = load_warnings(db, now)
    reports = [
        _report(db, result, outcome, labels[outcome.account_id], warnings.get(outcome.account_id, ()))
        for outcome in result.outcomes
    ]
    known = {portfolio.id: portfolio for portfolio in load_portfolios(db)}
    for outcome in result.portfolios:
        portfolio = known[outcome.account_id]
        reports.append(replace(_report(db, result, outcome, portfolio.label, ()), portfolio=portfolio.key))
    return tuple(reports)


def _report(db: Db, result: CycleResult, outcome: Outcome, label: str, warnings: tuple[str, ...]) -> AccountReport:
    # An account that waits for its turn has no row of this hour yet.
    account, *benchmarks = load_hour_figures(db, outcome.account_id, result.hour) or [NO_FIGURES]
    return AccountReport(
        label=label,
        outcome=outcome,
        warnings=warnings,
        nav=account.nav,
        invested=account.invested,
        unit_price=account.unit_price,
        benchmarks=tuple(_compare(account, one) for one in benchmarks) if account.nav is not None else (),
        reading=result.readings.get(outcome.account_id),
    )


def _compare(account: HourFigures, benchmark: HourFigures) -> BenchmarkFigures:
    # A benchmark has a row only in hours in which the account has a NAV, and never one without figures.
    assert account.nav is not None and account.unit_price is not None
    assert benchmark.nav is not None and benchmark.unit_price is not None
    return BenchmarkFigures(
        name=benchmark.name,
        nav=benchmark.nav,
        unit_price=benchmark.unit_price,
        difference=account.nav - benchmark.nav,
        points=account.unit_price - benchmark.unit_price,  # both started at 100
    )


def format_result(db: Db, result: CycleResult, labels: Mapping[int, str], *, now: datetime, stored: bool) -> str:
    """A readable table of the run; `stored` is False for a dry run."""
    reports = report_run(db, result, labels, now)
    if len(result.outcomes) < 2:  # all accounts are this one
        reports = tuple(report for report in reports if report.outcome.account_id != ALL_ACCOUNTS)
    parts = [f"Hour {result.hour:%Y-%m-%d %H:%M} UTC" + ("" if stored else " (dry run: nothing is stored)")]
    parts += [_format_account(report) for report in reports]
    if result.weight:
        parts.append("Request weight: " + ", ".join(f"{name} {used}" for name, used in result.weight.items()))
    return "\n\n".join(parts)


def _format_account(report: AccountReport) -> str:
    again = "" if report.outcome.is_new else " (this hour was complete before: its figures stay)"
    lines = [f"{report.label}: {report.outcome.status}{again}"]
    if report.outcome.reason:
        lines.append(f"  {report.outcome.reason}")
    lines += [f"  WARNING: {warning}" for warning in report.warnings]
    if report.reading:
        holdings = sorted(report.reading.valuation.holdings, key=lambda h: -(h.value or Decimal(0)))
        lines += [_format_holding(holding) for holding in holdings]
    lines.append(_format_figures("account", report.nav, report.unit_price))
    for one in report.benchmarks:
        difference = f"   difference {one.difference:+,.2f} USDT, {one.points:+,.2f} points"
        lines.append(_format_figures(f"benchmark {one.name}", one.nav, one.unit_price) + difference)
    return "\n".join(lines)


def _format_holding(holding: Holding) -> str:
    value = "no price" if holding.value is None else f"{holding.value:,.2f}"
    quantity = f"{holding.balance.quantity:,.8f}".rstrip("0").rstrip(".")
    return f"  {holding.wallet:<14}{holding.asset:<8}{quantity:>24}{value:>18}  {holding.route}"


def _format_figures(name: str, nav: Decimal | None, unit_price: Decimal | None) -> str:
    return f"  {name:<24}{_money(nav):>18} USDT   unit price {_money(unit_price, 4)}"


def _money(value: Decimal | None, decimals: int = 2) -> str:
    return "unknown" if value is None else f"{value:,.{decimals}f}"
