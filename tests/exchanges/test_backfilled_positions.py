"""Hours rebuilt before the first reading have no NAV while a position may be open that began before them; over HTTP, to a real
Postgres.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.commands.backfill import run_backfill
from monitor.performance.verification import verify
from tests.exchanges.test_contract_hours import ACCOUNTS, MONEY
from tests.venue import START
from tests.venue import Opener as OpenVenue
from tests.worker import Opener, Worker

HOUR = timedelta(hours=1)
SINCE, RUN = 3, 10  # hours after the story's start: the first one asked for, the only reading
Life = Mapping[int, tuple[str, ...]]  # what happens half an hour after these
LIVES: dict[str, tuple[Life, int]] = {  # and the hour after which nothing is open
    "closed": ({0: ("long 0.2 BTCUSDT",), 5: ("close BTCUSDT",)}, 5),
    "reduced": ({0: ("long 0.2 BTCUSDT",), 4: ("close 0.05 BTCUSDT",), 6: ("close BTCUSDT",)}, 6),
    "enlarged": ({0: ("long 0.2 BTCUSDT",), 4: ("long 0.1 BTCUSDT",), 6: ("close BTCUSDT",)}, 6),
    "flipped": ({0: ("long 0.2 BTCUSDT",), 4: ("short 0.4 BTCUSDT",), 6: ("close BTCUSDT",)}, 6),
    "liquidated": ({0: ("short 3 ETHUSDT",), 5: ("liquidate ETHUSDT",)}, 5),
    "hedged": (
        {0: ("hedge on", "long 0.2 BTCUSDT", "short 0.2 BTCUSDT"), 4: ("close BTCUSDT long",), 6: ("close BTCUSDT short",)},
        6,
    ),
    "one side closed, the other opened": (
        {0: ("hedge on", "long 0.2 BTCUSDT"), 4: ("short 0.2 BTCUSDT",), 6: ("close BTCUSDT long", "close BTCUSDT short")},
        6,
    ),
    "an option, whose fills nobody reads": (
        {0: ("transfer 900 USDT from spot to options",), 4: ("option buy 0.5 ETH-C at 900 fee 1",), 6: ("option settle ETH-C at 950",)},
        6,
    ),
    "coin": ({0: ("long 7 BTCUSD_PERP",), 5: ("close BTCUSD_PERP",)}, 5),
}  # fmt: skip
ELSEWHERE = (  # MEXC's limits make each of its rebuildings take a dozen seconds
    *(("bitget classic", "closed"), ("bitget unified", "enlarged"), ("mexc", "closed")),
    *(("gate classic", "closed"), ("gate classic", "enlarged")),
)


def rebuild(account: str, life: Life, open_venue: OpenVenue, open_worker: Opener, broken: str = "") -> Worker:
    """The worker after one reading and a rebuilding of the hours before it, while a path is `broken`."""
    story, credentials = ACCOUNTS[account]
    told = "".join(f"+{hour:02}:30 {line}\n" for hour, lines in life.items() for line in lines)
    venue = open_venue(story + MONEY + told, stands=START + RUN * HOUR)
    worker = open_worker(venue)
    worker.add_at(account.partition(" ")[0], "Ann", credentials)
    if broken:
        venue.fault(broken, {"status": 503, "body": ""})
    worker.run(venue.now())
    asked: Any = SimpleNamespace(since=START + SINCE * HOUR, until=None, account=None, again=False, all=False)
    run_backfill(worker.db, worker.settings, asked, datetime.now(UTC))
    assert verify(worker.db).differences == ()
    return worker


def known_hours(worker: Worker) -> list[int]:
    """The hours with a NAV, counted from the story's start."""
    return [(hour["hour"] - START) // HOUR for hour in worker.hours() if hour["nav"] is not None]


@pytest.mark.parametrize(
    ("account", "life"),
    [*(("binance", life) for life in LIVES), *ELSEWHERE],
)  # fmt: skip
def test_hours_have_no_nav_while_what_began_before_them_is_open(
    account: str, life: str, open_venue: OpenVenue, open_worker: Opener
) -> None:
    happened, last = LIVES[life]
    worker = rebuild(account, happened, open_venue, open_worker)

    assert known_hours(worker) == list(range(last + 1, RUN + 1))
    assert worker.rows("select * from trades where settle is not null") == []


@pytest.mark.parametrize("account", ["binance", "bitget unified", "gate classic"])
def test_hours_before_an_opening_are_known_where_fills_prove_it(
    account: str, open_venue: OpenVenue, open_worker: Opener
) -> None:
    life = {5: ("long 0.2 BTCUSDT",), 6: ("long 0.1 BTCUSDT",), 7: ("close BTCUSDT",)}
    worker = rebuild(account, life, open_venue, open_worker)

    assert known_hours(worker) == [3, 4, 5, 8, 9, 10]
    assert [hour["reason"].count("a position in BTC") for hour in worker.hours() if hour["nav"] is None] == [1, 1]


def test_fills_that_can_not_be_read_prove_nothing(open_venue: OpenVenue, open_worker: Opener) -> None:
    life = {5: ("long 0.2 BTCUSDT",), 6: ("close BTCUSDT",)}
    worker = rebuild("binance", life, open_venue, open_worker, broken="/fapi/v1/userTrades")

    assert known_hours(worker) == [7, 8, 9, 10]
