"""Transfers between exchanges: matched by transaction, else by asset, amount and time, else by the owner's word."""

from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg.errors import CheckViolation

from monitor.__main__ import parse_arguments
from monitor.errors import LedgerError
from monitor.ledger.store.transfers_by_amount import load_unclear_transfers
from monitor.notify.reading_rules import judge_transfers
from monitor.notify.store.alert_facts import load_readings
from monitor.performance.verification import verify
from sql.connect import connect
from tests.monitor.test_transfers import next_hours, pair, venue
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker

__all__ = ["pair", "venue"]


def test_both_ends_name_a_transaction_in_the_spelling_of_their_exchange(pair: Worker, venue: RunningVenue) -> None:
    next_hours(pair, venue, "withdraw 1 ETH fee 0.01 tx 0xAB12CD")
    venue.do("deposit 1 ETH tx ab12cd:3", account="second")
    next_hours(pair, venue)

    assert len(pair.rows("select * from matched_transfers")) == 1
    assert {hour["units"] for hour in pair.hours(0)} == {pair.hours(0)[0]["units"]}
    assert verify(pair.db).differences == ()


def test_one_end_without_a_transaction_is_matched_by_amount_and_time(pair: Worker, venue: RunningVenue) -> None:
    next_hours(pair, venue, "withdraw 1 ETH fee 0.01 tx none", "withdraw 0.5 ETH tx none")
    venue.do("deposit 1 ETH", account="second")
    next_hours(pair, venue)

    assert [row["amount"] for row in matched(pair)] == [1]
    assert [hour["flows"] < 0 for hour in pair.hours(0)[1:]] == [True, False]  # the half that went to somebody else
    assert verify(pair.db).differences == ()


def test_other_transactions_are_no_transfer_however_well_they_fit(pair: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 1 ETH", account="second")
    next_hours(pair, venue, "withdraw 1 ETH")

    assert matched(pair) == []
    assert load_unclear_transfers(pair.db, 0) == ()


def matched(pair: Worker) -> list[dict[str, Any]]:
    return pair.rows(
        "select m.out_id, m.in_id, t.amount from matched_transfers m join processed_transactions t on t.id = m.out_id"
        " order by t.occurred_at, t.id"
    )


def say(pair: Worker, *words: str) -> None:
    arguments = parse_arguments(["flow", *words, "--note", "I know"])
    arguments.run(pair.db, pair.settings, arguments, datetime.now(UTC))


@pytest.fixture
def unclear(pair: Worker, venue: RunningVenue) -> tuple[int, ...]:
    """Two withdrawals of 1 ETH without a transaction, and one deposit: the numbers of the three flows."""
    next_hours(pair, venue, "withdraw 1 ETH tx none", "withdraw 1 ETH tx none")
    venue.do("deposit 1 ETH", account="second")
    next_hours(pair, venue)
    return tuple(
        row["id"] for row in pair.rows("select id from processed_transactions where amount = 1 order by kind desc, id")
    )


def test_what_fits_twice_waits_for_the_owner_and_counts_as_flows(pair: Worker, unclear: tuple[int, ...]) -> None:
    first, second, arrived = unclear

    assert matched(pair) == []
    assert [(one.out_id, one.in_id) for one in load_unclear_transfers(pair.db, 0)] == [
        (first, arrived),
        (second, arrived),
    ]
    (reading, _) = load_readings(pair.db, pair.hours(0)[-1]["hour"])
    finding, _ = judge_transfers(reading)
    assert finding
    assert f"flow match {first} {arrived}" in finding.body


def test_the_owner_says_which_two_are_one_transfer(pair: Worker, venue: RunningVenue, unclear: tuple[int, ...]) -> None:
    say(pair, "match", str(unclear[1]), str(unclear[2]))

    assert len(matched(pair)) == 1
    assert load_unclear_transfers(pair.db, 0) == ()
    assert len({hour["units"] for hour in pair.hours(0)}) == 2  # only the other one was a flow
    next_hours(pair, venue)
    assert len(matched(pair)) == 1  # a reading that reports both again changes nothing
    assert verify(pair.db).differences == ()


def test_a_match_that_breaks_off_between_its_two_ends_has_changed_neither(
    pair: Worker, unclear: tuple[int, ...], database: Database
) -> None:
    with connect(database.owner_url, name="test") as owner:
        owner.execute("alter table processed_transactions add check (account_id <> 2 or note <> 'I know')")
    before = pair.hours(), pair.hours(0)
    with pytest.raises(CheckViolation):
        say(pair, "match", str(unclear[1]), str(unclear[2]))

    assert pair.rows("select id from processed_transactions where note = 'I know'") == []
    assert (pair.hours(), pair.hours(0)) == before


def test_the_owner_says_that_one_is_no_transfer(pair: Worker, unclear: tuple[int, ...]) -> None:
    say(pair, "separate", str(unclear[0]))

    assert len(matched(pair)) == 1
    assert load_unclear_transfers(pair.db, 0) == ()
    assert verify(pair.db).differences == ()


@pytest.mark.parametrize(("out", "into", "reason"), [(2, 0, "first the number of what was sent"), (0, 1, "a deposit")])
def test_only_what_can_be_a_transfer_is_one(
    pair: Worker, unclear: tuple[int, ...], out: int, into: int, reason: str
) -> None:
    with pytest.raises(LedgerError, match=reason):
        say(pair, "match", str(unclear[out]), str(unclear[into]))

    assert matched(pair) == []
