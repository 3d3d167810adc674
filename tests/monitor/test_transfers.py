"""Transfers between tracked accounts: no flow of the total, and never lost on the way."""

import pytest

from finance.portfolios import Transfer
from monitor.performance.verification import verify
from sql.connect import connect
from sql.migrate import MIGRATIONS
from tests.lived_once import Relive
from tests.monitor.notation import D, at
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


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def pair(open_worker: Opener, venue: RunningVenue, relive: Relive) -> Worker:
    """Two accounts, recorded once."""
    return relive(open_worker(venue), venue, record_both)


def record_both(worker: Worker, venue: RunningVenue) -> None:
    """The first hour of both accounts."""
    for name, digits in (("first", "000"), ("second", "00")):
        worker.add(name, f"key-of-the-{name}-account-{digits}", f"secret-of-the-{name}-account-{digits}")
    worker.run(venue.now())


def next_hours(pair: Worker, venue: RunningVenue, *events: str, hours: int = 1) -> None:
    """Twenty past, the events; then the runs of the following hours."""
    venue.advance(minutes=20)
    for event in events:
        venue.do(event, account="first")
    venue.advance(minutes=40)
    pair.run(venue.now())
    for _ in range(hours - 1):
        venue.advance(hours=1)
        pair.run(venue.now())


BOOKED = (
    "select 1 from benchmark_flows f join benchmark_configs c on c.id = f.benchmark_id"
    " where c.account_id = 0 and f.units < 0"
)


def test_what_goes_from_account_to_account_is_no_flow_of_the_total(pair: Worker, venue: RunningVenue) -> None:
    next_hours(pair, venue, "send 1 ETH to second")

    assert [pair.hours(account)[-1]["flows"] != 0 for account in (1, 2, 0)] == [True, True, False]
    assert pair.hours(0)[-1]["nav"] == sum(pair.hours(account)[-1]["nav"] for account in (1, 2))
    assert pair.hours(0)[-1]["units"] == pair.hours(0)[-2]["units"]


def test_what_is_on_its_way_for_hours_is_part_of_the_total(pair: Worker, venue: RunningVenue) -> None:
    """Seen as a withdrawal at first; as soon as it arrives, the hours between are put right."""
    next_hours(pair, venue, "send 1 ETH to second fee 0.01 arriving after 2h", hours=2)
    assert pair.hours(0)[-1]["in_transit"] == 0
    assert pair.hours(0)[-2]["flows"] < 0

    venue.advance(hours=1)
    pair.run(venue.now())

    total = pair.hours(0)
    assert [hour["in_transit"] > 0 for hour in total] == [False, True, True, False]
    assert [hour["flows"] for hour in total[1:]] == [0, 0, 0]
    assert len({hour["units"] for hour in total}) == 1
    assert pair.rows("select 1 from flow_valuations where account_id = 0 and value < 0") == []
    assert pair.rows(BOOKED) == []
    for mine, first, second in zip(total, pair.hours(1), pair.hours(2), strict=True):
        assert mine["nav"] == first["nav"] + second["nav"] + mine["in_transit"]
    assert verify(pair.db).differences == ()


def test_the_network_fee_is_a_cost_of_the_total(pair: Worker, venue: RunningVenue) -> None:
    """USDT only moves its own amount: 100 sent and 5 paid to the network."""
    before = pair.rows("select sum(free) as usdt from holdings h join snapshots s on s.id = h.snapshot_id"
                       " where asset = 'USDT'")[0]["usdt"]  # fmt: skip

    next_hours(pair, venue, "send 100 USDT to second fee 5")

    total = pair.hours(0)[-1]
    assert total["flows"] == 0
    held = pair.rows(
        "select sum(h.free) as usdt from holdings h join snapshots s on s.id = h.snapshot_id"
        " where h.asset = 'USDT' and s.hour = %(hour)s",
        hour=total["hour"],
    )
    assert held[0]["usdt"] == before - 5


def test_a_flow_after_a_transfer_is_valued_without_the_network_fee(pair: Worker, venue: RunningVenue) -> None:
    """100 USDT sent for a fee of 5, then 1,000 paid in: the first has lost 105, the other has 5,100, the total lost 5."""
    venue.advance(minutes=10)
    venue.do("send 100 USDT to second fee 5", account="first")
    next_hours(pair, venue, "deposit 1000 USDT")

    total, first = pair.rows(
        "select v.nav_before from flow_valuations v join processed_transactions t on t.id = v.transaction_id"
        " where t.amount = 1000 order by v.account_id"
    )
    assert total["nav_before"] - first["nav_before"] == 5100


def test_a_transfer_between_equal_ones_is_matched_one_to_one(pair: Worker, venue: RunningVenue) -> None:
    next_hours(pair, venue, "send 1 ETH to second", "send 1 ETH to second")

    pairs = pair.rows("select * from matched_transfers")
    assert len(pairs) == len({p["in_id"] for p in pairs}) == 2
    assert pair.hours(0)[-1]["flows"] == 0


def test_what_leaves_for_an_account_that_is_not_tracked_is_a_flow(open_worker: Opener, venue: RunningVenue) -> None:
    worker = open_worker(venue)
    worker.add("first", "key-of-the-first-account-000", "secret-of-the-first-account-000")
    worker.run(venue.now())

    next_hours(worker, venue, "send 1 ETH to second")

    assert worker.hours(0)[-1]["flows"] == worker.hours(1)[-1]["flows"] < 0


def test_what_left_before_its_target_was_tracked_stays_a_flow(open_worker: Opener, venue: RunningVenue) -> None:
    worker = open_worker(venue)
    worker.add("first", "key-of-the-first-account-000", "secret-of-the-first-account-000")
    worker.run(venue.now())
    next_hours(worker, venue, "send 1 ETH to second")
    worker.add("second", "key-of-the-second-account-00", "secret-of-the-second-account-00")
    next_hours(worker, venue)

    assert worker.rows("select * from matched_transfers") == []
    assert worker.hours(0)[-2]["flows"] == worker.hours(1)[-2]["flows"] < 0
    assert worker.hours(0)[-1]["flows"] == worker.hours(2)[-1]["nav"]


def test_in_transit_begins_and_ends_with_each_account_s_own_snapshot() -> None:
    transfer = Transfer(
        out_id=1,
        in_id=2,
        out_account=1,
        in_account=2,
        asset="ETH",
        amount=D(1),
        cost=D(0),
        left_at=at("2026-01-01 10:00:05"),
        arrived_at=at("2026-01-01 12:00:05"),
    )
    cases = {
        ("10:00:05", "10:00:05"): 0,  # the sender's snapshot still has it
        ("10:00:06", "10:00:06"): 1,
        ("12:00:05", "12:00:05"): 1,
        ("12:00:06", "12:00:05"): 1,
        ("12:00:05", "12:00:06"): 0,  # the receiver's snapshot has it
        ("10:00:05", "12:00:06"): -1,  # both have it
    }

    for (first, second), lacks in cases.items():
        assert transfer.underway({1: at(f"2026-01-01 {first}"), 2: at(f"2026-01-01 {second}")}) == lacks
    assert transfer.underway({1: at("2026-01-01 11:00:00")}) == 0
    assert [transfer.underway({2: at(f"2026-01-01 {second}")}) for second in ("10:00:05", "11:00:00", "12:00:06")] == [
        0,
        1,
        0,
    ]


def send_between_readings(pair: Worker, venue: RunningVenue) -> None:
    """The sender's reading still has it, the receiver's later one has it, too."""
    venue.advance(hours=1)
    venue.do("revoke", account="second")
    pair.run(venue.now())
    venue.advance(minutes=4)
    venue.do("send 4000 USDT to second", account="first")
    venue.do("deposit 300 USDT", account="first")
    venue.advance(minutes=4)
    venue.do("restore", account="second")
    pair.run(venue.now())
    venue.advance(minutes=52)
    pair.run(venue.now())


def test_what_arrives_between_the_readings_of_two_accounts_counts_once(pair: Worker, venue: RunningVenue) -> None:
    send_between_readings(pair, venue)

    between, last = pair.hours(0)[1:]
    members = [pair.hours(account)[1]["nav"] for account in (1, 2)]
    assert (between["in_transit"], between["nav"]) == (-4000, sum(members) - 4000)
    assert (between["flows"], last["flows"]) == (0, 300)
    assert all(98 < row["unit_price"] < 102 for row in pair.hours(0))
    assert verify(pair.db).differences == ()


def test_what_arrives_at_an_account_that_joined_while_it_was_on_its_way_is_a_flow_of_the_total_twice(
    open_worker: Opener, venue: RunningVenue
) -> None:
    """It leaves the whole and comes back; an hour in between does not lose it."""
    worker = open_worker(venue)
    worker.add("first", "key-of-the-first-account-000", "secret-of-the-first-account-000")
    worker.run(venue.now())
    next_hours(worker, venue, "send 4000 USDT to second arriving after 130m")
    worker.add("second", "key-of-the-second-account-00", "secret-of-the-second-account-00")
    next_hours(worker, venue, hours=3)

    assert all(98 < row["unit_price"] < 102 for row in worker.hours(0))
    assert [row["in_transit"] for row in worker.hours(0)] == [0] * 5
    assert worker.hours(0)[1]["flows"] == -4000
    assert verify(worker.db).differences == ()


def test_what_an_earlier_version_counted_twice_is_computed_again(
    pair: Worker, venue: RunningVenue, database: Database
) -> None:
    send_between_readings(pair, venue)
    right = pair.hours(0)
    pair.db.execute(
        "update nav_history set nav = nav - in_transit, in_transit = 0, unit_price = unit_price * 1.2, units = units * 2"
        " where account_id = 0 and in_transit <> 0"
    )
    with connect(database.owner_url, name="test") as owner:
        owner.execute((MIGRATIONS / "0025_two_readings.sql").read_text(encoding="utf-8"))
    next_hours(pair, venue)

    assert pair.hours(0)[:3] == right
    assert pair.rows("select reason from history_changes where account_id = 0 and reason like '%%at once counts once'")
    assert verify(pair.db).differences == ()


def enable(pair: Worker, is_enabled: bool) -> None:
    pair.db.execute("update monitor.accounts set enabled = %(so)s where label = 'first'", {"so": is_enabled})


def test_what_an_account_sent_before_it_was_disabled_stays_part_of_the_total(pair: Worker, venue: RunningVenue) -> None:
    next_hours(pair, venue, "send 3000 USDT to second arriving after 2h")
    enable(pair, False)
    next_hours(pair, venue, hours=2)

    total = pair.hours(0)
    assert [hour["in_transit"] for hour in total] == [0, 3000, 3000, 0]
    assert all(abs(hour["unit_price"] - 100) < 2 for hour in total)
    assert verify(pair.db).differences == ()


def test_what_an_account_sent_while_it_was_disabled_is_money_from_outside(pair: Worker, venue: RunningVenue) -> None:
    """Away too long to be rebuilt: it takes its NAV along when it leaves, and comes back without what it sent."""
    enable(pair, False)
    next_hours(pair, venue)
    next_hours(pair, venue, "send 3000 USDT to second")
    venue.advance(hours=75)
    enable(pair, True)
    pair.run(venue.now())

    valued = [hour for hour in pair.hours(0) if hour["nav"] is not None]
    assert [hour["flows"] > 0 for hour in valued] == [True, False, True, True]
    assert all(abs(hour["unit_price"] - 100) < 2 for hour in valued)
    assert pair.rows("select 1 from matched_transfers") == []
    assert verify(pair.db).differences == ()
