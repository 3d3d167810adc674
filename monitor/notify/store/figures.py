"""How accounts fare, as rules of alerts judge it: a few rows by index, whatever the length of a history."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from monitor.notify.judgement import Figures, Level, Performance
from monitor.notify.store.alert_facts import DAY, load_judged_portfolios
from monitor.performance.store.highs import LOOKED_BACK
from sql.rows import Db, load_row, load_rows, load_value


def load_figures(db: Db, hour: datetime, behind_days: int) -> tuple[Figures, ...]:
    """How those fare that have a figure at `hour`: each tracked account, and each portfolio of more than one."""
    accounts = load_rows(
        db,
        _Judged,
        """
        select a.id, a.label, n.episode, n.units > 0 or n.unit_price = 0 as is_judged,
          b.id as benchmark_id, coalesce(b.name, '') as benchmark
        from accounts a
        join nav_history n
          on n.account_id = a.id
          and n.hour = %(hour)s
          and n.status in ('COMPLETE', 'RECONSTRUCTED')
        left join benchmark_configs b on b.account_id = a.id and b.is_default
        where a.enabled
          and (a.id > 0 or a.id = any(%(portfolios)s))
          and not exists (select from recomputations r where r.account_id = a.id)
        order by a.id
        """,
        {"hour": hour, "portfolios": list(load_judged_portfolios(db, hour))},
    )
    period = timedelta(days=behind_days)
    return tuple(
        Figures(
            account_id=account.id,
            label=account.label,
            performance=_load_performance(db, account, hour, period) if account.is_judged else None,
        )
        for account in accounts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """An account with a figure, and the benchmark that it is compared with."""

    id: int
    label: str
    episode: int
    is_judged: bool  # there is money in it, or all of it was lost
    benchmark_id: int | None
    benchmark: str


def _load_performance(db: Db, account: _Judged, hour: datetime, period: timedelta) -> Performance:
    level, day_start = _load_first(db, account, hour, hour), _load_first(db, account, hour - DAY, hour)
    return Performance(
        level=level,
        benchmark=account.benchmark,
        period_start=_load_first(db, account, hour - period, hour),
        day_start=day_start,
        day_flows=_load_flows(db, account.id, day_start.hour, hour),
        peak=_load_peak(db, account, hour) or level,
    )


def _load_first(db: Db, account: _Judged, since: datetime, until: datetime) -> Level:
    found = load_row(
        db,
        Level,
        """
        select n.hour, n.nav, n.unit_price, b.unit_price as benchmark_unit_price
        from nav_history n
        left join benchmark_history b
          on b.benchmark_id = %(benchmark)s
          and b.hour = n.hour
          and b.hour between %(since)s and %(until)s
        where n.account_id = %(id)s
          and n.hour between %(since)s and %(until)s
          and n.episode = %(episode)s
          and (n.unit_price > 0 or n.hour = %(until)s)
          and n.status in ('COMPLETE', 'RECONSTRUCTED')
        order by n.hour
        limit 1
        """,
        {
            "id": account.id,
            "benchmark": account.benchmark_id,
            "episode": account.episode,
            "since": since,
            "until": until,
        },
    )
    assert found
    return found


def _load_peak(db: Db, account: _Judged, hour: datetime) -> Level | None:
    """The highest unit price of a year, the first of equal ones; None where everything was lost before."""
    return load_row(
        db,
        Level,
        """
        select n.hour, n.nav, n.unit_price, null::numeric as benchmark_unit_price
        from unit_price_highs h
        join nav_history n using (account_id, hour)
        where h.account_id = %(id)s
          and h.hour between %(since)s and %(hour)s
          and n.episode = %(episode)s
          and n.unit_price > 0
        order by h.hour
        limit 1
        """,
        {"id": account.id, "episode": account.episode, "since": hour - LOOKED_BACK, "hour": hour},
    )


def _load_flows(db: Db, account_id: int, after: datetime, until: datetime) -> Decimal:
    flows: Decimal = load_value(
        db,
        """
        select coalesce(sum(flows), 0)
        from nav_history
        where account_id = %(id)s and hour > %(after)s and hour <= %(until)s
        """,
        {"id": account_id, "after": after, "until": until},
    )
    return flows
