"""Hours that have a NAV, and the state of units and benchmarks after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.benchmark import BenchmarkConfig, BenchmarkState
from finance.hour_status import RECONSTRUCTED_REASON, VALUED
from finance.track import TrackState
from finance.units import UnitState
from sql.rows import Db, load_row, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuedHour:
    """An hour that has a NAV."""

    hour: datetime
    taken_at: datetime
    nav: Decimal
    account: UnitState
    estimate: str = ""  # why its NAV is an estimate; empty: it is none


def load_last_valued(
    db: Db, account_id: int, *, taken_until: datetime, before: datetime | None = None
) -> ValuedHour | None:
    """The last hour with a NAV whose snapshot was taken at or before `taken_until`, and earlier than `before`."""
    return load_row(
        db,
        _read_valued,
        """
        select hour, taken_at, nav, reason, units, unit_price, invested, peak_nav, episode, losses
        from nav_history
        where account_id = %(id)s
          and status = any(%(valued)s)
          and taken_at <= %(until)s
          and hour < coalesce(%(before)s, 'infinity'::timestamptz)
        order by hour desc
        limit 1
        """,
        {"id": account_id, "valued": VALUED, "until": taken_until, "before": before},
    )


def load_next_valued(db: Db, account_id: int, taken_after: datetime) -> ValuedHour | None:
    """The first hour with a NAV whose snapshot was taken after `taken_after`."""
    return load_row(
        db,
        _read_valued,
        """
        select hour, taken_at, nav, reason, units, unit_price, invested, peak_nav, episode, losses
        from nav_history
        where account_id = %(id)s
          and status = any(%(valued)s)
          and taken_at > %(after)s
          and hour > %(after)s::timestamptz - interval '2 hours'
        order by hour
        limit 1
        """,
        {"id": account_id, "valued": VALUED, "after": taken_after},
    )


def load_valued_after(db: Db, account_id: int, hour: datetime) -> tuple[ValuedHour, ...]:
    """Every hour with a NAV after `hour`, in order."""
    return load_rows(
        db,
        _read_valued,
        """
        select hour, taken_at, nav, reason, units, unit_price, invested, peak_nav, episode, losses
        from nav_history
        where account_id = %(id)s and status = any(%(valued)s) and hour > %(hour)s
        order by hour
        """,
        {"id": account_id, "valued": VALUED, "hour": hour},
    )


def _read_valued(
    *,
    hour: datetime,
    taken_at: datetime,
    nav: Decimal,
    reason: str,
    units: Decimal | None,
    unit_price: Decimal | None,
    **others: Any,
) -> ValuedHour:
    return ValuedHour(
        hour=hour,
        taken_at=taken_at,
        nav=nav,
        estimate=reason.removeprefix(RECONSTRUCTED_REASON).removeprefix("; "),
        account=UnitState()
        if unit_price is None
        else UnitState(units=units or Decimal(0), unit_price=unit_price, **others),
    )


def load_track(db: Db, configs: Sequence[BenchmarkConfig], valued: ValuedHour) -> TrackState | None:
    """The fold's state after a valued hour; None when a benchmark was added since."""
    found = load_rows(
        db,
        _read_benchmark,
        """
        select benchmark_id, quantities, debt, units, unit_price, invested, peak_nav, episode, losses
        from benchmark_history
        where hour = %(hour)s and benchmark_id = any(%(ids)s)
        """,
        {"hour": valued.hour, "ids": [config.id for config in configs]},
    )
    states = dict(found)
    if len(states) < len(configs):
        return None
    return TrackState(account=valued.account, benchmarks=tuple(states[config.id] for config in configs))


def _read_benchmark(
    *, benchmark_id: int, quantities: list[Decimal], debt: Decimal, **units: Any
) -> tuple[int, BenchmarkState]:
    return benchmark_id, BenchmarkState(quantities=tuple(quantities), debt=debt, track=UnitState(**units))
