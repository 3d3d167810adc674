"""Why an hour was missed, and which hours are tried again."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from finance.hour_status import LEFT_OUT, NO_RUN
from monitor.database.runs import WITHOUT_RESULT, record_end, start_run
from monitor.performance.store.history import load_due_accounts
from monitor.snapshots.snapshot import Snapshot, take_snapshot
from sql.connect import connect
from sql.rows import Db
from tests.commands import OTHER_KEY, OTHER_SECRET, TWO_LINES, Commands
from tests.postgres import Database, Server
from tests.venue import KEY, SECRET, STORY, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

HOUR = timedelta(hours=1)
OPEN_OPTION = STORY + "+2m transfer 1000 USDT from spot to options\n+2m option buy 2 BTC-260626-60000-C at 400 fee 2\n"


@pytest.fixture
def venue(open_venue: VenueOpener) -> RunningVenue:
    """An account with an open option: hours without a reading can't be rebuilt."""
    return open_venue(OPEN_OPTION)


def begin_run(worker: Worker, now: datetime, pid: int) -> int:
    """A run that does nothing but begin."""
    return start_run(worker.db, hour=now.replace(minute=0), now=now, pid=pid, version="test")


def reasons(worker: Worker, account: int = 1) -> list[str]:
    """Why hours were missed, without what is said of rebuilding."""
    return [h["reason"].partition(". Not rebuilt")[0] for h in worker.hours(account) if h["status"] == "MISSED"]


def test_a_missed_hour_says_what_became_of_its_runs(worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    first = venue.now()
    begin_run(worker, first + HOUR, pid=11)
    record_end(worker.db, first + HOUR, 11, "killed by SIGKILL", "test")
    begin_run(worker, first + 2 * HOUR, pid=12)  # killed by whom nobody knows
    record_end(worker.db, first + 3 * HOUR, 13, "crashed with exit code 70: KeyError", "test")
    record_end(worker.db, first + 3 * HOUR, 14, "failed: the database did not answer", "test")
    venue.advance(hours=5)
    worker.run(venue.now())

    failed = "the run of this hour failed: "
    expected = [
        f"{failed}killed by SIGKILL",
        f"{failed}{WITHOUT_RESULT}",
        f"{failed}failed: the database did not answer",
        NO_RUN,
    ]
    assert reasons(worker) == reasons(worker, account=0) == expected


def test_what_a_run_recorded_of_itself_stays_and_another_process_of_its_number_is_another(
    worker: Worker, venue: RunningVenue
) -> None:
    worker.run(venue.now())
    (done,) = worker.rows("select id, pid, outcome, message from runs")
    record_end(worker.db, venue.now(), done["pid"], "killed by SIGKILL", "test")
    assert worker.rows("select id, pid, outcome, message from runs") == [done]

    for number in range(101):
        begin_run(worker, venue.now(), pid=50_000 + number)
    record_end(worker.db, venue.now(), done["pid"], "killed by SIGKILL", "test")
    assert worker.rows("select message from runs order by id desc limit 1") == [{"message": "killed by SIGKILL"}]


def test_an_account_that_was_disabled_meanwhile_was_left_out(open_worker: Opener, open_venue: VenueOpener) -> None:
    other = f"+0m account other key {OTHER_KEY} secret {OTHER_SECRET}\n+0m deposit 500 USDT\n"
    venue = open_venue(OPEN_OPTION + other)
    worker = open_worker(venue)
    worker.add()
    worker.add("other", OTHER_KEY, OTHER_SECRET)
    worker.run(venue.now())
    worker.db.execute("update accounts set enabled = false where id = 1")
    venue.advance(hours=1)
    worker.run(venue.now())
    worker.db.execute("update accounts set enabled = true where id = 1")
    venue.advance(hours=1)
    worker.run(venue.now())

    assert reasons(worker) == [LEFT_OUT]


def test_what_was_not_read_at_all_is_due_again_and_nothing_else(worker: Worker, venue: RunningVenue) -> None:
    def due() -> bool:
        return bool(load_due_accounts(worker.db, venue.now().replace(minute=0)))

    assert due()
    venue.fault("*", {"kind": "reset"})
    worker.db.execute("insert into nav_history (account_id, hour, status, reason) values (1, %(h)s, 'MISSED', '')",
                      {"h": venue.now().replace(minute=0) - HOUR})  # fmt: skip
    worker.run(venue.now())
    assert (worker.hours()[-1]["status"], due()) == ("PARTIAL", True)
    lines = len(worker.rows("select * from system_logs"))
    worker.run(venue.now())
    assert len(worker.rows("select * from system_logs")) == lines  # said once an hour

    venue.clear_faults()
    venue.fault("/sapi/v1/fiat/orders", {"status": 500, "body": ""})
    worker.run(venue.now())
    assert (worker.hours()[-1]["status"], due()) == ("PARTIAL", False)  # the next hour is soon enough

    venue.clear_faults()
    venue.advance(hours=1)
    assert due()
    venue.do("revoke")
    worker.run(venue.now())
    assert (worker.hours()[-1]["status"], due()) == ("PARTIAL", False)


def test_a_run_of_what_is_due_reads_nothing_else(command: Commands, present_venue: RunningVenue) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    command("account", "add", "other", stdin=f"{OTHER_KEY}\n{OTHER_SECRET}\n")
    spot = "/sapi/v3/asset/getUserAsset"
    present_venue.fault("/api/v3/ticker/price", {"status": 500, "body": ""})
    assert command("run").code == 1
    present_venue.clear_faults()

    def readings(*words: str) -> int:
        present_venue.control("/requests", method="DELETE")
        assert command("run", *words).code == 0
        return sum(request["path"] == spot for request in present_venue.requests())

    assert readings("--due") >= 2
    assert readings("--due") == 0
    assert readings() >= 2


@pytest.fixture
def owner(database: Database) -> Any:
    """The owner's connection."""
    with connect(database.owner_url, name="test") as opened:
        yield opened


def cut(server: Server, database: Database) -> None:
    """Break every connection to the database."""
    with server.admin() as admin:
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database.name])


@pytest.mark.parametrize("times", [1, 2])
def test_a_run_whose_database_breaks_off_once_begins_anew(
    times: int, command: Commands, database: Database, server: Server, owner: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    left = times

    async def breaking(*arguments: Any) -> Snapshot:
        nonlocal left
        taken = await take_snapshot(*arguments)
        if left:
            left -= 1
            cut(server, database)
        return taken

    monkeypatch.setattr("monitor.snapshots.planning.take_snapshot", breaking)
    told = command("run")

    with pytest.raises(psycopg.OperationalError):
        owner.execute("select 1")
    assert told.code == (0 if times == 1 else 4)
    with connect(database.owner_url, name="test") as db:
        rows = db.execute("select status from monitor.nav_history where account_id > 0").fetchall()
    assert rows == ([{"status": "COMPLETE"}] if times == 1 else [])
    for secret in (KEY, SECRET):
        assert secret not in told.err
