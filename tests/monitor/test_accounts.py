"""Accounts whose key can't be opened say why and stop nobody else."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.accounts.registry import NewAccount, add_account, load_accounts, set_enabled
from monitor.errors import AccountError
from sql.vault import Credentials, Secret
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TWO = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 1000 USDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 3000 USDT
"""
DAMAGE = {
    "flipped": "update api_credentials set sealed_secret = set_byte(sealed_secret, 14,"
    " get_byte(sealed_secret, 14) # 1) where account_id = 1",
    "cut short": "update api_credentials set sealed_key = substring(sealed_key for 9) where account_id = 1",
    "emptied": "update api_credentials set sealed_key = '' where account_id = 1",
    "another row's": "update api_credentials set sealed_key ="
    " (select sealed_key from api_credentials where account_id = 2) where account_id = 1",
    "the other column's": "update api_credentials set sealed_key = sealed_secret where account_id = 1",
    "another master key's": "update api_credentials set master_key_id = '00000000' where account_id = 1",
    "gone": "delete from api_credentials where account_id = 1",
}


@pytest.fixture
def pair(open_worker: Opener, open_venue: VenueOpener) -> tuple[Worker, RunningVenue]:
    """Two tracked accounts."""
    venue = open_venue(TWO)
    worker = open_worker(venue)
    worker.add("one")
    worker.add("two", "key-two-0123456789", "secret-two-0123456789")
    return worker, venue


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_key_leaves_the_other_account_working(damage: str, pair: tuple[Worker, RunningVenue]) -> None:
    worker, venue = pair
    worker.db.execute(DAMAGE[damage])
    worker.run(venue.now())

    assert [worker.hours(a)[0]["status"] for a in (1, 2, 0)] == ["PARTIAL", "COMPLETE", "PARTIAL"]
    reason = worker.hours(1)[0]["reason"]
    assert "account rekey" in reason and KEY not in reason and SECRET not in reason


def test_without_the_master_key_every_sealed_account_says_so(pair: tuple[Worker, RunningVenue]) -> None:
    worker, venue = pair
    file = worker.settings.data_dir / "master.key"
    os.chmod(file, 0o644)
    worker.run(venue.now())

    for account in (1, 2):
        (hour,) = worker.hours(account)
        assert hour["status"] == "PARTIAL" and f"chmod 600 {file}" in hour["reason"]


def test_a_key_from_the_environment_works_beside_a_damaged_one(pair: tuple[Worker, RunningVenue]) -> None:
    worker, venue = pair
    worker.db.execute("delete from api_credentials where account_id = 1")
    worker.db.execute("update api_credentials set sealed_key = 'x' where account_id = 2")
    credentials = Credentials(key=Secret(KEY), secret=Secret(SECRET))
    known = worker.settings.exchanges
    given = {"binance": replace(known["binance"], credentials=credentials, label="one")}
    worker.settings = replace(worker.settings, exchanges={**known, **given})
    worker.run(venue.now())

    assert [worker.hours(a)[0]["status"] for a in (1, 2)] == ["COMPLETE", "PARTIAL"]


def test_a_tracked_account_shows_nothing_of_its_key(pair: tuple[Worker, RunningVenue]) -> None:
    worker, _ = pair
    shown = repr(load_accounts(worker.db, worker.settings))

    assert "'one'" in shown and KEY not in shown and SECRET not in shown


def test_only_enabled_accounts_are_tracked(pair: tuple[Worker, RunningVenue]) -> None:
    worker, _ = pair
    set_enabled(worker.db, "one", NOW, enabled=False)

    assert [account.label for account in load_accounts(worker.db, worker.settings)] == ["two"]
    assert worker.rows("select disabled_at from accounts where label = 'one'") == [{"disabled_at": NOW}]
    set_enabled(worker.db, "one", NOW, enabled=True)
    assert worker.rows("select disabled_at from accounts where label = 'one'") == [{"disabled_at": None}]


def test_the_number_of_an_account_is_tracked_once(pair: tuple[Worker, RunningVenue]) -> None:
    worker, _ = pair
    new = NewAccount(label="three", exchange="binance", uid="77", overpowered=False, weights=worker.settings.benchmark)
    add_account(worker.db, new, NOW)
    with pytest.raises(AccountError, match="count twice"):
        add_account(worker.db, replace(new, label="four"), NOW)
    with pytest.raises(AccountError, match="rekey three"):
        add_account(worker.db, replace(new, uid="78"), NOW)
