"""Bytes on disk: what one account with 15 assets adds in a year, by table, indexes included."""

from collections.abc import Iterator

from bench.budgets import Line
from bench.five_years import ASSETS
from bench.stage import Stage

YEAR_MEGABYTES = 60.0
SMALLEST_SHOWN = 0.5
YEARS = 5
# Filling updates every row of these once, in bulk; the worker's updates reuse the room of older ones.
COMPACT = "vacuum full nav_history, snapshots"
SIZES = """
select relname as name, pg_total_relation_size(oid) / 1e6 as megabytes from pg_class
where relnamespace = 'monitor'::regnamespace and relkind = 'r' order by megabytes desc
"""


def measure_disk(five_years: Stage) -> Iterator[Line]:
    """Each table that matters, and the sum."""
    five_years.db.execute(COMPACT)
    sizes = {row["name"]: float(row["megabytes"]) / YEARS for row in five_years.db.execute(SIZES)}
    for name, megabytes in sizes.items():
        if megabytes >= SMALLEST_SHOWN:
            yield Line(what=f"  {name}", value=megabytes, unit="MB")
    what = f"a year of one account with {len(ASSETS)} assets, the combined row included"
    yield Line(what=what, value=sum(sizes.values()), unit="MB", budget=YEAR_MEGABYTES)
