"""When runs send alerts, and for how long: nobody waits for a slow target."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.notify import alerts
from monitor.notify.delivery import share_time
from monitor.settings import read_settings
from sql.connect import connect
from sql.locks import MIGRATION_LOCK, try_run_lock
from sql.rows import Db
from tests import hostile
from tests.commands import TWO_LINES, Commands
from tests.dashboard.history_rows import fill
from tests.hostile import Opener as HostileOpener
from tests.hostile import await_true
from tests.monitor.test_notify import HOUR, KEYS_ALONE, NOW, ONE, deliveries, expire, overpower, told
from tests.postgres import Database
from tests.receiver import Opener as ReceiverOpener
from tests.receiver import Receiver

HERE = Path(__file__).parents[2]


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    """The worker's connection to a database with one account."""
    with connect(database.owner_url, name="test") as owner:
        fill(owner, hours=48, until=HOUR)
    with connect(database.worker_url, name="test") as worker:
        yield worker


@pytest.fixture
def owner(database: Database) -> Iterator[Db]:
    """The owner's connection."""
    with connect(database.owner_url, name="test") as opened:
        opened.execute("set search_path = monitor")
        yield opened


def test_a_run_sends_alerts_while_it_has_time_and_without_its_lock(
    command: Commands, receiver: Receiver, db: Db, owner: Db
) -> None:
    db.execute("update accounts set enabled = false")
    command("account", "add", "main", stdin=TWO_LINES)
    db.execute("update accounts set overpowered = true where label = 'main'")
    command.setting("NOTIFY_URLS", f"{receiver.url()}?rto=60")
    assert command("run", "--alerts-until", "2026-01-01T00:00:00+00:00").code == 0
    assert (receiver.got, [row["state"] for row in deliveries(db)]) == ([], ["waiting"])

    receiver.released.clear()
    run = subprocess.Popen([sys.executable, "-m", "monitor", "run"], cwd=HERE, stdout=subprocess.PIPE)
    try:
        await_true(lambda: receiver.got or run.poll() is not None)
        assert run.poll() is None
        assert try_run_lock(owner)
        migrating = owner.execute("select pg_try_advisory_lock(%s) as free", [MIGRATION_LOCK]).fetchone()
        assert migrating and migrating["free"]
    finally:
        receiver.released.set()
        run.communicate(timeout=60)
    assert (run.returncode, len(receiver.got)) == (0, 1)
    assert [row["state"] for row in deliveries(db)] == ["sent"]


def test_what_begins_while_another_process_sends_is_noted_at_once_and_sent_by_the_next(
    db: Db, database: Database, owner: Db, receiver: Receiver
) -> None:
    overpower(owner)
    settings = told(receiver, NOTIFY_URLS=f"{receiver.url()}?rto=60")
    receiver.released.clear()

    def tell() -> None:
        with connect(database.worker_url, name="test") as other:
            alerts.raise_alerts(other, settings, NOW)

    sending = threading.Thread(target=tell)
    sending.start()
    await_true(lambda: receiver.got)
    expire(owner, NOW)
    alerts.raise_alerts(db, settings, NOW)
    assert (len(receiver.got), len(db.execute("select from alert_messages").fetchall())) == (1, 2)
    receiver.released.set()
    sending.join()

    alerts.raise_alerts(db, settings, NOW + ONE)
    assert len(set(receiver.titles)) == len(receiver.titles) == 2


def test_a_good_target_gets_its_alert_beside_hostile_ones(
    db: Db, owner: Db, receiver: Receiver, open_hostile: HostileOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "share_time", lambda _, left: {2: 2.0, 1: 30.0}[left])
    overpower(owner)
    bad = f"json://127.0.0.1:{open_hostile(hostile.dripping_header).port}/"
    settings = read_settings({"NOTIFY_URLS": f"{bad} {receiver.url()}", "NOTIFY_RULES": KEYS_ALONE})
    alerts.raise_alerts(db, settings, NOW)

    assert len(receiver.got) == 1
    assert [(row["target"], row["state"]) for row in deliveries(db)] == [("json", "waiting"), ("json 2", "sent")]
    assert deliveries(db)[0]["failure"] == "it did not answer within 2 seconds"


def test_alerts_for_which_a_run_has_no_time_wait_for_the_next(
    db: Db, owner: Db, open_receiver: ReceiverOpener, caplog: pytest.LogCaptureFixture
) -> None:
    receivers = [open_receiver(), open_receiver()]
    urls = " ".join(receiver.url() for receiver in receivers)
    settings = read_settings({"NOTIFY_URLS": urls, "NOTIFY_RULES": KEYS_ALONE})
    overpower(owner)
    alerts.raise_alerts(db, settings, NOW, seconds=-5)
    assert [(row["state"], row["attempts"]) for row in deliveries(db)] == [("waiting", 0)] * 2
    assert "Alerts to json 2 wait for the next run" in caplog.text

    alerts.raise_alerts(db, settings, NOW + ONE)
    assert [len(receiver.got) for receiver in receivers] == [1, 1]


def test_targets_share_what_time_there_is() -> None:
    def share(left: float, targets: int) -> float:
        return round(share_time(time.monotonic() + left, targets))

    assert [share(120, targets) for targets in (1, 4, 6, 100)] == [30, 30, 20, 10]
    assert [share(left, 1) for left in (25, 11, 9, -1)] == [25, 11, 0, 0]


def test_a_run_with_nothing_to_send_starts_and_imports_nothing(db: Db, receiver: Receiver) -> None:
    code = (
        "import subprocess, sys; from datetime import datetime, UTC; from monitor.notify.alerts import raise_alerts;"
        "from monitor.settings import read_settings; from sql.connect import connect; import os;"
        "subprocess.Popen = None; s = read_settings(dict(os.environ));"
        "raise_alerts(connect(s.database_url.value, name='test'), s, datetime.now(UTC));"
        "sys.exit('apprise' in sys.modules or 'requests' in sys.modules)"
    )
    settings = {"DATABASE_URL": db.info.dsn + f" password={db.info.password}", "NOTIFY_URLS": receiver.url()}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, env={**os.environ, **settings, "NOTIFY_RULES": KEYS_ALONE}
    )

    assert done.returncode == 0
