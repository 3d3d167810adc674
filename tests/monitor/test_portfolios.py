"""Portfolios beside the one of all accounts: their figures by a second calculation, who joins and leaves, what is sent."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.accounts.registry import set_enabled
from monitor.commands.run_json import write_json
from monitor.errors import AccountError, LedgerError
from monitor.notify.alerts import raise_alerts
from monitor.notify.store.figures import load_figures
from monitor.performance.store.changes import is_anything_marked
from monitor.performance.verification import verify
from monitor.settings import read_settings
from sql.connect import connect
from sql.locks import RUN_LOCK
from tests.monitor.notation import D
from tests.postgres import Database, Server, open_database
from tests.venue import MARKET, START, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker, workers_on

HOUR = timedelta(hours=1)
FIGURES = ("hour", "status", "nav", "in_transit", "flows", "invested", "units", "unit_price", "estimated")
# One holds bitcoin and two holds ether, whose prices move; three is nobody's but its own.
STORY = """
+0m account one key key-of-account-one-0000000 secret secret-of-account-one-0000000
+0m deposit 20000 USDT
+1m buy for 9000 BTCUSDT
+0m account two key key-of-account-two-0000000 secret secret-of-account-two-0000000
+0m deposit 8000 USDT
+1m buy for 5000 ETHUSDT
+0m account three key key-of-account-three-00000 secret secret-of-account-three-00000
+0m deposit 3000 USDT
+1m buy for 1000 BNBUSDT
"""


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    return open_venue(STORY)


@dataclass
class Recorded:
    """A database with the first hour of the three accounts in it, and where their keys' own key lies."""

    database: str
    folder: Path


@pytest.fixture(scope="module")
def recorded(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("three")
    venue = RunningVenue(MARKET, STORY, START, START + timedelta(hours=1, minutes=2))
    with open_database(server) as database:
        with workers_on(database, folder) as open_worker:
            track(open_worker, venue)
        yield Recorded(database.name, folder)
    venue.stop()


@pytest.fixture
def database(server: Server, recorded: Recorded) -> Iterator[Database]:
    """A copy of it."""
    with open_database(server, recorded.database) as opened:
        yield opened


@pytest.fixture
def three(database: Database, recorded: Recorded, venue: RunningVenue) -> Iterator[Worker]:
    """Three accounts, recorded once."""
    with workers_on(database, recorded.folder) as open_worker:
        yield open_worker(venue)


def track(open_worker: Opener, venue: RunningVenue) -> Worker:
    """The three accounts of the story, recorded once."""
    worker = open_worker(venue)
    for name, zeros in (("one", "0000000"), ("two", "0000000"), ("three", "00000")):
        worker.add(name, f"key-of-account-{name}-{zeros}", f"secret-of-account-{name}-{zeros}")
    worker.run(venue.now())
    return worker


def order(worker: Worker, venue: RunningVenue, *words: str) -> int:
    """A command at the venue's time."""
    arguments = parse_arguments(words)
    try:
        code: int = arguments.run(worker.db, worker.settings, arguments, venue.now())
        return code
    finally:
        worker.db.execute("select pg_advisory_unlock(%(lock)s)", {"lock": RUN_LOCK})


def make(worker: Worker, venue: RunningVenue, key: str = "pair", accounts: str = "one,two", *more: str) -> int:
    """A portfolio; returns its number."""
    assert order(worker, venue, "portfolio", "add", key, "--label", f"The {key}", "--accounts", accounts, *more) == 0
    return int(worker.rows("select id from portfolios where key = %(key)s", key=key)[0]["id"])


def next_hour(worker: Worker, venue: RunningVenue, *events: tuple[str, str]) -> None:
    """Twenty past, the events by account; then the run of the next hour."""
    venue.advance(minutes=20)
    for account, event in events:
        venue.do(event, account=account)
    venue.advance(minutes=40)
    worker.run(venue.now())


def figures(worker: Worker, number: int) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in FIGURES) for row in worker.hours(number)]


def navs(worker: Worker, *numbers: int) -> list[Decimal]:
    """The sums of accounts' NAVs, hour by hour."""
    return [sum(row["nav"] for row in rows) for rows in zip(*map(worker.hours, numbers), strict=True)]


def flows(worker: Worker, number: int) -> list[Decimal]:
    """What came in and went out, hour by hour after the first."""
    return [row["flows"] for row in worker.hours(number)[1:]]


def test_its_history_is_there_at_once_and_goes_on_as_if_it_had_always_been(three: Worker, venue: RunningVenue) -> None:
    early = make(three, venue, "early")
    next_hour(three, venue, ("one", "deposit 500 USDT"), ("three", "deposit 70 USDT"))
    next_hour(three, venue, ("two", "withdraw 300 USDT fee 1"))
    next_hour(three, venue)
    late = make(three, venue, "late")
    next_hour(three, venue, ("two", "deposit 0.1 ETH"))

    assert figures(three, early) == figures(three, late)
    assert [row["status"] for row in three.hours(late)] == ["COMPLETE"] * 5
    assert [row["nav"] for row in three.hours(late)] == navs(three, 1, 2)
    assert three.rows("select 1 from history_changes where account_id < 0") == []
    assert verify(three.db).differences == ()


def test_its_units_are_those_of_a_second_calculation(three: Worker, venue: RunningVenue) -> None:
    """A deposit is worth its USDT; before it the pair held one's cash and coins and two's, at that minute's prices."""
    make(three, venue)
    next_hour(three, venue)
    next_hour(three, venue, ("one", "deposit 500 USDT"))
    first, second, third = three.hours(-1)
    (flow,) = three.rows("select * from flow_valuations where account_id = -1")
    prices = {
        row["asset"]: row["price"]
        for row in three.rows("select asset, price from minute_prices where at = %(at)s", at=flow["occurred_at"])
    }
    held = three.rows(
        "select h.asset, sum(h.free + h.locked) as quantity from holdings h join nav_history n using (snapshot_id)"
        " where n.account_id in (1, 2) and n.hour = %(hour)s group by h.asset",
        hour=second["hour"],
    )
    before = sum(row["quantity"] * {"USDT": D(1), **prices}[row["asset"]] for row in held)

    assert (first["unit_price"], first["invested"]) == (100, first["nav"])
    assert second["units"] == first["units"]
    assert second["unit_price"] == pytest.approx(second["nav"] / first["units"], abs=D("1e-15"))
    assert flow["nav_before"] == before
    assert third["units"] == pytest.approx(first["units"] + 500 / (before / first["units"]), abs=D("1e-15"))
    assert third["unit_price"] == pytest.approx(third["nav"] / third["units"], abs=D("1e-15"))
    assert third["flows"] == 500


def test_what_is_sent_to_a_member_is_no_flow_and_what_is_sent_to_another_is_one(
    three: Worker, venue: RunningVenue
) -> None:
    make(three, venue)
    next_hour(three, venue, ("one", "send 100 USDT to two"))
    next_hour(three, venue, ("one", "send 200 USDT to three"))
    next_hour(three, venue, ("three", "send 40 USDT to two"))
    make(three, venue, "again")

    assert flows(three, -1) == [0, -200, 40]
    assert flows(three, 0) == [0, 0, 0]
    assert figures(three, -1) == figures(three, -2)
    matched = three.rows("select portfolio_id, count(*) from matched_transfers group by 1 order by 1 desc")
    assert [tuple(row.values()) for row in matched] == [(0, 3), (-1, 1), (-2, 1)]
    assert verify(three.db).differences == ()


def test_what_is_on_its_way_between_members_is_part_of_it(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue, ("one", "send 1000 USDT to two fee 5 arriving after 1h"))
    next_hour(three, venue)

    assert [row["in_transit"] for row in three.hours(-1)] == [0, 1000, 0]
    assert flows(three, -1) == [0, 0]
    (change,) = three.rows("select since_hour, hours, reason from history_changes where account_id = -1")
    assert change["hours"] == 1 and "on its way" in change["reason"]


def test_who_joins_and_who_leaves_is_money_in_and_out_and_never_a_gain(three: Worker, venue: RunningVenue) -> None:
    """Three joins with the next hour; two leaves two hours later."""
    make(three, venue)
    next_hour(three, venue)
    order(three, venue, "portfolio", "members", "pair", "--add", "three")
    next_hour(three, venue)
    next_hour(three, venue)
    order(three, venue, "portfolio", "members", "pair", "--remove", "two")
    next_hour(three, venue)
    next_hour(three, venue)
    one, two, other, pair = (three.hours(number) for number in (1, 2, 3, -1))

    parts = [(one, two)] * 2 + [(one, two, other)] * 2 + [(one, other)] * 2
    assert [row["nav"] for row in pair] == [sum(a[n]["nav"] for a in part) for n, part in enumerate(parts)]
    assert flows(three, -1) == [0, other[2]["nav"], 0, -two[3]["nav"], 0]
    units, price = pair[0]["units"], D(100)
    for n, (before, after) in enumerate(pairwise(pair), start=1):
        stayed = sum(a[n]["nav"] for a in parts[n] if a in parts[n - 1])
        left = two[3]["nav"] if n == 4 else 0
        price = (stayed + left) / units
        units = after["nav"] / price
        assert (after["unit_price"], after["units"]) == (pytest.approx(price), pytest.approx(units)), before["hour"]
    assert verify(three.db).differences == ()


def test_joining_in_the_past_is_as_if_it_had_been_so_and_is_told(three: Worker, venue: RunningVenue) -> None:
    start = venue.now().replace(minute=0, second=0, microsecond=0)
    make(three, venue)
    for _ in range(3):
        next_hour(three, venue, ("three", "deposit 10 USDT"), ("one", "send 20 USDT to three"))
    since = start + 2 * HOUR
    order(three, venue, "portfolio", "members", "pair", "--add", "three", "--since", f"{since:%Y-%m-%dT%H:%M}")
    (change,) = three.rows("select since_hour, hours, reason from history_changes where account_id = -1")

    assert [row["nav"] for row in three.hours(-1)] == navs(three, 1, 2)[:2] + navs(three, 1, 2, 3)[2:]
    assert three.hours(-1)[2]["flows"] == three.hours(3)[2]["nav"] - 20
    assert three.hours(-1)[3]["flows"] == 10
    assert (change["since_hour"], change["hours"]) == (since, 2) and "was none before" in change["reason"]
    assert verify(three.db).differences == ()

    order(three, venue, "portfolio", "members", "pair", "--remove", "three", "--since", f"{since:%Y-%m-%dT%H:%M}")
    make(three, venue, "twin")
    assert figures(three, -1) == figures(three, -2)
    assert verify(three.db).differences == ()


def test_an_hour_that_lacks_a_member_is_unknown_and_no_others(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    make(three, venue, "others", "one,three")
    three.db.execute("update api_credentials set sealed_key = %(x)s where account_id = 2", {"x": b"\0" * 40})
    next_hour(three, venue)
    make(three, venue, "again")

    assert [three.hours(n)[-1]["status"] for n in (-1, -2, 0, -3)] == ["PARTIAL", "COMPLETE", "PARTIAL", "PARTIAL"]
    assert [three.hours(n)[-1]["reason"].startswith("two: PARTIAL (") for n in (-1, -3)] == [True, True]
    assert figures(three, -1) == figures(three, -3)


def test_a_portfolio_that_is_broken_is_no_other_ones_matter(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    make(three, venue, "others", "one,three")
    three.db.execute("update benchmark_configs set assets = '{NOBODYS}', weights = '{1}' where account_id = -1")
    next_hour(three, venue, ("one", "deposit 10 USDT"))

    assert [three.hours(n)[-1]["status"] for n in (-1, -2, 0, 1, 2, 3)] == ["PARTIAL", *["COMPLETE"] * 5]
    assert "NOBODYS" in three.hours(-1)[-1]["reason"]
    assert [row["account_id"] for row in three.rows("select account_id from recomputations")] == [-1]
    assert {one.account for one in verify(three.db).differences} == {"The pair"}
    assert not is_anything_marked(three.db, three.hours(1)[-1]["hour"])  # the hour's run did what it could
    assert is_anything_marked(three.db, three.hours(1)[-1]["hour"] + HOUR)


def test_what_an_account_changes_is_marked_in_each_of_its_portfolios(
    three: Worker, venue: RunningVenue, database: Database
) -> None:
    """As where a run is killed before it comes to them: no page and no check takes the old rows for figures."""
    make(three, venue)
    make(three, venue, "others", "two,three")
    next_hour(three, venue)
    venue.do("deposit 500 USDT shown after 50m", account="one")
    killed = pytest.MonkeyPatch()
    killed.setattr("monitor.cycle.run.record_portfolios", _killed)
    with pytest.raises(KeyboardInterrupt):
        next_hour(three, venue)
    killed.undo()
    marked = three.rows("select account_id from recomputations order by account_id desc")
    assert [row["account_id"] for row in marked] == [0, -1, -2]
    waiting = verify(three.db).waiting
    assert [text.split(":")[0] for text in waiting] == ["The others", "The pair", "All accounts"]
    with connect(database.dashboard_url, name="test", schema="reading", read_only=True) as db:
        members = db.execute("select account_id from members where id = -1 order by 1").fetchall()
    assert [row["account_id"] for row in members] == [1, 2]

    assert is_anything_marked(three.db, three.hours(1)[-1]["hour"])

    three.run(venue.now(), accounts=[])  # every account was read in this hour
    assert three.rows("select 1 from recomputations") == []
    assert [three.hours(number)[-1]["status"] for number in (0, -1, -2)] == ["COMPLETE"] * 3
    assert verify(three.db).differences == ()


async def _killed(*_: object) -> tuple[()]:
    raise KeyboardInterrupt


def test_it_has_benchmarks_of_its_own(three: Worker, venue: RunningVenue) -> None:
    make(three, venue, "pair", "one,two", "--benchmark", "SOL=100")
    next_hour(three, venue, ("one", "deposit 500 USDT"))
    order(three, venue, "benchmark", "add", "ether", "--basket", "ETH=100", "--account", "The pair")
    next_hour(three, venue)
    rows = three.rows(
        "select c.name, c.assets, count(*) as hours from benchmark_history h join benchmark_configs c"
        " on c.id = h.benchmark_id where c.account_id = -1 group by c.id order by c.id"
    )

    assert [(row["name"], row["assets"], row["hours"]) for row in rows] == [
        ("hold", ["SOL"], 3), ("monthly", ["SOL"], 3), ("ether", ["ETH"], 3)]  # fmt: skip
    assert verify(three.db).differences == ()


def test_verify_finds_what_was_changed_in_it(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue)
    three.db.execute("update nav_history set nav = nav + 1, units = units + 1 where account_id = -1")

    found = {(one.account, one.figure) for one in verify(three.db).differences}
    assert ("The pair", "nav") in found and ("The pair", "units") in found


def test_it_is_removed_without_a_trace_and_can_be_made_again(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue, ("one", "send 20 USDT to two"))
    before = figures(three, -1)
    order(three, venue, "portfolio", "remove", "pair")
    tables = ("nav_history", "flow_valuations", "benchmark_configs", "recomputations")
    assert [three.rows(f"select 1 from {table} where account_id = -1") for table in tables] == [[]] * 4
    assert three.rows("select 1 from matched_transfers where portfolio_id = -1") == []
    next_hour(three, venue)

    again = make(three, venue)
    assert again == -2
    assert figures(three, again)[:2] == before
    assert verify(three.db).differences == ()


def test_an_account_that_is_disabled_leaves_it(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue)
    set_enabled(three.db, "two", venue.now(), enabled=False)
    next_hour(three, venue)

    assert three.hours(-1)[-1]["flows"] == -three.hours(2)[-1]["nav"]
    assert three.hours(-1)[-1]["nav"] == three.hours(1)[-1]["nav"]


def test_one_without_any_account_rests(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    order(three, venue, "portfolio", "members", "pair", "--remove", "one,two")
    next_hour(three, venue)

    assert len(three.hours(-1)) == 1
    assert three.rows("select 1 from recomputations") == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add", "12", "--label", "x", "--accounts", "one"], "not digits alone"),
        (["add", "Big", "--label", "x", "--accounts", "one"], "lower-case"),
        (["add", "all", "--label", "x", "--accounts", "one"], "already"),
        (["add", "new", "--label", "one", "--accounts", "one"], "There is an account 'one'"),
        (["add", "new", "--label", "77", "--accounts", "one"], "taken for an account's number"),
        (["add", "new", "--label", "x", "--accounts", "four"], "There is no account 'four'"),
        (["add", "new", "--label", "x", "--accounts", ","], "Name the accounts"),
        (["members", "all", "--remove", "one"], "holds every account"),
        (["remove", "all"], "holds every account"),
        (["members", "none"], "There are: all, pair"),
        (["members", "pair", "--add", "one"], "would count twice"),
        (["members", "pair", "--remove", "three"], "is no part of 'pair'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(
    three: Worker, venue: RunningVenue, words: Sequence[str], why: str
) -> None:
    make(three, venue)
    stored = "select (select count(*) from accounts) as a, (select count(*) from portfolio_members) as m"
    before = three.rows(stored)
    with pytest.raises(AccountError, match=why):
        order(three, venue, "portfolio", *words)
    assert three.rows(stored) == before


def test_the_report_of_a_run_has_each_of_them(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    venue.advance(hours=1)
    result = three.run(venue.now())
    printed = json.loads(write_json(three.db, result, {1: "one", 2: "two", 3: "three"}, now=venue.now(), stored=True))

    assert [(row["key"], row["account"]) for row in printed["portfolios"]] == [
        ("all", "All accounts"), ("pair", "The pair")]  # fmt: skip
    assert D(printed["portfolios"][1]["nav"]) == navs(three, 1, 2)[-1]
    assert printed["combined"]["account"] == "All accounts"


def test_they_are_listed(three: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]) -> None:
    make(three, venue)
    capsys.readouterr()
    order(three, venue, "portfolio", "list")
    told = capsys.readouterr().out

    assert "all: All accounts, last hour 2" in told and "every account" in told
    assert "pair: The pair" in told and "one, from its first hour on" in told


def test_a_label_of_digits_is_refused(three: Worker) -> None:
    with pytest.raises(AccountError, match="more than digits"):
        three.add("2026", "key-of-nobody-000000000000", "secret-of-nobody-0000000000")


def test_the_rules_of_performance_judge_each_with_more_than_one_account(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    make(three, venue, "alone", "three")
    hour = three.hours(-1)[-1]["hour"]
    assert [one.label for one in load_figures(three.db, hour, 30)] == [
        "The pair",
        "All accounts",
        "one",
        "two",
        "three",
    ]

    order(three, venue, "portfolio", "members", "pair", "--remove", "two", "--since", f"{hour:%Y-%m-%dT%H:%M}")
    assert [one.label for one in load_figures(three.db, hour, 30)] == ["All accounts", "one", "two", "three"]


def test_an_alert_of_it_begins_leads_to_its_page_and_ends_with_it(three: Worker, venue: RunningVenue) -> None:
    settings = read_settings({"NOTIFY_RULES": "move=0.1 stale=off disk=off"})
    make(three, venue)
    three.db.execute("update nav_history set unit_price = 90 where account_id = -1")
    next_hour(three, venue)
    raise_alerts(three.db, settings, venue.now())
    rows = "select m.body from alert_episodes e join alert_messages m on m.episode_id = e.id where e.account_id = -1"
    (alert,) = three.rows(rows)
    assert "/holdings?portfolio=pair" in alert["body"]

    order(three, venue, "portfolio", "remove", "pair")
    raise_alerts(three.db, settings, venue.now())
    (episode,) = three.rows("select ending, ended_at from alert_episodes where account_id = -1")
    assert episode["ended_at"] and "not watched any more" in episode["ending"]


def test_a_correction_reaches_every_portfolio_of_its_account(three: Worker, venue: RunningVenue) -> None:
    """As if it had been known: the twin that is made after it has the same figures."""
    make(three, venue)
    make(three, venue, "others", "two,three")
    next_hour(three, venue)
    at = venue.now() - timedelta(minutes=30)
    next_hour(three, venue)
    before = figures(three, -2)
    order(three, venue, "flow", "add", "--in", "50", "USDT", "--at", f"{at:%Y-%m-%dT%H:%M}Z", "--account", "one",
          "--note", "a gift")  # fmt: skip
    make(three, venue, "twin")

    assert flows(three, -1) == flows(three, 0) == [50, 0]
    assert figures(three, -1) == figures(three, -3)
    assert figures(three, -2) == before
    (change,) = three.rows("select reason from history_changes where account_id = -1")
    assert "a gift" in change["reason"]
    assert verify(three.db).differences == ()


def test_a_correction_is_recorded_where_a_portfolio_is_broken(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue)
    next_hour(three, venue)
    three.db.execute("update benchmark_configs set assets = '{NOBODYS}', weights = '{1}' where account_id = -1")
    at = venue.now() - timedelta(minutes=90)
    order(three, venue, "flow", "add", "--in", "50", "USDT", "--at", f"{at:%Y-%m-%dT%H:%M}Z", "--account", "one",
          "--note", "a gift")  # fmt: skip

    assert flows(three, 0) == flows(three, 1) == [50, 0]
    assert [row["account_id"] for row in three.rows("select account_id from recomputations")] == [-1]
    assert {one.account for one in verify(three.db).differences} <= {"The pair"}


def test_money_comes_to_accounts_and_not_to_a_portfolio(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    at = venue.now() - timedelta(minutes=5)
    with pytest.raises(LedgerError, match="no account 'The pair'"):
        order(three, venue, "flow", "add", "--in", "5", "USDT", "--at", f"{at:%Y-%m-%dT%H:%M}Z", "--account",
              "The pair", "--note", "none")  # fmt: skip


def test_hours_that_were_missed_are_rebuilt_for_each(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue)
    venue.advance(hours=3)
    three.run(venue.now())
    make(three, venue, "twin")

    assert [row["status"] for row in three.hours(-1)] == ["COMPLETE"] * 2 + ["RECONSTRUCTED"] * 2 + ["COMPLETE"]
    assert figures(three, -1) == figures(three, -2)
    assert [row["reason"] for row in three.hours(-1)] == [row["reason"] for row in three.hours(-2)]
    assert verify(three.db).differences == ()


def test_history_before_the_first_reading_is_rebuilt_for_each(
    open_venue: VenueOpener, server: Server, tmp_path: Path
) -> None:
    with open_database(server) as empty, workers_on(empty, tmp_path) as open_worker:
        """A day of life before it is tracked: rebuilt for the portfolio like for all accounts."""
        now = datetime.now(UTC).replace(minute=2, second=0, microsecond=0)
        venue = open_venue(STORY, start=now - timedelta(days=1), stands=now)
        worker = track(open_worker, venue)
        make(worker, venue)
        order(worker, venue, "backfill", "--from", f"{now - timedelta(hours=9):%Y-%m-%dT%H:%M}")
        make(worker, venue, "twin")

        assert len(worker.hours(-1)) == len(worker.hours(0)) > 8
        assert figures(worker, -1) == figures(worker, -2)
        assert verify(worker.db).differences == ()


def test_who_was_no_part_of_it_then_sent_it_a_flow(three: Worker, venue: RunningVenue) -> None:
    """One sends 100 to two and is said later to have left an hour before: it came from outside then."""
    make(three, venue)
    next_hour(three, venue)
    since = venue.now().replace(minute=0)
    next_hour(three, venue, ("one", "send 100 USDT to two"))
    assert flows(three, -1) == [0, 0]
    order(three, venue, "portfolio", "members", "pair", "--remove", "one", "--since", f"{since:%Y-%m-%dT%H:%M}")

    assert flows(three, -1) == [-three.hours(1)[0]["nav"], 100]
    assert three.rows("select 1 from matched_transfers where portfolio_id = -1") == []
    assert verify(three.db).differences == ()


def test_what_was_changed_in_it_is_put_right(three: Worker, venue: RunningVenue) -> None:
    make(three, venue)
    next_hour(three, venue, ("one", "deposit 10 USDT"))
    before = figures(three, -1)
    three.db.execute("update nav_history set nav = nav + 1, units = units + 1 where account_id = -1")

    assert order(three, venue, "verify", "--recompute") == 0
    assert figures(three, -1) == before


def test_what_reaches_one_that_leaves_before_it_is_read_again_is_a_flow(three: Worker, venue: RunningVenue) -> None:
    """Two is read ten minutes after one and has sent something by then, which is on its way in the row of both."""
    make(three, venue)
    venue.advance(hours=1)
    venue.do("revoke", account="two")
    three.run(venue.now())
    venue.advance(minutes=5)
    venue.do("restore", account="two")
    venue.do("send 50 USDT to one", account="two")
    venue.advance(minutes=5)
    three.run(venue.now())
    next_hour(three, venue)
    assert [row["in_transit"] for row in three.hours(-1)] == [0, 50, 0]
    since = venue.now().replace(minute=0, second=0)
    order(three, venue, "portfolio", "members", "pair", "--remove", "one", "--since", since.isoformat())

    assert flows(three, -1) == [-50, -three.hours(1)[1]["nav"]]
    assert [row["in_transit"] for row in three.hours(-1)] == [0, 0, 0]
    assert verify(three.db).differences == ()
