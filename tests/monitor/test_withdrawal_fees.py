"""Withdrawals of exchanges that don't say where the fee is: either answer, the wrong word for it, and the setting that turns it."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from finance.exchanges import WITH_UNDECIDED_FEE, name_fee_setting
from finance.records import FeePlace
from monitor.accounts.registry import set_enabled
from monitor.notify.judgement import quote
from monitor.performance.verification import verify
from sql.vault import Credentials, Secret
from tests.monitor.test_backfill import backfill
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

PASSPHRASE = "a-passphrase"
LEDGERS = {  # where a row of its own shows what a withdrawal took, and an answer without any
    "bitget": ("/api/v2/spot/account/bills", "groupType=withdraw", '{"code": "00000", "data": []}'),
    "gate": ("/api/v4/spot/account_book", "type=withdraw", "[]"),
}
OTHER = {FeePlace.INSIDE: FeePlace.ON_TOP, FeePlace.ON_TOP: FeePlace.INSIDE}


@pytest.fixture(params=WITH_UNDECIDED_FEE)
def exchange(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(FeePlace))
def truth(request: pytest.FixtureRequest) -> FeePlace:
    """Where the exchange's fee really is."""
    return FeePlace(request.param)


@pytest.fixture
def venue(exchange: str, truth: FeePlace, open_venue: VenueOpener) -> RunningVenue:
    word = f" passphrase {PASSPHRASE}" if exchange == "bitget" else ""
    story = f"+0m account test on {exchange} key {KEY} secret {SECRET}{word}\n+0m fees {truth}\n+0m deposit 5000 USDT"
    venue = open_venue(f"+0m account other key {KEY}b secret {SECRET}\n{story}")
    if exchange in LEDGERS:
        path, asked, nothing = LEDGERS[exchange]
        venue.fault(path, {"status": 200, "body": nothing}, of=asked)
    return venue


@pytest.fixture
def worker(exchange: str, venue: RunningVenue, open_worker: Opener) -> Worker:
    worker = open_worker(venue)
    passphrase = Secret(PASSPHRASE if exchange == "bitget" else "")
    worker.add_at(exchange, "test", Credentials(key=Secret(KEY), secret=Secret(SECRET), passphrase=passphrase))
    return worker


def declare(worker: Worker, exchange: str, place: FeePlace) -> None:
    """As if the setting were another one from now on."""
    known = worker.settings.exchanges
    one = replace(known[exchange], withdrawal_fee=place)
    worker.settings = replace(worker.settings, exchanges={**known, exchange: one})


def live(worker: Worker, venue: RunningVenue, *lines: str) -> None:
    venue.advance(minutes=30)
    for line in lines:
        venue.do(line)
        venue.advance(minutes=1)
    venue.advance(minutes=30 - len(lines))
    worker.run(venue.now())


def residuals(worker: Worker) -> list[tuple[str, D]]:
    found = worker.rows("select state, residual from explanations where account_id = 1 order by hour")
    return [(row["state"], row["residual"]) for row in found]


def test_the_wrong_word_is_named_as_the_cause_and_the_right_one_mends_what_was_and_what_comes(
    exchange: str, truth: FeePlace, worker: Worker, venue: RunningVenue
) -> None:
    declare(worker, exchange, OTHER[truth])
    worker.run(venue.now())
    live(worker, venue, "withdraw 300 USDT fee 1.5", "withdraw 40 USDT fee 1.5")

    missing = D(-3) if truth is FeePlace.ON_TOP else D(3)
    assert residuals(worker) == [("unexplained", missing)]
    (row,) = worker.rows("select cause from explanations where account_id = 1")
    assert "exactly the fee of the withdrawal of" in row["cause"] and "and of 1 more" in row["cause"]
    assert f"set {name_fee_setting(exchange)}={truth};" in quote(row["cause"])  # an alert cuts what is longer

    declare(worker, exchange, truth)
    live(worker, venue, "withdraw 30 USDT fee 0.5")
    assert residuals(worker) == [("explained", 0), ("explained", 0)]
    assert [hour["flows"] for hour in worker.hours()] == [5000, D(-343), D("-30.5")]
    assert [hour["unit_price"] for hour in worker.hours()] == [100, 100, 100]
    (change, *_) = worker.rows("select reason, hours from history_changes where account_id = 1 order by id")
    assert "as the settings say" in change["reason"] and change["hours"] == 1
    assert verify(worker.db).differences == ()
    live(worker, venue)
    assert worker.rows("select max(revision) as most from processed_transactions where kind = 'withdrawal'") == [
        {"most": 2}
    ]


@pytest.mark.parametrize("truth", [FeePlace.ON_TOP], indirect=True)
@pytest.mark.parametrize("exchange", LEDGERS, indirect=True)
def test_the_ledger_proves_it_against_any_word_and_is_remembered_when_it_shows_it_no_more(
    exchange: str, truth: FeePlace, worker: Worker, venue: RunningVenue
) -> None:
    venue.clear_faults()
    declare(worker, exchange, OTHER[truth])
    worker.run(venue.now())
    live(worker, venue, "withdraw 300 USDT fee 1.5")
    path, asked, nothing = LEDGERS[exchange]
    venue.fault(path, {"status": 200, "body": nothing}, of=asked)
    live(worker, venue)

    assert residuals(worker) == [("explained", 0), ("explained", 0)]
    assert worker.rows("select amount, assumed_fee from processed_transactions where kind = 'withdrawal'") == [
        {"amount": 300, "assumed_fee": None}
    ]


@pytest.mark.parametrize("truth", [FeePlace.ON_TOP], indirect=True)
@pytest.mark.parametrize("exchange", ["mexc"], indirect=True)
def test_a_disabled_account_is_mended_but_for_what_nobody_would_rebuild(
    exchange: str, truth: FeePlace, worker: Worker, venue: RunningVenue
) -> None:
    began = venue.now()
    venue.advance(hours=1)
    venue.do("withdraw 300 USDT fee 1.5")
    venue.advance(hours=1)
    declare(worker, exchange, OTHER[truth])
    worker.run(venue.now())
    assert backfill(worker, began) == 0
    live(worker, venue, "withdraw 40 USDT fee 1.5")
    assert residuals(worker)[-1] == ("unexplained", D("-1.5"))
    set_enabled(worker.db, "test", venue.now(), enabled=False)

    declare(worker, exchange, truth)
    live(worker, venue)
    assert [(hour["status"], hour["flows"]) for hour in worker.hours()][1:] == [
        ("COMPLETE", D(-300)),
        ("COMPLETE", D("-41.5")),
    ]
    assert {state for state, _ in residuals(worker)} == {"explained"}
    assert "as the settings say" in worker.rows("select reason from history_changes where account_id = 1")[-1]["reason"]
    assert verify(worker.db).differences == ()

    set_enabled(worker.db, "test", venue.now(), enabled=True)
    live(worker, venue)
    assert worker.rows("select id from processed_transactions where assumed_fee = 'inside' and revision = 2") == []


@pytest.mark.parametrize("truth", [FeePlace.ON_TOP], indirect=True)
@pytest.mark.parametrize("exchange", ["mexc"], indirect=True)
def test_hours_that_were_rebuilt_by_the_wrong_word_are_rebuilt_anew(
    exchange: str, truth: FeePlace, worker: Worker, venue: RunningVenue
) -> None:
    began = venue.now()
    venue.advance(hours=1)
    venue.do("withdraw 300 USDT fee 1.5")
    venue.advance(hours=1)
    declare(worker, exchange, OTHER[truth])
    worker.run(venue.now())
    assert backfill(worker, began) == 0
    assert [(hour["status"], hour["nav"]) for hour in worker.hours()] == [
        ("RECONSTRUCTED", D("4998.5")),
        ("COMPLETE", D("4698.5")),
    ]

    declare(worker, exchange, truth)
    live(worker, venue)
    for account in (0, 1):
        assert [(hour["nav"], hour["flows"]) for hour in worker.hours(account)] == [
            (D("4698.5"), D("4698.5")),
            (D("4698.5"), 0),
        ]
    assert verify(worker.db).differences == ()
    assert backfill(worker, began) == 0
    assert [(hour["nav"], hour["unit_price"]) for hour in worker.hours()] == [
        (5000, 100),
        (D("4698.5"), 100),
        (D("4698.5"), 100),
    ]
    assert {state for state, _ in residuals(worker)} == {"explained"}
    assert verify(worker.db).differences == ()
