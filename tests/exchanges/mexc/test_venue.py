"""An account at the paper exchange, read by the adapter and by whole runs: its own books, to the last digit."""

import json
from decimal import Decimal

import pytest

from monitor.performance.verification import verify
from sql.vault import Credentials, Secret
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

KEY, SECRET = "mx0-key-of-the-mexc-account", "secret-of-the-mexc-account"
CREDENTIALS = Credentials(key=Secret(KEY), secret=Secret(SECRET))
CHILD = Credentials(key=Secret("mx0-key-of-a-sub-account"), secret=Secret("secret-of-a-sub-account"))
STORY = f"""
+0m account test on mexc key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+1m buy for 4000 BTCUSDT
+2m transfer 1000 USDT from spot to futures
+3m long 0.01 BTCUSDT
"""


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    venue = open_venue(STORY)
    venue.advance(minutes=10)
    return venue


@pytest.fixture
def worker(open_worker: Opener, venue: RunningVenue) -> Worker:
    worker = open_worker(venue)
    worker.add_at("mexc", "test", CREDENTIALS)
    return worker


def worth(venue: RunningVenue) -> Decimal:
    """What the story's own books are worth in USDT."""
    account = venue.truth()
    total = Decimal(account["unrealised"])
    for wallet in account["wallets"].values():
        for asset, amount in wallet.items():
            price = Decimal(1) if asset == "USDT" else venue.exchange.venue.price(f"{asset}USDT", venue.now())
            total += Decimal(amount) * price
    return total


def test_nav_is_what_the_story_has_and_every_hour_is_explained(worker: Worker, venue: RunningVenue) -> None:
    lives = [
        ("deposit 500 USDT", "sell 0.005 BTCUSDT", "rebate 2 USDT"),
        ("withdraw 300 USDT fee 1", "funding pay 0.5 USDT BTCUSDT"),
        ("close 0.004 BTCUSDT", "pay receive 7 USDT", "lock 50 USDT"),
    ]
    worker.run(venue.now())
    assert worker.hours()[-1]["nav"] == worth(venue)
    for life in lives:
        venue.advance(minutes=30)
        for line in life:
            venue.do(line)
        venue.advance(minutes=30)
        worker.run(venue.now())
        assert (worker.hours()[-1]["status"], worker.hours()[-1]["nav"]) == ("COMPLETE", worth(venue))

    assert [hour["flows"] for hour in worker.hours()[1:]] == [500, -301, 7]
    states = worker.rows("select state, residual from explanations where account_id = 1 order by hour")
    assert {(row["state"], row["residual"]) for row in states} == {("explained", 0)}
    assert verify(worker.db).differences == ()


def test_the_sizes_of_contracts_are_one_call_for_all_accounts(worker: Worker, venue: RunningVenue) -> None:
    """MEXC answers it once in five seconds: accounts that each asked would wait for each other."""
    for line in (f"account child on mexc key {CHILD.key.value} secret {CHILD.secret.value}",
                 "deposit 2000 USDT", "transfer 1000 USDT from spot to futures", "long 0.01 ETHUSDT"):  # fmt: skip
        venue.do(line, account="child")
    worker.add_at("mexc", "child", CHILD)
    worker.run(venue.now())

    assert [worker.hours(account)[-1]["status"] for account in (1, 2)] == ["COMPLETE"] * 2
    assert [call["path"] for call in venue.requests()].count("/api/v1/contract/detail") == 1


def test_an_order_that_takes_two_hours_is_booked_whole_in_the_second(worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    venue.do("order 0.008 BTCUSDT")
    for _ in range(2):
        venue.advance(minutes=30)
        venue.do("close 0.004 BTCUSDT")
        venue.advance(minutes=30)
        worker.run(venue.now())
        assert (worker.hours()[-1]["status"], worker.hours()[-1]["nav"]) == ("COMPLETE", worth(venue))

    assert [row["quantity"] for row in worker.rows("select quantity from contract_fills order by id")][-2:] == [
        Decimal("-0.004")
    ] * 2  # its parts, though only its end was booked
    first, second = worker.rows("select residual from explanations where account_id = 1 order by hour")
    assert first["residual"] == -second["residual"] != 0
    parts = venue.exchange.venue.accounts["test"].contract_fills[-2:]
    booked = worker.rows(
        "select kind, sum(amount) from income where occurred_at > %(at)s group by kind", at=parts[0].at
    )
    assert {row["kind"]: row["sum"] for row in booked} == {
        "realised_profit": sum(part.profit for part in parts),
        "futures_commission": -sum(part.commission for part in parts),
    }


def test_what_went_to_a_sub_account_and_came_back_is_no_performance(worker: Worker, venue: RunningVenue) -> None:
    venue.do(f"account child on mexc key {CHILD.key.value} secret {CHILD.secret.value}")
    venue.do("belongs to test", account="child")
    worker.run(venue.now())
    for account, line in (("test", "hand 400 USDT to child"), ("child", "hand 150 USDT to test")):
        venue.advance(minutes=30)
        venue.do(line, account=account)
        venue.advance(minutes=30)
        worker.run(venue.now())

    assert [(hour["status"], hour["flows"]) for hour in worker.hours()[1:]] == [("COMPLETE", -400), ("COMPLETE", 150)]


@pytest.mark.parametrize(
    ("status", "code", "words", "state", "is_estimate"),
    [
        (400, 700004, "Mandatory parameter 'fromAccountType' was not sent", "PARTIAL", False),
        (400, 140002, "sub account is forbidden", "COMPLETE", True),  # what its main account sends is hidden
        (403, 700007, "No permission to access the endpoint", "COMPLETE", False),
    ],
)
def test_transfers_of_sub_accounts_that_are_refused_are_never_silently_none(
    worker: Worker, venue: RunningVenue, status: int, code: int, words: str, state: str, is_estimate: bool
) -> None:
    worker.run(venue.now())
    venue.advance(hours=1)
    answer = {"status": status, "body": json.dumps({"code": code, "msg": words})}
    venue.fault("/api/v3/sub-account/list", answer, exchange="mexc")
    worker.run(venue.now())

    assert (worker.hours()[-1]["status"], worker.hours()[-1]["estimated"]) == (state, is_estimate)


def test_what_a_main_account_sends_is_no_performance_of_its_sub_account(
    open_worker: Opener, venue: RunningVenue
) -> None:
    venue.do(f"account child on mexc key {CHILD.key.value} secret {CHILD.secret.value}")
    venue.do("belongs to test", account="child")
    venue.do("deposit 1000 USDT", account="child")
    worker = open_worker(venue)
    worker.add_at("mexc", "child", CHILD)
    worker.run(venue.now())
    venue.advance(hours=1)
    venue.do("hand 400 USDT to child")
    worker.run(venue.now())

    (first, second) = worker.hours()
    assert (first["status"], first["nav"], first["estimated"]) == ("COMPLETE", 1000, True)
    assert (second["status"], second["nav"]) == ("PARTIAL", None)
    assert "+400.00 USDT came or went" in second["reason"] and "flow add" in second["reason"]
