"""What a key may do is asked before the first reading and every day since."""

import pytest

from monitor.accounts.store.keys import KeyCheck, record_check
from monitor.errors import AccountError
from monitor.exchanges.contract import Permissions
from sql.vault import Credentials, Secret
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

RESTRICTIONS = "/sapi/v1/account/apiRestrictions"
OOPS = {"status": 500, "body": "oops"}


def looked(venue: RunningVenue) -> bool:
    """Whether the key was looked at since the last question."""
    found = any(request["path"] == RESTRICTIONS for request in venue.requests())
    venue.control("/requests", method="DELETE")
    return found


def flags(worker: Worker) -> tuple[bool, list[str]]:
    (row,) = worker.rows("select overpowered, key_dangers from accounts where id = 1")
    return row["overpowered"], row["key_dangers"]


def test_the_key_is_looked_at_once_a_day(worker: Worker, venue: RunningVenue) -> None:
    seen = []
    for hours in (0, 1, 22, 1, 1, 23):
        venue.advance(hours=hours)
        worker.run(venue.now())
        seen.append(looked(venue))

    assert seen == [True, False, False, True, False, True]
    (row,) = worker.rows("select key_checked_at from accounts where id = 1")
    assert row["key_checked_at"] == venue.now()


@pytest.mark.usefixtures("first_hour")
def test_a_key_that_gets_more_rights_is_flagged_and_goes_on_being_read(worker: Worker, venue: RunningVenue) -> None:
    venue.do("permit enableMargin")
    venue.do("permit enableWithdrawals")
    venue.advance(days=1)
    worker.run(venue.now())

    assert flags(worker) == (True, ["enableMargin", "enableWithdrawals"])
    assert worker.hours()[-1]["status"] == "COMPLETE"


@pytest.mark.usefixtures("first_hour")
def test_a_key_that_loses_its_dangerous_rights_is_no_longer_flagged(worker: Worker, venue: RunningVenue) -> None:
    for line in ("permit enableMargin", "forbid enableMargin"):
        venue.do(line)
        venue.advance(days=1)
        worker.run(venue.now())

    assert flags(worker) == (False, [])


@pytest.mark.usefixtures("first_hour")
def test_a_daily_look_that_fails_costs_no_hour_and_is_tried_again(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(days=1)
    venue.fault(RESTRICTIONS, OOPS)
    worker.run(venue.now())
    venue.clear_faults()
    looked(venue)
    venue.advance(hours=1)
    worker.run(venue.now())

    assert [hour["status"] for hour in worker.hours() if hour["status"] != "RECONSTRUCTED"] == ["COMPLETE"] * 3
    assert looked(venue)


def test_nothing_is_read_with_a_key_that_could_not_be_looked_at(worker: Worker, venue: RunningVenue) -> None:
    venue.fault(RESTRICTIONS, OOPS)
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert hour["status"] == "PARTIAL" and "Reading the key's permissions" in hour["reason"]
    assert not any(request["path"].startswith("/sapi/v3/asset") for request in venue.requests())


@pytest.mark.usefixtures("first_hour")
def test_a_key_that_was_revoked_is_rejected_and_told(worker: Worker, venue: RunningVenue) -> None:
    venue.do("revoke")
    venue.advance(days=1)
    worker.run(venue.now())

    (row,) = worker.rows("select key_state, key_message from accounts where id = 1")
    assert row["key_state"] == "rejected" and "-2015" in row["key_message"]
    assert worker.hours()[-1]["status"] == "PARTIAL"

    venue.do("restore")
    venue.advance(hours=1)
    worker.run(venue.now())
    assert worker.rows("select key_state, key_message from accounts where id = 1") == [
        {"key_state": "accepted", "key_message": ""}
    ]


def test_the_end_of_a_permission_is_stored(worker: Worker, venue: RunningVenue) -> None:
    body = (
        '{"ipRestrict": true, "enableReading": true, "enableWithdrawals": false, "tradingAuthorityExpirationTime": %s}'
    )
    stored = []
    for told in ("1893456000000", '"soon"', "0"):
        venue.fault(RESTRICTIONS, {"status": 200, "body": body % told})
        worker.run(venue.now())
        venue.clear_faults()
        venue.advance(days=1)
        stored += [row["key_expires_at"] for row in worker.rows("select key_expires_at from accounts where id = 1")]

    assert f"{stored[0]:%Y-%m-%d %H:%M}" == "2030-01-01 00:00"
    assert stored[1:] == [None, None]
    assert {hour["status"] for hour in worker.hours()} == {"COMPLETE", "RECONSTRUCTED"}


def test_a_permission_that_is_neither_true_nor_false_is_not_believed(worker: Worker, venue: RunningVenue) -> None:
    body = '{"ipRestrict": true, "enableReading": true, "enableWithdrawals": "false"}'
    venue.fault(RESTRICTIONS, {"status": 200, "body": body})
    worker.run(venue.now())

    assert worker.hours()[0]["status"] == "PARTIAL"


TWINS = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 1000 USDT
"""


def test_the_second_of_two_labels_of_one_account_is_refused_by_name(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    venue = open_venue(TWINS)
    worker = open_worker(venue)
    worker.add("first")
    worker.run(venue.now())
    worker.add("second")
    worker.run(venue.now())

    assert "tracked already as 'first'" in worker.hours(2)[0]["reason"]
    assert worker.hours(1)[0]["status"] == "COMPLETE"


def test_a_number_is_an_accounts_at_its_own_exchange_alone(worker: Worker, venue: RunningVenue) -> None:
    elsewhere = worker.add_at("mexc", "elsewhere", Credentials(key=Secret("k" * 40), secret=Secret("s" * 40)))
    permissions = Permissions(may_read=True, dangerous=(), ip_restricted=True)
    check = KeyCheck(at=venue.now(), key_mark="", uid="7", permissions=permissions)
    for account in (elsewhere, 1):
        record_check(worker.db, account, check)

    with pytest.raises(AccountError, match="tracked already as 'test'"):
        record_check(worker.db, worker.add("second"), check)
