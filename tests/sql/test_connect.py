"""Connections: patient, bounded, and silent about passwords."""

import logging
import threading
import time
from pathlib import Path

import psycopg
import pytest

from sql import embedded
from sql.connect import connect, connect_elsewhere
from sql.errors import AddressFault, DatabaseAway
from tests.postgres import Database


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cretpw@127.0.0.1:1/x",
        "postgresql://127.0.0.1:1/x?password=s3cretpw",
        "host=127.0.0.1 port=1 password=s3cretpw",
        "u:s3cretpw",
    ],
)
def test_a_server_that_is_away_is_named_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseAway) as caught:
        connect(url, name="test", patience_seconds=0.3)
    assert "s3cretpw" not in str(caught.value)


def test_a_password_is_cut_out_of_what_the_server_says(database: Database) -> None:
    url = f"postgresql://s%23cretpw:s%23cretpw@{database.worker_url.partition('@')[2]}"
    with pytest.raises(DatabaseAway, match='for user "…"'):
        connect(url, name="test", patience_seconds=0)


def test_somebody_elses_database_is_only_read_and_its_address_is_not_shown(database: Database) -> None:
    with connect_elsewhere(database.owner_url, name="test", named="OLD_URL") as old:
        assert old.execute("show search_path").fetchall() == [{"search_path": "public"}]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            old.execute("create table public.mine (id integer)")
    for url, message in (("postgresql://u:s3cretpw@127.0.0.1:1/x", "OLD_URL can't be read"), ("u:s3cretpw", "OLD_URL")):
        with pytest.raises((DatabaseAway, AddressFault), match=message) as caught:
            connect_elsewhere(url, name="test", named="OLD_URL")
        assert "s3cretpw" not in str(caught.value)


def test_every_long_wait_is_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sql.connect.LOGGED_FROM", 0.5)
    with caplog.at_level(logging.WARNING), pytest.raises(DatabaseAway, match="did not answer for 1 s"):
        connect("postgresql://u:s3cretpw@127.0.0.1:1/x", name="test", patience_seconds=1)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "trying again in" in caplog.text and "s3cretpw" not in caplog.text


def test_what_waiting_does_not_heal_is_not_waited_for(database: Database) -> None:
    user, _, rest = database.worker_url.partition("@")
    wrong = f"{user.rpartition(':')[0]}:not-the-password@{rest}"
    with pytest.raises(DatabaseAway, match=r"refuses the connection: .*authentication failed"):
        connect(wrong, name="test", patience_seconds=3600)


def test_a_server_that_comes_late_is_waited_for(data_dir: Path) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    start = threading.Timer(0.5, embedded.start, [data_dir])
    start.start()
    with connect(embedded.url(data_dir, "owner"), name="test", patience_seconds=20) as db:
        assert db.execute("select 1 as one").fetchone() == {"one": 1}
    start.join()


def test_the_address_of_a_role_that_only_reads_is_said_to_be_read_only_at_once(database: Database) -> None:
    began = time.monotonic()
    with pytest.raises(AddressFault, match=r"This address is read-only: .*portfolio_worker's address"):
        connect(database.dashboard_url, name="test")
    assert time.monotonic() - began < 5
