"""What a run came to, for a program: `python -m monitor run --json`.

Amounts are text in plain decimal notation (USDT unless an asset is named), times ISO 8601 in UTC; what is unknown is
null, never 0. Later versions may add names; the names below keep their meaning.

    hour, version, stored       stored: false for --dry-run
    is_complete                 every account's hour is complete
    weight                      request weight by rate-limit bucket
    accounts                    a list with one row for each enabled account:
        account, id, status     COMPLETE, PARTIAL or SUSPECT
        reason                  what is missing and why; empty when complete
        warnings                a list, what the owner should know of the key
        recorded_now            false: the hour was complete before, and its figures stayed
        nav, invested, unit_price   as stored for the hour; unit_price 100 is the account's beginning
        benchmarks              a list: name, nav, unit_price, difference (NAV minus the benchmark's),
                                difference_points (of time-weighted return since inception)
        read                    what this run saw, or null:
            taken_at, prices_at, nav
            wallets             wallet, state, problem
            holdings            wallet, asset, free, locked, owed, price, route, value
            flows               kind, id, state, asset, amount, fee, requested_at, completed_at
    combined                    all accounts as one: the same row, its read is null
    portfolios                  a list with one such row for each portfolio, with its key, that of all accounts first
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.decimals import plain
from monitor.commands.report import AccountReport, report_run
from monitor.cycle.result import CycleResult
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db
from sql.version import VERSION


def write_json(db: Db, result: CycleResult, labels: Mapping[int, str], *, now: datetime, stored: bool) -> str:
    """Everything a run saw and recorded, as the module describes it; `stored` is False for a dry run."""
    reports = report_run(db, result, labels, now)
    rows = [_row(report) for report in reports]
    result_fields = {
        "hour": result.hour,
        "version": VERSION,
        "stored": stored,
        "is_complete": result.is_complete,
        "weight": result.weight,
        "accounts": rows[: len(result.outcomes)],
        "combined": rows[len(result.outcomes)] if result.portfolios else None,
        "portfolios": [_portfolio_row(report) for report in reports if report.portfolio],
    }
    return json.dumps(result_fields, indent=2, ensure_ascii=False, default=_write)


def _write(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _row(report: AccountReport) -> dict[str, Any]:
    return {
        "account": report.label,
        "id": report.outcome.account_id,
        "status": report.outcome.status,
        "reason": report.outcome.reason,
        "warnings": report.warnings,
        "recorded_now": report.outcome.is_new,
        "nav": report.nav,
        "invested": report.invested,
        "unit_price": report.unit_price,
        "benchmarks": [
            {
                "name": one.name,
                "nav": one.nav,
                "unit_price": one.unit_price,
                "difference": one.difference,
                "difference_points": one.points,
            }
            for one in report.benchmarks
        ],
        "read": _read(report.reading) if report.reading else None,
    }


def _portfolio_row(report: AccountReport) -> dict[str, Any]:
    return {"key": report.portfolio, **_row(report)}


def _read(reading: ValuedReading) -> dict[str, Any]:
    return {
        "taken_at": reading.snapshot.taken_at,
        "prices_at": reading.prices_at,
        "nav": reading.valuation.nav,
        "wallets": [{"wallet": w.wallet, "state": w.state, "problem": w.problem} for w in reading.judged.wallets],
        "holdings": [
            {
                "wallet": h.wallet,
                "asset": h.asset,
                "free": h.balance.free,
                "locked": h.balance.locked,
                "owed": h.balance.owed,
                "price": h.price,
                "route": h.route,
                "value": h.value,
            }
            for h in reading.valuation.holdings
        ],
        "flows": [
            {
                "kind": f.kind,
                "id": f.exchange_id,
                "state": f.state,
                "asset": f.asset,
                "amount": f.amount,
                "fee": f.fee,
                "requested_at": f.requested_at,
                "completed_at": f.completed_at,
            }
            for f in reading.snapshot.flows
        ],
    }
