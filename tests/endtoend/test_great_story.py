"""The life of a family in which everything happens, every figure against the independent calculation, on bad days; `tests/soak` has the good ones.

Every wallet, every kind of flow, income and trade, flows told late, money on its way, and three days asleep.
"""

import re
import shlex
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from monitor.commands.flow import add_arguments, run_flow_command
from monitor.performance.verification import verify
from monitor.trading.groups_again import find_all_wrong
from paper.market.replay import ReplayMarket
from tests.endtoend.comparison import COMBINED, VALUED, compare_account, compare_explanations
from tests.endtoend.journey import INSTANT, Journey
from tests.endtoend.klines import write_klines
from tests.endtoend.weather import Weather
from tests.independent.story import Move
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, patch_budgets

STORY = (Path(__file__).parent / "stories" / "great.story").read_text(encoding="utf-8")
START = datetime(2023, 2, 26, 9, tzinfo=UTC)  # a month turns while the worker is asleep
AWAKE, ASLEEP, AGAIN = 7, 71, 5
LABELS = {1: "one", 2: "three", 3: "pm", 4: "kid"}
COMPLETE, RECONSTRUCTED = ["COMPLETE"], ["RECONSTRUCTED"]


@pytest.fixture
def journey(tmp_path: Path, open_venue: VenueOpener, open_worker: Opener) -> Iterator[Journey]:
    """The story at its second hour: four accounts are tracked, one of them through its master's key."""
    market = ReplayMarket(write_klines(tmp_path / "klines", START, 20))
    venue = open_venue(STORY, market, START, START)
    worker = open_worker(venue)
    worker.settings = replace(worker.settings, call_timeout_seconds=2)  # shorter than calls hang in bad weather
    for name in ("one", "three", "pm"):
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    with Journey(venue, worker, STORY, START) as journey:
        journey.skip_hours(1)
        worker.add_subs("one", venue.now())
        yield journey


def differing(journey: Journey) -> list[str]:
    """Every stored figure of rows, flows, benchmarks and explanations that is not the onlooker's."""
    found = compare_account(journey, COMBINED).differing
    for number, label in LABELS.items():
        found += compare_account(journey, number, label).differing
        found += compare_explanations(journey, number, label).differing
    return found


@pytest.mark.timeout(300)
def test_on_bad_days_every_hour_is_the_independent_one_or_openly_marked(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call in thirty fails, whatever it asks for, and some endpoints for long; the last two hours are well again."""
    patch_budgets(monkeypatch, account=10**9, endpoint=10**9)  # what is read again is more than a minute's limits allow
    weather = Weather(seed=20_230_226)
    journey.brave(weather)
    journey.run_hours(AWAKE)
    journey.skip_hours(ASLEEP)
    journey.run_hours(AGAIN - 2)
    journey.brave(None)
    journey.run_hours(2)

    assert differing(journey) == []
    hours = [hour for account in (COMBINED, *LABELS) for hour in journey.worker.hours(account)]
    marked = [hour for hour in hours if hour["status"] not in VALUED]
    rebuilt = [hour for hour in hours if hour["status"] == "RECONSTRUCTED"]
    assert all(hour["nav"] is None and hour["reason"] for hour in marked)
    assert len(marked) + len(rebuilt) > 5 * ASLEEP  # storms were noticed
    assert verify(journey.worker.db).differences == ()
    assert list(find_all_wrong(journey.worker.db, ())) == []


def test_a_flow_that_no_history_tells_is_named_and_right_as_soon_as_the_owner_tells_it(journey: Journey) -> None:
    at = START + timedelta(hours=3, minutes=22)
    journey.run_hours(2)
    journey.watch_until(at - INSTANT)
    journey.before[at] = journey.look()
    journey.venue.set_clock(at)
    journey.venue.do("deposit 432.1 USDT shown after 60d", "three")
    journey.run_hours(2)

    (hidden,) = journey.worker.rows("select * from explanations where account_id = 2 and state <> 'explained'")
    assert (hidden["hour"], hidden["residual"]) == (START + timedelta(hours=4), Decimal("432.1"))
    assert hidden["cause"].startswith("432.1 USDT came without any record")
    advice = hidden["cause"].partition("python -m monitor flow ")[2].replace("LABEL", "three")

    tell(journey, re.sub("--at [^ ]+", f"--at {at:%Y-%m-%dT%H:%MZ}", advice))

    journey.moves.append(Move(at=at, account="three", asset="USDT", quantity=Fraction("432.1")))
    assert compare_account(journey, 2, "three").differing == []
    assert compare_explanations(journey, 2, "three").differing == []
    assert verify(journey.worker.db).differences == ()
    assert list(find_all_wrong(journey.worker.db, ())) == []


def tell(journey: Journey, words: str) -> None:
    """`python -m monitor flow WORDS`."""
    parser = ArgumentParser()
    add_arguments(parser)
    told = parser.parse_args(shlex.split(words))
    assert run_flow_command(journey.worker.db, journey.worker.settings, told, journey.venue.now()) == 0
