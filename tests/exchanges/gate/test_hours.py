"""Hours of a Gate account, through the whole worker: NAV is what the story's books are worth, in every mode and across a switch."""

import json
from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest

from monitor.notify.alerts import raise_alerts
from monitor.snapshots.store.wallets import record_counted
from tests.exchanges.gate.test_venue import CREDENTIALS, LIFE, MODES, PERSONS
from tests.monitor.test_backfill import backfill
from tests.paper.bitget import CLIENT
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

HOUR = (
    "deposit 100 USDT",
    "withdraw 50 USDT fee 1.5",
    "funding pay 0.75 USDT BTCUSDT",
    "buy 0.01 BTCUSDT",
    "close 0.002 BTCUSDT",
    "convert 30 USDT to SOL",
    "interest 5 USDT",
    "airdrop 0.5 ETH",
    "transfer 20 USDT from spot to futures",
)
Both = tuple[RunningVenue, Worker]


@pytest.fixture(params=MODES)
def system(request: pytest.FixtureRequest) -> str:
    """A mode of an account."""
    return str(request.param)


@pytest.fixture
def both(system: str, open_venue: VenueOpener, open_worker: Opener) -> Both:
    """A venue where a Gate account has lived for an hour, and a worker that tracks it."""
    venue = open_venue(PERSONS.format(system=system) + LIFE)
    worker = open_worker(venue)
    worker.add_at("gate", "Ann", CREDENTIALS)
    return venue, worker


def read_hour(both: Both, *lines: str) -> D:
    """Read an hour in which everything happens; returns what the story's own books are worth then."""
    venue, worker = both
    venue.advance(minutes=50)
    for line in lines or HOUR:
        venue.advance(minutes=1)
        venue.do(line, "Ann")
    venue.advance(minutes=60 - 50 - len(lines or HOUR))
    worker.run(venue.now())
    return worth(venue)


def broken_book(now: datetime) -> str:
    """Rows of before now whose balances don't follow each other; other histories show what they are of."""
    moments = (now - timedelta(minutes=minutes) for minutes in (9, 5))
    rows = [
        {"id": f"9{n}", "time": int(at.timestamp() * 1000), "currency": "BTC", "change": "1", "balance": f"{7 * n}",
         "type": "order_buy", "text": ""}
        for n, at in enumerate(moments)
    ]  # fmt: skip
    return json.dumps(rows)


def worth(venue: RunningVenue) -> D:
    """What the story's own books are worth at the venue's prices, with the profit of what is open."""
    told = CLIENT.get(f"{venue.urls['gate']}/api/v4/spot/tickers").json()
    prices = {row["currency_pair"].removesuffix("_USDT"): D(row["last"]) for row in told} | {"USDT": D(1)}
    wallets = venue.truth("Ann")["wallets"].values()
    held = sum((D(amount) * prices[asset] for wallet in wallets for asset, amount in wallet.items()), D(0))
    return held + D(venue.truth("Ann")["unrealised"])


def test_hours_are_complete_explained_and_worth_what_the_books_say(both: Both) -> None:
    venue, worker = both
    worker.run(venue.now())
    expected = [worth(venue), read_hour(both), read_hour(both)]

    assert [(hour["status"], hour["reason"], hour["nav"]) for hour in worker.hours()] == [
        ("COMPLETE", "", nav) for nav in expected
    ]
    flows = worker.rows("select distinct kind, asset, amount, fee from processed_transactions where kind <> 'opening'")
    assert {(row["kind"], row["asset"], row["amount"], row["fee"]) for row in flows} >= {
        ("deposit", "USDT", 100, 0),
        ("withdrawal", "USDT", 50, D("1.5")),
    }
    found = worker.rows("select state, residual, cause from explanations where account_id = 1 order by hour")
    assert [tuple(row.values()) for row in found] == [("explained", 0, "")] * 2
    checks = worker.rows("select subject, within from cross_checks")
    assert len(checks) > 1 and all(check["within"] for check in checks), checks


@pytest.mark.parametrize("system", ["classic", "portfolio"], indirect=True)
def test_a_switch_is_seen_in_its_hour_and_moves_no_nav(both: Both, system: str) -> None:
    venue, worker = both
    worker.run(venue.now())
    venue.advance(minutes=20)
    for line in ("deposit 70 USDT", "withdraw 20 USDT fee 1", "convert 30 USDT to SOL"):
        venue.do(line, "Ann")
    other = "portfolio" if system == "classic" else "classic"
    venue.do(f"unify {other}" if system == "classic" else "unify off", "Ann")
    venue.fault("/api/v4/spot/account_book", {"status": 200, "body": broken_book(venue.now())}, exchange="gate")
    charge = f"charge 0.0002 ETH on {'cross' if other == 'portfolio' else 'isolated'}_margin"
    expected = [read_hour(both, "withdraw 10 USDT fee 1", charge), read_hour(both, "deposit 5 USDT")]

    assert [(hour["status"], hour["nav"]) for hour in worker.hours()[1:]] == [("COMPLETE", nav) for nav in expected]
    assert [hour["flows"] for hour in worker.hours()[1:]] == [70 - 21 - 11, 5]
    found = worker.rows("select state, residual from explanations")
    assert [tuple(row.values()) for row in found] == [("explained", 0)] * 2
    (logged,) = worker.rows("select message from system_logs where level = 'warning' and account_id = 1")
    assert f"switched at Gate.io from {system} to" in logged["message"]
    raise_alerts(worker.db, worker.settings, venue.now())
    raise_alerts(worker.db, worker.settings, venue.now() + timedelta(days=1))
    alerts = worker.rows("select title from alert_messages where title like '%%switched%%' order by id")
    said = f"Ann: switched at Gate.io from {system} to {other}"
    assert [row["title"] for row in alerts] == [said, f"Over: {said}"]


@pytest.mark.parametrize("system", ["classic", "portfolio"], indirect=True)
def test_what_bots_hold_is_in_the_total_alone_and_counts_when_the_owner_says_so(both: Both, system: str) -> None:
    venue, worker = both
    worker.run(venue.now())
    read_hour(both, "transfer 300 USDT from spot to bots")

    (_, hour) = worker.hours()
    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "quant" in hour["reason"] and "300.00" in hour["reason"]
    record_counted(worker.db, 1, "quant", venue.now())
    expected = read_hour(both, "airdrop 0.1 ETH")
    assert [(one["status"], one["nav"]) for one in worker.hours()][-1] == ("COMPLETE", expected)


@pytest.mark.parametrize("system", ["classic", "portfolio"])
def test_the_hours_before_the_first_reading_are_rebuilt_without_residual(
    system: str, open_venue: VenueOpener, open_worker: Opener
) -> None:
    started = "+0m deposit 20000 USDT\n+2m buy 0.1 BTCUSDT\n+4m transfer 700 USDT from spot to earn_flexible"
    venue = open_venue(PERSONS.format(system=system) + started)
    worker = open_worker(venue)
    worker.add_at("gate", "Ann", CREDENTIALS)
    began = venue.now()
    for line in (
        "deposit 100 USDT",
        "buy 0.001 BTCUSDT",
        "withdraw 20 USDT fee 1",
        "convert 30 USDT to SOL",
        "interest 1 USDT",
    ):
        venue.advance(hours=1, minutes=7)
        venue.do(line, "Ann")
    venue.advance(hours=1)
    worker.run(venue.now())

    assert backfill(worker, began + timedelta(hours=1)) == 0
    assert [hour["status"] for hour in worker.hours()] == ["RECONSTRUCTED"] * 4 + ["COMPLETE"]
    found = worker.rows("select state, residual from explanations")
    assert [tuple(row.values()) for row in found] == [("explained", 0)] * len(found)
