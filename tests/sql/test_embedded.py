"""The embedded server's bad days: kills, stale files, two starts at once, closed directories, moves, other users."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place
from sql.errors import ClusterError, SettingsFault
from tests.sql.places import kill_server, postmaster

HERE = Path(__file__).parents[2]
START = "import sys; from pathlib import Path; from sql import embedded; embedded.start(Path(sys.argv[1]))"


@pytest.mark.parametrize("seconds", [0.05, 0.25, 0.5, 0.8])
def test_a_kill_during_the_first_start_does_not_harm_the_next(data_dir: Path, seconds: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", START, str(data_dir)], cwd=HERE, start_new_session=True)
    time.sleep(seconds)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()

    embedded.start(data_dir)
    assert embedded.is_running(data_dir)
    embedded.stop(data_dir)


@pytest.mark.parametrize("content", ["", "1\n", "1\n/elsewhere\n", "999999999\n", "nonsense"])
def test_a_stale_pid_file_is_no_obstacle(data_dir: Path, content: str) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    pid_file = find_place(data_dir).cluster / "postmaster.pid"
    pid_file.write_text(content)
    pid_file.chmod(0o644)

    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        assert db.execute("select 1 as one").fetchone() == {"one": 1}
    embedded.stop(data_dir)


def test_a_killed_server_comes_back_with_what_was_committed(data_dir: Path) -> None:
    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        db.execute("create table public.kept as select 42 as number")
    kill_server(data_dir)

    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        assert db.execute("select * from public.kept").fetchone() == {"number": 42}
    embedded.stop(data_dir)


def test_the_children_of_a_killed_server_are_waited_for(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.start(data_dir)
    pid = postmaster(data_dir)
    orphan = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    os.kill(orphan, signal.SIGSTOP)
    os.kill(pid, signal.SIGKILL)

    with monkeypatch.context() as hurry:
        hurry.setattr("sql.embedded.server.ORPHANS_PATIENCE_SECONDS", 0.2)
        with pytest.raises(ClusterError, match="pre-existing shared memory block"):
            embedded.start(data_dir)
    threading.Timer(0.7, os.kill, [orphan, signal.SIGCONT]).start()
    assert embedded.start(data_dir)


def test_a_failed_start_quotes_what_the_server_said(data_dir: Path) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    with (find_place(data_dir).cluster / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = plenty\n")
    with pytest.raises(ClusterError, match=r"It said: .*contains errors"):
        embedded.start(data_dir)


def test_two_starts_at_once_are_one_server(data_dir: Path) -> None:
    children = [subprocess.Popen([sys.executable, "-c", START, str(data_dir)], cwd=HERE) for _ in range(2)]
    assert [child.wait(60) for child in children] == [0, 0]
    embedded.stop(data_dir)
    assert not embedded.is_running(data_dir)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A data directory below one that others may not enter."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    yield folder / "data"
    embedded.stop(folder / "data")
    shutil.rmtree(find_place(folder / "data").home)


def test_a_project_in_a_closed_directory_works_as_well(closed: Path) -> None:
    embedded.start(closed)
    assert embedded.is_running(closed)
    assert closed.parent.stat().st_mode & 0o777 == 0o700


def test_a_database_stays_where_it_was_made_when_its_directory_is_opened(closed: Path) -> None:
    before = find_place(closed)
    for part in (closed, *closed.parents):
        if part.stat().st_uid == os.getuid() and part != Path("/"):
            part.chmod(part.stat().st_mode | 0o111)
    assert find_place(closed) == before


def test_a_moved_data_directory_brings_its_database_along(data_dir: Path) -> None:
    embedded.start(data_dir)
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        db.execute("create table public.kept as select 42 as number")
    embedded.stop(data_dir)
    moved = data_dir.rename(data_dir.with_name("mo ved"))

    embedded.start(moved)
    with connect(embedded.url(moved, "owner"), name="test") as db:
        assert db.execute("select * from public.kept").fetchone() == {"number": 42}
    embedded.stop(moved)


def test_a_data_directory_that_points_to_another_ones_database_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "postgres.location").write_text("/var/lib/portfolio-monitor-of-somebody\n")
    with pytest.raises(ClusterError, match="moved or copied"):
        embedded.start(data_dir)
    (data_dir / "postgres.location").unlink()


def test_an_ordinary_user_has_a_server_of_his_own() -> None:
    folder = Path(tempfile.mkdtemp(prefix="pm-"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.sql.ordinary_user", str(folder)], cwd=HERE, capture_output=True, text=True
    )
    shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr


def test_what_guards_the_data_is_on_and_nobody_can_reach_the_server_from_outside(data_dir: Path) -> None:
    embedded.start(data_dir)
    guards = ("fsync", "full_page_writes", "data_checksums", "synchronous_commit", "listen_addresses")
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        rows = db.execute("select name, setting from pg_settings where name = any(%(n)s)", {"n": list(guards)})
        found = {row["name"]: row["setting"] for row in rows}
    assert found == dict.fromkeys(guards[:4], "on") | {"listen_addresses": ""}


def test_another_major_version_is_refused_with_the_way_out(data_dir: Path) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    (find_place(data_dir).cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(ClusterError, match="python -m sql backup"):
        embedded.start(data_dir)


def test_a_link_in_the_place_of_the_server_is_not_followed(data_dir: Path) -> None:
    place = find_place(data_dir)
    elsewhere = data_dir.parent / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    place.socket_dir.rmdir()
    place.socket_dir.symlink_to(elsewhere)
    with pytest.raises(SettingsFault, match="belongs to somebody else"):
        find_place(data_dir)
    assert (elsewhere.stat().st_mode & 0o777, elsewhere.stat().st_uid) == (0o755, os.getuid())
    place.socket_dir.unlink()


def test_a_data_directory_that_cannot_be_made_is_named(data_dir: Path) -> None:
    data_dir.parent.joinpath("file").write_text("")
    with pytest.raises(SettingsFault, match=r"DATA_DIR .*/file/data can't be used \(Not a directory"):
        find_place(data_dir.parent / "file" / "data")
