"""A market written straight into its tables: hours of a few symbols, waves for prices."""

from datetime import datetime
from typing import Any

from psycopg import Connection

HOURS = """
insert into market_hours (hour, market_id, minutes, close, volume, taker_buy, minute_closes)
select h, m.id, 60, round((100 * m.id + 10 * sin(i / 9.0))::numeric, 4), 10 + i %% 7, 5 + i %% 5,
       60 * round((100 * m.id + 10 * sin(i / 9.0 - 0.05))::numeric, 4)
from markets m, generate_series(0, %(hours)s - 1) as i
cross join lateral (select %(until)s::timestamptz - (i + 1) * interval '1 hour' as h) t
"""


def fill_market(owner: Connection[Any], *, hours: int, until: datetime, symbols: tuple[str, ...]) -> None:
    """The `hours` before the moment `until` of `symbols`."""
    with owner.transaction():
        owner.execute("set local search_path = monitor")
        for symbol in symbols:
            owner.execute("insert into markets (exchange, symbol) values ('binance', %(s)s)", {"s": symbol})
        owner.execute(HOURS, {"hours": hours, "until": until})
