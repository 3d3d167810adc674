"""A master's sub-accounts: accounts of their own, read through the master's key, and a family that adds up."""

from decimal import Decimal as D

import pytest

from tests.commands import Commands
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

STORY = """
+0m account boss key key-of-the-boss-0123456789 secret secret-of-the-boss-0123456789
+0m deposit 10000 USDT
+0m account alpha key key-of-alpha-0123456789 secret secret-of-alpha-0123456789
+0m belongs to boss
+0m deposit 2000 USDT
+0m account beta key key-of-beta-0123456789 secret secret-of-beta-0123456789
+0m belongs to boss
+0m deposit 500 USDT
"""
KEY, SECRET = "key-of-the-boss-0123456789", "secret-of-the-boss-0123456789"
ALPHA = "alpha@paper.example"


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    return open_venue(STORY)


@pytest.fixture
def family(open_worker: Opener, venue: RunningVenue) -> Worker:
    """A worker that tracks the boss (1) and its sub-accounts alpha (2) and beta (3)."""
    worker = open_worker(venue)
    worker.add("boss", KEY, SECRET)
    assert [line.split("'")[1] for line in worker.add_subs("boss", venue.now())] == [ALPHA, "beta@paper.example"]
    return worker


def run_next_hour(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=1)
    worker.run(venue.now())


def navs(worker: Worker) -> list[D]:
    """The newest NAV of the whole, the boss, alpha and beta."""
    return [worker.hours(account)[-1]["nav"] for account in range(4)]


def test_each_sub_account_is_an_account_and_the_family_is_their_sum(family: Worker, venue: RunningVenue) -> None:
    family.run(venue.now())

    assert [family.hours(account)[0]["status"] for account in range(4)] == ["COMPLETE"] * 4
    assert navs(family) == [12500, 10000, 2000, 500]
    rows = family.rows("select label, master_id, uid from accounts where master_id is not null order by id")
    assert [(row["label"], row["master_id"]) for row in rows] == [(ALPHA, 1), ("beta@paper.example", 1)]
    assert rows[0]["uid"] == str(venue.truth("alpha")["uid"])


def test_a_transfer_inside_the_family_is_a_flow_of_both_and_none_of_the_whole(
    family: Worker, venue: RunningVenue
) -> None:
    family.run(venue.now())
    venue.do("hand 3000 USDT to alpha", "boss")
    venue.do("hand 100 USDT to beta", "alpha")
    run_next_hour(family, venue)

    assert navs(family) == [12500, 7000, 4900, 600]
    assert [family.hours(account)[-1]["flows"] for account in range(4)] == [0, -3000, 2900, 100]
    assert [family.hours(account)[-1]["unit_price"] for account in range(4)] == [100] * 4
    flows = family.rows(
        "select account_id, kind, amount, reference from processed_transactions where kind like 'transfer%%'"
        " order by reference, kind desc"
    )
    assert [(flow["account_id"], flow["kind"], flow["amount"]) for flow in flows] == [
        (1, "transfer_out", 3000),
        (2, "transfer_in", 3000),
        (2, "transfer_out", 100),
        (3, "transfer_in", 100),
    ]
    assert flows[0]["reference"] == flows[1]["reference"] != flows[2]["reference"] == flows[3]["reference"]


def test_a_deposit_to_a_sub_account_is_a_flow(family: Worker, venue: RunningVenue) -> None:
    family.run(venue.now())
    venue.do("deposit 700 USDT", "beta")
    run_next_hour(family, venue)

    assert [family.hours(account)[-1]["flows"] for account in range(4)] == [700, 0, 0, 700]
    assert navs(family)[3] == 1200


def test_margin_and_futures_of_a_sub_account_are_read(family: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 400 USDT from spot to cross_margin", "alpha")
    venue.do("borrow 100 USDT", "alpha")
    venue.do("transfer 300 USDT from spot to futures", "alpha")
    venue.do("transfer 200 USDT from spot to coin_m", "alpha")
    family.run(venue.now())

    rows = family.rows(
        "select wallet, free, owed from holdings h join snapshots s on s.id = h.snapshot_id where account_id = 2"
        " order by wallet"
    )
    assert rows == [
        {"wallet": "coin_m_futures", "free": 200, "owed": 0},
        {"wallet": "cross_margin", "free": 500, "owed": 100},
        {"wallet": "spot", "free": 1100, "owed": 0},
        {"wallet": "usd_m_futures", "free": 300, "owed": 0},
    ]
    assert navs(family)[2] == 2000


def test_what_a_master_cannot_see_is_listed(family: Worker, venue: RunningVenue) -> None:
    family.run(venue.now())

    rows = family.rows("select wallet from account_wallets where account_id = 2 and state = 'unseen'")
    assert {"funding", "Earn", "isolated margin", "trades and income"} <= {row["wallet"] for row in rows}


@pytest.mark.parametrize(
    "path",
    [
        "/sapi/v4/sub-account/assets",
        "/sapi/v1/sub-account/status",
        "/sapi/v1/sub-account/margin/account",
        "/sapi/v2/sub-account/futures/account",
        "/sapi/v1/capital/deposit/subHisrec",
        "/sapi/v1/sub-account/universalTransfer",
    ],
)
def test_no_bad_answer_about_a_sub_account_becomes_a_number(path: str, family: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 400 USDT from spot to cross_margin", "alpha")
    family.run(venue.now())
    for body in ("<html>maintenance</html>", "[]", '{"balances": [{"asset": "USDT", "fr'):
        if body == "[]" and path.endswith("subHisrec"):
            continue  # no deposits
        venue.fault(path, {"status": 200, "body": body})
        run_next_hour(family, venue)
        hour = family.hours(2)[-1]
        assert (hour["status"], hour["nav"], bool(hour["reason"])) == ("PARTIAL", None, True), body
        assert family.hours(0)[-1]["nav"] is None
        venue.clear_faults()


def test_adding_again_adds_only_who_is_new_and_says_who_is_tracked(family: Worker, venue: RunningVenue) -> None:
    venue.do("account gamma key key-of-gamma-0123456789 secret secret-of-gamma-0123456789")
    venue.do("belongs to boss", "gamma")
    told = family.add_subs("boss", venue.now())

    assert ["was not added" in line for line in told] == [True, True, False]
    assert len(family.rows("select * from accounts where master_id = 1")) == 3


def test_a_sub_account_tracked_with_its_own_key_is_not_counted_twice(open_worker: Opener, venue: RunningVenue) -> None:
    worker = open_worker(venue)
    worker.add("boss", KEY, SECRET)
    worker.add("mine", "key-of-alpha-0123456789", "secret-of-alpha-0123456789")
    worker.run(venue.now())
    told = worker.add_subs("boss", venue.now())

    assert "would count twice" in told[0] and "is tracked" in told[1]
    run_next_hour(worker, venue)
    assert worker.hours(0)[-1]["nav"] == 12500


def test_a_master_without_its_key_says_whose_key_is_missing(family: Worker, venue: RunningVenue) -> None:
    family.run(venue.now())
    family.rows("delete from api_credentials where account_id = 1 returning account_id")
    run_next_hour(family, venue)

    assert "rekey boss" in family.hours(2)[-1]["reason"]


def test_the_command_adds_them_and_a_sub_account_has_no_key_of_its_own(
    command: Commands, present_venue: RunningVenue
) -> None:
    present_venue.do("belongs to test", "other")
    assert command("account", "add", "main", stdin=f"{present_venue.key}\n{present_venue.secret}\n").code == 0
    told = command("account", "add-subs", "main")
    assert (told.code, told.err) == (0, "")
    assert "'other@paper.example' is tracked from the next run on, through the key of 'main'" in told.out

    checked = command("account", "check", "other@paper.example")
    assert "Read through its master's key" in checked.out and "Wallet spot: read, 1 asset" in checked.out
    assert "Seen by nobody but the sub-account: funding" in checked.out
    refused = command("account", "rekey", "other@paper.example", stdin="a-key-0123456789\na-secret-0123456789\n")
    assert refused.code == 2 and "Rekey the master" in refused.err
    assert "itself a sub-account" in command("account", "add-subs", "other@paper.example").err


@pytest.mark.parametrize("name", ["boss+alpha", "a&email=beta", "a%2Bb"])
def test_an_address_arrives_as_it_is_whatever_its_characters(
    name: str, open_venue: VenueOpener, open_worker: Opener
) -> None:
    venue = open_venue(STORY.replace("alpha", name))
    worker = open_worker(venue)
    worker.add("boss", KEY, SECRET)
    worker.add_subs("boss", venue.now())
    worker.run(venue.now())
    venue.do(f"hand 3000 USDT to {name}", "boss")
    run_next_hour(worker, venue)

    assert [worker.hours(account)[-1]["status"] for account in range(4)] == ["COMPLETE"] * 4
    assert navs(worker) == [12500, 7000, 5000, 500]
    assert [worker.hours(account)[-1]["flows"] for account in range(4)] == [0, -3000, 3000, 0]
