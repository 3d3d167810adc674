"""Bytes on disk: what one account with 15 assets adds in a year, by table, indexes included."""

from collections.abc import Iterator
from datetime import timedelta

from bench.budgets import Line
from bench.five_years import ASSETS
from bench.stage import Stage
from monitor.market.market_hours import LONGEST as MARKET_KEPT

YEAR_MEGABYTES = 50.0
SMALLEST_SHOWN = 0.5
YEARS = 5
YEAR = timedelta(days=365)
# Filling updates every row of these once or twice, in bulk; the worker's updates reuse the room of older ones.
COMPACT = "vacuum full nav_history, snapshots, benchmark_history, market_hours"
SIZES = """
select relname as name, pg_total_relation_size(oid) / 1e6 as megabytes from pg_class
where relnamespace = 'monitor'::regnamespace and relkind = 'r' order by megabytes desc
"""


def measure_disk(five_years: Stage) -> Iterator[Line]:
    """Each table that matters, and the sum."""
    five_years.db.execute(COMPACT)
    sizes = {row["name"]: float(row["megabytes"]) for row in five_years.db.execute(SIZES)}
    for name, megabytes in sizes.items():
        if megabytes / YEARS >= SMALLEST_SHOWN:
            yield Line(what=f"  {name}", value=megabytes / YEARS, unit="MB")
    what = f"a year of one account with {len(ASSETS)} assets, the combined row included, of five"
    yield Line(what=what, value=sum(sizes.values()) / YEARS, unit="MB", budget=YEAR_MEGABYTES)
    market = sizes.pop("market_hours")
    first = sum(sizes.values()) / YEARS + market * (YEAR / MARKET_KEPT)
    what = f"  the first of them: the market's hours are kept for {MARKET_KEPT.days} days, and grow no more then"
    yield Line(what=what, value=first, unit="MB")
