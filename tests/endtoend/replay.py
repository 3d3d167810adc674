"""Recorded prices, one account, five flows: every stored figure of every hour against the independent calculation.

    python -m tests.endtoend.replay --klines FOLDER --start 2023-02-14 --days 90

FOLDER holds {SYMBOL}-1m.csv[.gz] and {SYMBOL}-1h.csv[.gz] with open_time_ms, open, high, low, close, volume.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.settings import read_settings
from paper.market.replay import ReplayMarket
from sql import embedded
from sql.connect import connect
from sql.migrate import migrate
from tests.endtoend.comparison import Comparison, compare_account
from tests.endtoend.journey import Journey
from tests.independent.portfolio import unrounded
from tests.venue import KEY, SECRET, RunningVenue
from tests.worker import Worker

LABEL = "test"


def tell_story(days: int) -> str:
    """A life of `days`: five flows at uneven times, and trades, Earn and a position in hours without a flow."""
    day = [round(days * share) for share in (0.1, 0.2, 0.32, 0.45, 0.55, 0.7, 0.85)]
    return f"""
    +0m account {LABEL} key {KEY} secret {SECRET}
    +0m deposit 20000 USDT
    +1m buy for 6000 BTCUSDT
    +1m buy for 5000 ETHUSDT
    +2m buy for 2000 SOLUSDT
    +0d06:40 transfer 3000 USDT from spot to earn_flexible
    +0d07:40 transfer 10 SOL from spot to earn_locked
    +{day[0]}d03:17 deposit 0.35000001 BTC credited after 35m
    +{day[1]}d12:30 buy for 1111.11 ETHUSDT
    +{day[2]}d18:00 deposit 7654.321 USDT
    +{day[2]}d20:30 sell 0.1 BTCUSDT
    +{day[3]}d21:41 withdraw 1.23456789 ETH fee 0.00096 completed after 47m
    +{day[4]}d09:45 transfer 900 USDT from spot to futures
    +{day[4]}d10:15 long 0.02 BTCUSDT
    +{day[4] + 1}d11:15 close BTCUSDT
    +{day[5]}d23:59 withdraw 4321.5 USDT fee 1
    +{day[6]}d05:33 deposit 12.5 SOL credited after 3h
    every day 02:10 interest 6.5 USDT
    """


def main() -> int:
    """Replay once in a database of its own and say what was compared; returns 1 if a digit differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--klines", type=Path, required=True)
    parser.add_argument("--start", type=datetime.fromisoformat, default="2023-02-14")
    parser.add_argument("--days", type=int, default=90)
    told = parser.parse_args()
    start, story = told.start.replace(tzinfo=UTC), tell_story(told.days)
    venue = RunningVenue(ReplayMarket(told.klines), story, start, start + timedelta(minutes=30))
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        Path(folder).chmod(0o755)
        with embedded.attached(Path(folder)):
            outcomes = _replay_in(Path(folder), venue, story, start, told.days)
    venue.stop()
    exact, true = outcomes
    print(f"{exact.rows} rows, {exact.figures} figures compared, {len(exact.differing)} differ")
    print(f"largest distance from the values without any rounding: {float(true.largest):.1e}")
    print(*exact.differing[:20], sep="\n")
    return 1 if exact.differing else 0


def _replay_in(
    folder: Path, venue: RunningVenue, story: str, start: datetime, days: int
) -> tuple[Comparison, Comparison]:
    with connect(embedded.url(folder, "owner"), name="migrate") as owner:
        migrate(owner)
    settings = read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(folder)})
    with connect(embedded.url(folder, "worker"), name="replay") as db:
        worker = Worker(db, settings)
        worker.add(LABEL)
        with Journey(venue, worker, story, start) as journey:
            journey.run_hours(24 * days)
            return compare_account(journey, 1, LABEL), compare_account(journey, 1, LABEL, cut=unrounded)


if __name__ == "__main__":
    sys.exit(main())
