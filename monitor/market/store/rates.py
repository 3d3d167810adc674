"""What other currencies cost in USDT, hour by hour. Only ever added to."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sql.rows import Db, load_dict, load_value, load_values


def record_rates(db: Db, currency: str, rates: Mapping[datetime, Decimal | None], source: str) -> None:
    """Add the rates of hours that have none yet; None: the exchange has none of that hour."""
    db.execute(
        """
        insert into rates (currency, hour, rate, source)
        select %(currency)s, hour, rate, %(source)s
        from unnest(%(hours)s::timestamptz[], %(rates)s::numeric[]) as new (hour, rate)
        on conflict do nothing
        """,
        {"currency": currency, "hours": list(rates), "rates": list(rates.values()), "source": source},
    )


def load_last_rates(db: Db, since: datetime, before: datetime) -> dict[str, Decimal]:
    """By currency, its newest rate of the hours from `since` on and before `before`."""
    return load_dict(
        db,
        """
        select distinct on (currency) currency, rate
        from rates
        where hour >= %(since)s and hour < %(before)s and rate is not null
        order by currency, hour desc
        """,
        {"since": since, "before": before},
    )


def is_any_rate_known(db: Db) -> bool:
    """Whether there is a rate of any hour."""
    return bool(load_value(db, "select exists (select from rates)"))


def load_hours_without_rate(db: Db, currency: str, since: datetime, limit: int) -> list[datetime]:
    """Valued hours from `since` on of which nobody has asked for the currency's rate, the newest first."""
    return load_values(
        db,
        """
        select distinct n.hour::timestamptz as hour
        from nav_history n
        where n.unit_price is not null
          and n.hour >= %(since)s
          and not exists (select from rates r where r.currency = %(currency)s and r.hour = n.hour)
        order by hour desc
        limit %(limit)s
        """,
        {"currency": currency, "since": since, "limit": limit},
    )
