"""Alerts with a real Postgres, a paper exchange and a receiver over HTTP."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from monitor.alert_settings import Rule, Thresholds
from monitor.notify.alerts import judge_all, raise_alerts
from monitor.notify.judgement import Pages
from monitor.notify.performance_rules import judge_performance
from monitor.notify.store.alert_facts import load_freshness, load_readings
from monitor.notify.store.figures import load_figures
from monitor.performance.store.highs import record_highs
from monitor.settings import Settings, read_settings
from sql.connect import connect
from sql.rows import Db
from tests.commands import TWO_LINES, Commands
from tests.dashboard.history_rows import fill
from tests.postgres import Database
from tests.receiver import Opener as ReceiverOpener
from tests.receiver import Receiver
from tests.venue import RunningVenue
from tests.worker import Worker

HERE = Path(__file__).parents[2]
NOW = datetime(2026, 6, 1, 0, 5, tzinfo=UTC)
HOUR = datetime(2026, 6, 1, tzinfo=UTC)
ONE = timedelta(hours=1)
OTHERS_OFF = "behind=off drawdown=off move=off incomplete=off unexplained=off difference=off"
KEYS_ALONE = f"{OTHERS_OFF} stale=off disk=off"
STALE_ALONE = f"{OTHERS_OFF} key-expiry=off key-rights=off disk=off"


def told(receiver: Receiver, **others: str) -> Settings:
    """Settings that tell the receiver of keys."""
    return read_settings({"NOTIFY_URLS": receiver.url(), "NOTIFY_RULES": KEYS_ALONE, **others})


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    """The worker's connection to a database with one account, `long`, of a hundred days."""
    with connect(database.owner_url, name="test") as owner:
        account = fill(owner, hours=2400, until=HOUR)
        record_highs(owner, account, HOUR, is_continued=False)
    with connect(database.worker_url, name="test") as worker:
        yield worker


@pytest.fixture
def owner(database: Database) -> Iterator[Db]:
    """The owner's connection: changes what no worker may."""
    with connect(database.owner_url, name="test") as opened:
        opened.execute("set search_path = monitor")
        yield opened


def overpower(owner: Db, is_so: bool = True) -> None:
    owner.execute("update accounts set overpowered = %(so)s where id > 0", {"so": is_so})


def expire(owner: Db, ends: datetime | None) -> None:
    owner.execute("update accounts set key_expires_at = %(ends)s where id > 0", {"ends": ends})


def deliveries(db: Db) -> list[dict[str, Any]]:
    return db.execute("select * from alert_deliveries order by message_id, target").fetchall()


# --------------------------------------------------------------------------------------------------- facts and rules


def test_a_disk_that_is_nearly_full_is_an_alert_until_it_is_not(
    db: Db, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = told(
        receiver, NOTIFY_RULES=f"{OTHERS_OFF} stale=off key-expiry=off key-rights=off", DATA_DIR=str(tmp_path / "a")
    )
    total, used, _ = shutil.disk_usage(tmp_path)
    for free in (1_000_000_000, 20_000_000, 20_000_000, 1_000_000_000):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: shutil._ntuple_diskusage(total, used, free))
        raise_alerts(db, settings, NOW)

    titles = [row["title"] for row in db.execute("select title from alert_messages order by id")]
    assert titles[0] == "The disk is nearly full: 20 MB left"
    assert len(titles) == 2
    assert titles[1].startswith("Over")


def test_facts_are_those_of_the_stored_hours(db: Db) -> None:
    (figures,) = load_figures(db, HOUR, 30)
    rows = db.execute("select hour, unit_price from nav_history where unit_price is not null order by hour").fetchall()
    prices = {row["hour"]: row["unit_price"] for row in rows}
    assert figures.performance

    peak = max(prices, key=lambda hour: prices[hour])
    assert (figures.performance.peak.hour, figures.performance.peak.unit_price) == (peak, prices[peak])
    assert figures.performance.day_start.hour == HOUR - 24 * ONE
    assert figures.performance.period_start.hour == HOUR - 30 * 24 * ONE
    assert figures.performance.level.unit_price == prices[HOUR]
    assert figures.performance.level.benchmark_unit_price == Decimal(
        db.execute(
            "select h.unit_price as p from benchmark_history h join benchmark_configs b on b.id = benchmark_id"
            " where b.is_default and b.account_id > 0 and hour = %(hour)s",
            {"hour": HOUR},
        ).fetchall()[0]["p"]
    )


def test_an_hour_without_a_figure_is_not_judged_and_counted(db: Db, owner: Db) -> None:
    for hour, status in ((HOUR - ONE, "PARTIAL"), (HOUR, "MISSED")):
        owner.execute(
            "update nav_history set status = %(status)s, nav = null, unit_price = null, reason = 'spot' where hour = %(h)s",
            {"h": hour, "status": status},
        )

    assert load_figures(db, HOUR, 30) == ()
    assert load_readings(db, NOW)[0].hours_without == 2
    freshness = load_freshness(db)
    assert freshness and freshness.newest == HOUR - ONE


def test_a_loss_of_everything_is_a_move_and_a_drawdown_and_not_an_empty_account(db: Db, owner: Db) -> None:
    def judged() -> list[tuple[Rule, list[str]]]:
        (figures,) = load_figures(db, HOUR, behind_days=30)
        found = judge_performance(figures, Thresholds(behind=None), Pages(address=""))
        return [(judgement.rule, [finding.title for finding in judgement.findings]) for judgement in found]

    owner.execute("update nav_history set units = 0, unit_price = 0, nav = -5 where hour = %(now)s", {"now": HOUR})
    assert judged() == [
        (Rule.DRAWDOWN, ["long: 100.0 % below its highest"]),
        (Rule.MOVE, ["long: -100.0 % within 24 hours"]),
    ]
    owner.execute(
        "update nav_history set units = 0, unit_price = 0, nav = -5 where hour >= %(then)s and nav is not null",
        {"then": HOUR - 30 * ONE},
    )
    assert judged() == [(Rule.DRAWDOWN, ["long: 100.0 % below its highest"]), (Rule.MOVE, [])]


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_is_no_move_and_what_is_read_badly_is_told(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 50000 USDT")
    venue.advance(hours=1)
    worker.run(venue.now())

    judged = judge_all(worker.db, worker.settings, venue.now())
    assert {one.rule for one in judged} == set(Rule) - {Rule.DATABASE}
    assert [finding for one in judged for finding in one.findings] == []

    for _ in range(3):
        venue.advance(hours=1)
        venue.fault("/sapi/v3/asset/getUserAsset", {"status": 503})
        worker.run(venue.now())
    judged = judge_all(worker.db, worker.settings, venue.now())
    assert [one.rule for one in judged if one.findings] == [Rule.INCOMPLETE]
    assert not {Rule.BEHIND, Rule.DRAWDOWN, Rule.MOVE} & {one.rule for one in judged}


# -------------------------------------------------------------------------------------------------------- delivery


def test_what_begins_is_told_once_and_once_when_it_is_over(db: Db, owner: Db, receiver: Receiver) -> None:
    expire(owner, NOW + timedelta(days=5))
    settings = told(receiver, NOTIFY_LINK="https://monitor.example/")
    for hour in range(3):
        raise_alerts(db, settings, NOW + hour * ONE)
    expire(owner, None)
    for hour in range(3, 6):
        raise_alerts(db, settings, NOW + hour * ONE)

    assert receiver.titles == [
        "long: the API key expires on 2026-06-06",
        "Over: long: the API key expires on 2026-06-06",
    ]
    assert (receiver.got[0]["type"], receiver.got[1]["type"]) == ("warning", "info")
    assert receiver.got[1]["message"].endswith("It began 2026-06-01 00:05 UTC.")
    assert all(row["state"] == "sent" and row["attempts"] == 1 for row in deliveries(db))


def test_a_message_that_is_refused_is_sent_by_the_next_run(db: Db, owner: Db, receiver: Receiver) -> None:
    overpower(owner)
    settings = told(receiver)
    receiver.status = 500
    raise_alerts(db, settings, NOW)
    (refused,) = deliveries(db)
    assert (refused["state"], refused["attempts"]) == ("waiting", 1) and "500" in refused["failure"]

    receiver.status = 200
    raise_alerts(db, settings, NOW + ONE)

    assert receiver.titles == ["long: the API key may do more than read"] * 2
    assert "(Of 2026-06-01 00:05 UTC.)" in receiver.got[1]["message"] and "Perhaps" not in receiver.got[1]["message"]
    assert [(row["state"], row["failure"]) for row in deliveries(db)] == [("sent", "")]


def test_a_target_that_fails_makes_no_other_repeat(db: Db, owner: Db, open_receiver: ReceiverOpener) -> None:
    good, bad = open_receiver(), open_receiver()
    bad.status = 404
    overpower(owner)
    settings = read_settings({"NOTIFY_URLS": f"{bad.url()} {good.url()}", "NOTIFY_RULES": KEYS_ALONE})
    for hour in range(3):
        raise_alerts(db, settings, NOW + hour * ONE)

    assert (len(good.got), len(bad.got)) == (1, 3)
    assert [(row["target"], row["state"]) for row in deliveries(db)] == [("json", "waiting"), ("json 2", "sent")]


def test_a_message_is_given_up_after_three_days_and_with_its_target(db: Db, owner: Db, receiver: Receiver) -> None:
    overpower(owner)
    receiver.status = 500
    raise_alerts(db, told(receiver), NOW)
    raise_alerts(db, read_settings({"NOTIFY_RULES": KEYS_ALONE}), NOW + ONE)
    assert [row["failure"] for row in deliveries(db)] == ["the target is no longer in NOTIFY_URLS"]

    other = told(receiver, NOTIFY_URLS="jsons://127.0.0.1:1/x")
    for hours in (2, 3, 74, 75):
        raise_alerts(db, other, NOW + hours * ONE)
    late = deliveries(db)[-1]
    assert (late["target"], late["state"], late["attempts"]) == ("jsons", "dropped", 3)
    assert late["failure"].startswith("given up after three days: ")


def test_quiet_hours_hold_back_all_but_what_is_critical(db: Db, owner: Db, receiver: Receiver) -> None:
    overpower(owner)
    expire(owner, NOW + timedelta(days=5))
    settings = told(receiver, NOTIFY_QUIET="22-7 UTC")
    raise_alerts(db, settings, NOW)
    assert receiver.titles == ["long: the API key may do more than read"]

    overpower(owner, False)
    raise_alerts(db, settings, NOW + ONE)
    assert len(receiver.got) == 1

    raise_alerts(db, settings, NOW + 7 * ONE)
    assert receiver.titles[1:] == ["Portfolio monitor: 2 messages"]
    assert "expires on" in receiver.got[1]["message"] and "Over: long" in receiver.got[1]["message"]


def test_a_target_that_is_added_hears_of_what_goes_on(db: Db, owner: Db, receiver: Receiver) -> None:
    overpower(owner)
    raise_alerts(db, read_settings({}), NOW)
    raise_alerts(db, told(receiver), NOW + 100 * ONE)

    assert receiver.titles == ["long: the API key may do more than read"]


def test_a_rule_that_is_switched_off_and_an_account_that_leaves_end_in_silence(
    db: Db, owner: Db, receiver: Receiver
) -> None:
    overpower(owner)
    expire(owner, NOW)
    raise_alerts(db, told(receiver), NOW)
    raise_alerts(db, told(receiver, NOTIFY_RULES=f"{KEYS_ALONE} key-rights=off"), NOW + ONE)
    owner.execute("update accounts set enabled = false")
    raise_alerts(db, told(receiver), NOW + 2 * ONE)

    assert len(receiver.got) == 1
    rows = db.execute("select ended_at, ending from alert_episodes order by ended_at").fetchall()
    assert [(row["ended_at"] - NOW) // ONE for row in rows] == [1, 2]
    assert all("not watched" in row["ending"] for row in rows)


def test_another_process_that_tells_is_not_disturbed(db: Db, owner: Db, receiver: Receiver) -> None:
    overpower(owner)
    owner.execute("select pg_advisory_lock(7205113)")
    raise_alerts(db, told(receiver), NOW)
    assert receiver.got == [] and deliveries(db) == []

    owner.execute("select pg_advisory_unlock(7205113)")
    raise_alerts(db, told(receiver), NOW)
    assert len(receiver.got) == 1


def test_a_lost_database_leaves_the_alerts_to_the_next_run(
    db: Db, database: Database, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(database.worker_url, name="test") as other:
        other.execute("select pg_terminate_backend(%(pid)s)", {"pid": db.info.backend_pid})

    raise_alerts(db, told(receiver), NOW)

    assert "Alerts wait for the next run" in caplog.text


def test_a_killed_run_makes_the_next_one_repeat_once_and_say_so(
    db: Db, database: Database, receiver: Receiver, tmp_path: Path
) -> None:
    environment = os.environ | {
        "DATABASE_URL": database.worker_url,
        "DATA_DIR": str(tmp_path),
        "NOTIFY_URLS": f"{receiver.url()}?rto=60",
        "NOTIFY_RULES": STALE_ALONE,
    }
    receiver.released.clear()
    for attempt in (1, 2):
        child = subprocess.Popen([sys.executable, "-m", "monitor", "notify", "stale"], cwd=HERE, env=environment)
        deadline = time.monotonic() + 60
        while len(receiver.got) < attempt and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert len(receiver.got) == attempt
    receiver.released.set()
    last = subprocess.run([sys.executable, "-m", "monitor", "notify", "stale"], cwd=HERE, env=environment)

    assert last.returncode == 0 and len(receiver.got) == 2
    assert ["Perhaps sent before" in message["message"] for message in receiver.got] == [False, True]
    assert [(row["state"], row["attempts"]) for row in deliveries(db)] == [("dropped", 2)]
    assert "may have arrived" in deliveries(db)[0]["failure"]


# -------------------------------------------------------------------------------------------------------- commands


def test_a_run_tells_and_a_target_that_hangs_does_not_change_its_outcome(
    command: Commands, receiver: Receiver, db: Db
) -> None:
    db.execute("update accounts set enabled = false")
    command("account", "add", "main", stdin=TWO_LINES)
    db.execute("update accounts set overpowered = true where label = 'main'")
    command.setting("NOTIFY_URLS", f"{receiver.url()}?rto=1")
    receiver.released.clear()

    assert command("run", "--dry-run").code == 0
    assert receiver.got == []
    told = command("run")

    assert (told.code, len(receiver.got)) == (0, 1)
    assert "main: COMPLETE" in told.out
    assert db.execute("select state from alert_deliveries").fetchall() == [{"state": "waiting"}]


def test_a_test_says_of_each_target_whether_it_took_the_message(
    command: Commands, open_receiver: ReceiverOpener
) -> None:
    good, bad = open_receiver(), open_receiver()
    bad.status = 403
    none = command("notify", "test")
    command.setting("NOTIFY_URLS", f"{good.url()} {bad.url()} nonsense://canary-of-a-token")
    told = command("notify", "test")

    assert (none.code, told.code) == (2, 1)
    assert "NOTIFY_URLS" in none.err
    assert told.out.splitlines()[0] == "json: sent"
    assert told.out.splitlines()[1].startswith("json 2: ") and "403" in told.out
    assert "does not understand this nonsense address" in told.out
    assert good.titles == ["Portfolio monitor: test"]


def test_tokens_of_targets_are_nowhere(
    database: Database, receiver: Receiver, db: Db, owner: Db, tmp_path: Path
) -> None:
    overpower(owner)
    receiver.status = 500
    urls = [
        receiver.url("canary-path"),
        "json://canaryuser:canary%20word@127.0.0.1:1/",
        "tgram://123456789:AAcanary_of_a_telegram_bot_token_000/1234",
        "tgram://canaryshort",
    ]
    environment = os.environ | {
        "DATABASE_URL": database.worker_url,
        "DATA_DIR": str(tmp_path),
        "NOTIFY_URLS": " ".join(urls),
        "https_proxy": "http://127.0.0.1:1",  # nothing leaves this machine
    }
    said = ""
    for action in ("test", "stale", "list"):
        words = [sys.executable, "-m", "monitor", "notify", action]
        done = subprocess.run(words, cwd=HERE, env=environment, capture_output=True, text=True)
        said += done.stdout + done.stderr
    said += repr(db.execute("select d::text from alert_deliveries d").fetchall())

    assert "tgram 2" in said and "could not be sent to json 2" in said
    assert "canary" not in said and "123456789" not in said


def test_the_list_shows_rules_targets_and_alerts(command: Commands, receiver: Receiver, db: Db, owner: Db) -> None:
    assert "There has been no alert." in command("notify", "list").out
    overpower(owner)
    raise_alerts(db, told(receiver), NOW)
    command.setting("NOTIFY_URLS", receiver.url())
    command.setting("NOTIFY_QUIET", "22-7 Europe/Prague")
    command.setting("NOTIFY_RULES", "move=off drawdown=15")

    out = command("notify", "list").out
    assert "Targets: json\nQuiet hours: 22:00 to 07:00 Europe/Prague\n" in out
    assert "drawdown=15 move=off unexplained=on" in out
    assert "2026-06-01 00:05 UTC, goes on: long: the API key may do more than read [json: sent]" in out


def test_missing_hours_are_told_by_the_scheduler_and_over_with_the_next_run(
    command: Commands, receiver: Receiver, db: Db
) -> None:
    command.setting("NOTIFY_URLS", receiver.url())
    command.setting("NOTIFY_RULES", STALE_ALONE)
    command.setting("NOTIFY_QUIET", "0-23:59")
    for _ in range(2):
        assert command("notify", "stale").code == 0
    assert len(receiver.got) == 1 and receiver.titles[0].startswith("No hour recorded for ")

    db.execute("update accounts set enabled = false")
    command.setting("NOTIFY_QUIET", "")
    command("account", "add", "main", stdin=TWO_LINES)
    command("run")
    assert len(receiver.got) == 2 and receiver.titles[1].startswith("Over: No hour recorded for ")


def test_a_database_that_is_away_is_told_without_it_and_once(
    command: Commands, receiver: Receiver, db: Db, database: Database
) -> None:
    db.execute("update accounts set enabled = false")
    command.setting("DATABASE_URL", database.worker_url.replace("portfolio_worker:", "portfolio_worker:canary"))
    assert command("notify", "stale").code == 4  # nobody is told: there is no target

    command.setting("NOTIFY_URLS", receiver.url())
    receiver.status = 500
    assert command("notify", "stale").code == 4
    receiver.status = 200
    for _ in range(2):
        assert command("notify", "stale").code == 4
    assert receiver.titles == ["The database can't be used"] * 2
    assert "canary" not in repr(receiver.got)

    command.setting("DATABASE_URL", database.worker_url)
    for _ in range(2):
        assert command("notify", "stale").code == 0
    assert receiver.titles[2:] == ["Over: the database can be used again"]
    (alert,) = db.execute("select * from alert_episodes").fetchall()
    assert alert["rule"] == "database" and alert["began_at"] < alert["ended_at"]


def test_apprise_is_imported_only_to_send() -> None:
    code = "import sys, monitor.commands.run; sys.exit('apprise' in sys.modules or 'requests_oauthlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=HERE).returncode == 0


def test_what_the_owner_knows_is_acknowledged_once(command: Commands, db: Db, owner: Db) -> None:
    owner.execute("update accounts set key_state = 'rejected', key_message = 'code -2015' where label = 'long'")
    told = command("notify", "ack", "--account", "long")
    assert told.code == 0, told.err
    assert "long: the key has been refused since" in told.out and "code -2015" in told.out
    assert "long: nothing was recorded since" in told.out and "Health page goes on showing them" in told.out

    again = command("notify", "ack")
    assert (again.code, again.out) == (3, "No alarm stands that is not acknowledged.\n")
    assert "There is no account" in command("notify", "ack", "--account", "other").err
