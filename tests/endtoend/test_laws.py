"""Laws of a run over whole stories: twice equals once, and the order of the accounts changes nothing."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor.settings import read_settings
from sql.connect import connect
from tests.endtoend.contents import read_contents, tell_differences
from tests.endtoend.journey import Journey
from tests.postgres import Server, open_database
from tests.venue import MARKET, RunningVenue
from tests.worker import Worker

START = datetime(2026, 3, 31, 20, tzinfo=UTC)  # a month turns on the way
HOURS = 6
NAMES = ("one", "two")
# How far histories and when idle wallets were looked at: an account's day begins at an hour of its number.
TURNS = ("flow_cursors", "account_wallets")
ACCOUNT = """
+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789
+0m deposit 50000 USDT
+0m deposit 3 BTC
+1m buy for 9000 ETHUSDT
"""


def amounts(least: str, most: str) -> st.SearchStrategy[str]:
    """Amounts with up to eight decimals, as text."""
    return st.decimals(least, most, places=8).map(lambda amount: f"{amount:f}")


delays = st.integers(1, 150).map(lambda minutes: f"{minutes}m")
endings = st.tuples(st.sampled_from(["completed", "cancelled", "rejected"]), delays).map(" after ".join)
deposits = st.builds(
    "deposit {} {} {}".format,
    amounts("0.00000001", "900"),
    st.sampled_from(["USDT", "BTC", "ETH", "SOL", "XMR", "TRY"]),
    st.one_of(st.just(""), delays.map("credited after {}".format), delays.map("shown after {}".format)),
)
withdrawals = st.builds("withdraw {} USDT fee 1 {}".format, amounts("1", "4000"), st.one_of(st.just(""), endings))
others = st.one_of(
    st.builds("buy for {} BTCUSDT".format, amounts("10", "900")),
    st.builds("transfer {} BTC from spot to earn_locked".format, amounts("0.1", "0.3")),
    st.builds("vanish {} USDT".format, amounts("1", "4000")),
)
events = st.builds("+{}m {}".format, st.integers(62, HOURS * 60), st.one_of(deposits, withdrawals, others))
stories = st.lists(st.lists(events, max_size=5), min_size=len(NAMES), max_size=len(NAMES))


LIVES = int(os.environ.get("LAW_LIVES", "1"))  # each is three monitors through a whole story


def write(lives: Sequence[Sequence[str]]) -> str:
    """The story of the accounts, the first life for the first name."""
    return "".join(
        ACCOUNT.format(name=name) + "".join(f"{event}\n" for event in life)
        for name, life in zip(NAMES, lives, strict=True)
    )


@settings(
    max_examples=LIVES,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # shrinking whole histories would take longer than anyone waits
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lives=stories)
def test_running_twice_or_with_the_accounts_in_another_order_changes_nothing(
    lives: list[list[str]], server: Server, tmp_path: Path
) -> None:
    story = write(lives)
    with ExitStack() as stack:
        venue = RunningVenue(MARKET, story, START, START + timedelta(minutes=30))
        stack.callback(venue.stop)
        once, twice, permuted = (_open(stack, server, venue, tmp_path, story) for _ in range(3))
        for journey, names in ((once, NAMES), (twice, NAMES), (permuted, NAMES[::-1])):
            for name in names:
                journey.worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
        for number in range(1, HOURS + 1):
            venue.set_clock(START + timedelta(hours=number, minutes=2))
            for journey in (once, permuted):
                journey.run_here()
                venue.control("/weights", method="DELETE")  # three monitors share an address and a minute here alone
            if twice.run_here().is_complete:  # else another run may see what this one could not
                twice.run_here()
                venue.set_clock(START + timedelta(hours=number, minutes=22))
                twice.run_here()
            venue.control("/weights", method="DELETE")

        expected = read_contents(once.worker.db)
        for differences in (
            tell_differences(read_contents(twice.worker.db), expected),
            tell_differences(read_contents(permuted.worker.db), expected, besides=TURNS),
        ):
            if differences:
                pytest.fail(f"{story}\n{differences}")


def _open(stack: ExitStack, server: Server, venue: RunningVenue, folder: Path, story: str) -> Journey:
    database = stack.enter_context(open_database(server))
    db = stack.enter_context(connect(database.worker_url, name="laws"))
    worker = Worker(db, read_settings({"BINANCE_BASE_URL": venue.url, "DATA_DIR": str(folder)}))
    journey = stack.enter_context(Journey(venue, worker, story, START))
    journey.most_fill_calls = 10_000  # a search that is cut short goes on with the next run
    return journey
