"""Prices of earlier runs."""

from datetime import datetime
from decimal import Decimal

from monitor.database import Db


def load_last_prices(db: Db, exchange: str, hour: datetime) -> dict[str, Decimal]:
    """By asset, the prices at which the exchange's accounts were last valued before `hour`; they were all believed."""
    rows = db.execute(
        "select distinct on (p.asset) p.asset, p.price from accounts a cross join lateral (select s.prices_at"
        " from snapshots s where s.account_id = a.id and s.hour < %(hour)s order by s.hour desc, s.id desc limit 1) last"
        " join ticker_prices p on p.exchange = a.exchange and p.at = last.prices_at"
        " where a.exchange = %(exchange)s order by p.asset, p.at desc",
        {"exchange": exchange, "hour": hour},
    )
    return {row["asset"]: row["price"] for row in rows}
