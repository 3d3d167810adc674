"""Explanations, gains, trades and fees of three years derived from the database, and an hour of many fills after few and many.

Coins come and go within an hour, bought and sold at one price, with a fee in BNB that is paid back: what is held at the
hour stays as `five_years` made it. `python -m bench.trades DATA_DIR` derives all of an embedded database again.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.budgets import Line
from bench.five_years import HOUR, fill
from bench.stage import run_program
from finance.moments import EPOCH, hour_of
from monitor.performance.explaining import compute_explanations, derive_explanations
from monitor.performance.store.valued_hours import load_valued_after
from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from sql.rows import Db, load_value

ASSETS = ("USDT", "BTC", "ETH", "BNB")
FEW, MANY = 250, 25_000  # hours
AN_HOUR, MANY_FILLS = 4, 20  # fills
REBUILD_SECONDS, REBUILD_MEGABYTES, HOUR_SECONDS, DISK_MEGABYTES = 8.0, 250.0, 0.1, 60.0
SAMPLES = 5
TRADE = """
    insert into monitor.fills (
      account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset, quote_quantity, fee_asset, fee,
      occurred_at, first_seen_at
    )
    select %(account)s, 'spot', coin || 'USDT', h || '-' || n, n, coin, side * 10, 'USDT', side * -1000, 'BNB', side * 0.001,
      at - interval '57 minutes' + n * interval '2 minutes', at
    from (
      select hour as at, extract(epoch from hour)::bigint / 3600 as h
      from monitor.nav_history
      where account_id = %(account)s and hour between %(first)s and %(last)s
    ) hours
    cross join generate_series(1, %(fills)s) as n
    cross join lateral (select 'COIN' || (h + (n + 1) / 2) %% 20 as coin, case n %% 2 when 1 then 1 else -1 end as side) what
    order by at, n
    """
SIZES = """
    select coalesce(sum(pg_total_relation_size(oid)), 0) / 1e6
    from pg_class
    where relnamespace = 'monitor'::regnamespace and relname in ('fills', 'trades', 'trade_moves', 'other_fees')
    """


def measure_trades() -> Iterator[Line]:
    """What a late fill of the first hour costs at most, what an hour costs, and what fills and trades take on disk."""
    with tempfile.TemporaryDirectory() as folder, embedded.attached(Path(folder)):
        url, until = embedded.url(Path(folder), "owner"), hour_of(datetime.now(UTC))
        with connect(url, name="bench") as db:
            migrate(db)
            account = fill(db, "trader", until=until, hours=MANY, assets=ASSETS)
            empty = float(load_value(db, SIZES))
            _trade(db, account, until, FEW, AN_HOUR)
            few = _measure_hour(db, account, until)
            # As hours write them, one after the other: between what lies there already indexes fill by half.
            db.execute("truncate monitor.trades, monitor.trade_orders, monitor.trade_moves, monitor.other_fees")
            db.execute("delete from monitor.fills")
            db.execute("vacuum")
            _trade(db, account, until, MANY - 1, AN_HOUR)
        printed = run_program(["-m", "bench.trades", folder], dict(os.environ))
        explaining, seconds, megabytes = map(float, printed.split())
        with connect(url, name="bench") as db:
            fills = load_value(db, "select count(*) from monitor.fills")
            yield Line(
                what=f"{fills:,} fills in {MANY:,} hours derived again", value=seconds, unit="s", budget=REBUILD_SECONDS
            )
            yield Line(what="  reading and explaining, alone", value=explaining, unit="s")
            yield Line(
                what="  gains, trades, exits, fees, and writing all: the rest", value=seconds - explaining, unit="s"
            )
            yield Line(what="  at most in memory", value=megabytes, unit="MiB", budget=REBUILD_MEGABYTES)
            many = _measure_hour(db, account, until)
            yield Line(
                what=f"an hour of {MANY_FILLS} fills after {FEW * AN_HOUR:,}", value=few, unit="s", samples=SAMPLES
            )
            what = f"  after {fills:,}"
            yield Line(what=what, value=many, unit="s", samples=SAMPLES, budget=HOUR_SECONDS)
            size = (float(load_value(db, SIZES)) - empty) * 100_000 / fills
            yield Line(what="fills, trades and fees of 100,000 fills", value=size, unit="MB", budget=DISK_MEGABYTES)


def _trade(db: Db, account: int, last: datetime, hours: int, fills: int) -> None:
    with db.transaction():
        db.execute(TRADE, {"account": account, "first": last - (hours - 1) * HOUR, "last": last, "fills": fills})
    db.execute("analyze")


def _measure_hour(db: Db, account: int, until: datetime) -> float:
    """The last hour derived with as many fills, in seconds."""
    with db.transaction(force_rollback=True):
        db.execute("delete from monitor.fills where occurred_at > %s", [until - HOUR])
        _trade(db, account, until, 1, MANY_FILLS)
        return median(_derive(db, account, [until - HOUR, until]) for _ in range(SAMPLES))


def _explain(db: Db, account: int, hours: list[datetime]) -> float:
    """All that comes before gains and trades, in seconds; nothing is written."""
    began = perf_counter()
    for _ in compute_explanations(db, account, hours):
        pass
    return perf_counter() - began


def _derive(db: Db, account: int, hours: list[datetime]) -> float:
    began = perf_counter()
    with db.transaction():
        derive_explanations(db, account, hours)
    return perf_counter() - began


def main() -> int:
    """Explain every hour of the embedded database in DATA_DIR, then derive all again; prints the seconds of both, and the most
    MiB in memory."""
    gc.freeze()  # as `python -m monitor` does once its imports are done
    with connect(embedded.url(Path(sys.argv[1]), "worker"), name="bench") as db:
        account = load_value(db, "select min(id) from accounts where id > 0")
        hours = [valued.hour for valued in load_valued_after(db, account, EPOCH)]
        explaining, seconds = _explain(db, account, hours), _derive(db, account, hours)
    # getrusage would count what the process was before it became this program, too.
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    print(explaining, seconds, int(peak) / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
