"""A portfolio is one account: its gains and trades are stored beside its hours, whatever its accounts send each other."""

import json
from argparse import Namespace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.inventory import Method
from finance.moments import EPOCH
from monitor.__main__ import parse_arguments
from monitor.commands.trade_basis import run_basis
from monitor.errors import AccountError
from monitor.market.known_prices import Fetched
from monitor.performance.derivation import derive_again
from monitor.performance.store.valued_hours import load_valued_after
from monitor.performance.verification import verify
from monitor.trading.groups import group_all
from monitor.trading.store.grouped import load_group
from monitor.trading.tie_out import prove
from sql.connect import connect
from tests.lived_once import Relive
from tests.postgres import Database
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

STORY = """
+0m account first key key-of-the-first-account-000 secret secret-of-the-first-account-000
+0m deposit 10000 USDT
+0m deposit 2 ETH
+0m account second key key-of-the-second-account-00 secret secret-of-the-second-account-00
+0m deposit 5000 USDT
"""
TABLES = ("explanations", "trades", "trade_moves", "fees")


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def pair(open_worker: Opener, venue: RunningVenue) -> Worker:
    """Two accounts, recorded once."""
    worker = track(open_worker(venue))
    worker.run(venue.now())
    return worker


def track(worker: Worker) -> Worker:
    """The accounts of the story."""
    for name, digits in (("first", "000"), ("second", "00")):
        worker.add(name, f"key-of-the-{name}-account-{digits}", f"secret-of-the-{name}-account-{digits}")
    return worker


def next_hour(worker: Worker, venue: RunningVenue, *events: tuple[str, str]) -> None:
    """Twenty past, the events by account; then the run of the next hour."""
    venue.advance(minutes=20)
    for account, event in events:
        venue.do(event, account=account)
    venue.advance(minutes=40)
    worker.run(venue.now())


@pytest.fixture
def history(open_worker: Opener, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(open_worker(venue), venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """Bitcoin is bought at one account, sent to the other with a stop on its way, and sold there; Ether comes and goes."""
    track(worker).run(venue.now())
    next_hour(worker, venue, ("first", "buy 0.1 BTCUSDT"), ("second", "buy 0.5 ETHUSDT"))
    next_hour(
        worker, venue, ("first", "send 0.07 BTC to second fee 0.0005 arriving after 2h"), ("second", "sell 0.2 ETHUSDT")
    )
    next_hour(worker, venue, ("first", "withdraw 1 ETH fee 0.01"))
    next_hour(worker, venue)
    next_hour(worker, venue, ("second", "sell 0.07 BTCUSDT"), ("first", "sell 0.0294 BTCUSDT"))


def stored(worker: Worker, number: int = 0) -> dict[str, list[dict[str, object]]]:
    return {
        name: worker.rows(f"select * from {name} where account_id = %(number)s order by {name}", number=number)
        for name in TABLES
    }


CHANGES = (
    "update trades set gross = gross + 1e-18 where account_id = 0 and asset = 'BTC'",
    "delete from other_fees where account_id = 0 and kind = 'withdrawal_fee'",
    "update explanations set costs = jsonb_set(costs, '{ETH}', '\"1\"') where account_id = 0 and costs is not null",
    "delete from explanations where account_id = 0 and hour = (select max(hour) from explanations)",
)


def test_what_accounts_do_is_booked_as_if_they_were_one(history: Worker, database: Database) -> None:
    """One trade of what was bought here and sold there; gains that are the change of NAV by every method; the same rows from
    whatever hour they are derived again; and `verify` finds one that was changed."""
    [trade] = history.rows("select * from trades where account_id = 0 and asset = 'BTC'")
    assert (trade["opened_by"], trade["entered"], trade["exited"], trade["ended_by"], trade["transferred"]) == (
        "fill", Decimal("0.1"), Decimal("0.0994"), "manual", 0,
    )  # fmt: skip
    assert trade["closed_at"]
    assert len(history.rows("select id from trades where account_id > 0 and asset = 'BTC'")) == 2
    [fee] = history.rows("select * from fees where account_id = 0 and kind = 'withdrawal_fee'")
    assert (fee["asset"], fee["quantity"], fee["trade_id"]) == ("BTC", Decimal("0.0005"), None)

    hours = [valued.hour for valued in load_valued_after(history.db, 0, EPOCH)]
    found = prove(history.db, 0, hours)
    assert found and found.failure == "" and found.hours == len(hours) - 1
    assert {one.total for one in found.methods.values()} == {found.price_effect_and_trading}
    assert found.methods.keys() == set(Method)
    [sums] = history.rows(
        "select sum(transferred_gain) as transferred, sum(flows) as flows, sum(residual) as residual from explanations"
        " where account_id = 0"
    )
    assert sums["residual"] == 0
    assert sums["flows"] == sum(row["flows"] for row in history.hours(0)[1:])
    assert sums["transferred"] != 0  # the ether that left

    before = stored(history)
    assert [len(rows) > 0 for rows in before.values()] == [True] * 4
    roles = {(one.role.name, str(one.source)) for one in load_group(history.db, 0, "f1")}
    assert roles == {("ENTRY", "exchange"), ("MANUAL", "unknown")}  # orders of its accounts
    for since in (EPOCH, *(row["taken_at"] for row in history.hours(0))):
        derive_again(history.db, 0, Fetched(exchange="binance"), since=since)
        group_all(history.db, ())
        assert stored(history) == before, since

    assert verify(history.db).differences == ()
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        for change in CHANGES:
            with owner.transaction(force_rollback=True):
                owner.execute(change)
                assert verify(owner).differences, change


def test_how_far_a_trade_went_that_is_the_portfolios_alone(pair: Worker, venue: RunningVenue) -> None:
    """Bought at one account and sold at the other: by every minute of its time. What one account traded alone is looked at there."""
    next_hour(pair, venue, ("first", "buy 10 SOLUSDT"), ("second", "buy 100 ADAUSDT"))
    next_hour(
        pair, venue, ("first", "send 9.99 SOL to second fee 0 arriving after 1h"), ("second", "sell 99.9 ADAUSDT")
    )
    next_hour(pair, venue)
    next_hour(pair, venue, ("second", "sell 9.99 SOLUSDT"))
    next_hour(pair, venue)

    [of_portfolio] = pair.rows("select trade_id, grid, worst, best from trade_excursions where account_id = 0")
    assert of_portfolio["grid"] == "minutes"
    assert pair.rows("select from trades where asset = 'ADA' and closed_at is not null and not is_looked_at") == []
    [trade] = pair.rows("select * from trades where account_id = 0 and id = %(id)s", id=of_portfolio["trade_id"])
    first = trade["opened_at"].replace(second=0, microsecond=0)
    minutes = [first + timedelta(minutes=n) for n in range((trade["closed_at"] - first) // timedelta(minutes=1))]
    klines = [one for minute in minutes if (one := venue.exchange.venue.market.minute("SOLUSDT", minute))]
    prices = [Decimal(klines[0].close), *(Decimal(p) for one in klines[1:] for p in (one.low, one.high))]
    [paid, *_] = pair.rows("select value from fees where trade_id = %(id)s order by hour", id=trade["id"])
    nets = [Decimal("9.99") * (price - trade["entry_value"] / trade["entered"]) - paid["value"] for price in prices]
    assert (of_portfolio["worst"], of_portfolio["best"]) == (min(0, trade["net"], *nets), max(0, trade["net"], *nets))


def say(worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str], words: str) -> Any:
    """What `python -m monitor trades WORDS --json` prints."""
    arguments = parse_arguments(["trades", *words.split(), "--json"])
    assert arguments.run(worker.db, worker.settings, arguments, venue.now()) == 0
    return json.loads(capsys.readouterr().out)


def test_commands_say_its_own_trades_or_those_that_each_account_has(
    history: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    proven = say(history, venue, capsys, "verify")
    assert [one["account"] for one in proven] == ["first", "second", "All accounts"]
    assert [one["failure"] for one in proven] == [None] * 3
    (of_all,) = say(history, venue, capsys, "list --portfolio all --asset BTC")
    each = say(history, venue, capsys, "list --asset BTC")
    assert [len(one["trades"]) for one in (of_all, *each)] == [1, 1, 1]
    name = of_all["trades"][0]["id"]
    assert say(history, venue, capsys, f"show {name} --portfolio all")["account"] == "All accounts"
    assert say(history, venue, capsys, f"show {name}")["account"] == "first"
    (told,) = say(history, venue, capsys, "metrics --portfolio all")
    assert told["total_trades"] == 1
    (pairs,) = say(history, venue, capsys, "round-trips --portfolio all --asset btc")
    assert sum(Decimal(one["quantity"]) for one in pairs["round_trips"]) == Decimal("0.0994")
    assert {one["trade"] for one in pairs["round_trips"]} == {name}
    asked = parse_arguments(["trades", "round-trips"])
    assert asked.run(history.db, history.settings, asked, venue.now()) == 0
    printed = capsys.readouterr()
    assert "first: 1 round trip, amounts" in printed.out and "Round trips are no trades" in printed.err
    asked = parse_arguments(["trades", "metrics", "--portfolio", "all", "--by", "account"])
    with pytest.raises(AccountError, match="of no single account"):
        asked.run(history.db, history.settings, asked, venue.now())


def test_what_the_owner_says_that_coins_had_cost_is_so_of_the_portfolio_that_begins_with_them(
    pair: Worker, venue: RunningVenue
) -> None:
    next_hour(pair, venue, ("first", "sell 1 ETHUSDT"))
    asked = Namespace(
        account="first",
        asset="eth",
        price=Decimal(1000),
        forget=False,
        acquired=False,
        quantity=None,
        note="of 2021",
        json=False,
    )
    realised = "select realised from explanations order by account_id"
    before = [row["realised"] for row in pair.rows(realised)]
    run_basis(pair.db, pair.settings, asked, venue.now())
    of_all, first, second = (row["realised"] for row in pair.rows(realised))
    assert of_all == first > before[1] and second == 0
    assert verify(pair.db).differences == ()


def test_the_second_account_begins_the_portfolio_s_own_rows(open_worker: Opener, venue: RunningVenue) -> None:
    """While there is but one account its rows are the portfolio's; then the whole history has some of its own."""
    worker = open_worker(venue)
    worker.add("first", "key-of-the-first-account-000", "secret-of-the-first-account-000")
    worker.run(venue.now())
    next_hour(worker, venue, ("first", "buy 0.1 BTCUSDT"))
    assert stored(worker)["explanations"] == []
    worker.add("second", "key-of-the-second-account-00", "secret-of-the-second-account-00")
    next_hour(worker, venue, ("second", "buy 0.5 ETHUSDT"))
    rows = stored(worker)
    assert len(rows["explanations"]) == 2
    assert rows["explanations"][-1]["flows"] == worker.hours(2)[-1]["nav"]
    assert {row["id"] for row in rows["trades"]} >= {row["id"] for row in stored(worker, 1)["trades"]}
    assert verify(worker.db).differences == ()
