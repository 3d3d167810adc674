"""The embedded server's life as an ordinary user has it: run as a program of its own, which lays down root's rights.

Everything is imported before, because the interpreter itself may live where the ordinary user can't go.
"""

import codecs
import os
import pwd
import shutil
import signal
import sys
import time
from pathlib import Path

from sql import embedded
from sql.connect import connect
from sql.embedded.place import find_place, wheel_binaries
from sql.migrate import check_schema, migrate


def main() -> None:
    """Go through everything in the directory given, as `nobody` if started by root."""
    folder = Path(sys.argv[1])
    become_ordinary(folder)
    assert os.getuid() != 0
    interrupt_first_start(folder / "interrupted")
    live(folder / "data")
    survive(folder / "data")


def become_ordinary(folder: Path) -> None:
    """Give `folder` and a copy of the server's programs to an ordinary user, and be that user."""
    if os.getuid() != 0:
        return
    package = wheel_binaries().parents[1]
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / source.name, symlinks=True)
    codecs.lookup("ascii")  # is imported when it is first used
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    sys.path.insert(0, str(folder))
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def interrupt_first_start(data_dir: Path) -> None:
    """Kill a first start in the middle; the next one is whole."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        embedded.start(data_dir)
        sys.exit()
    while not list(data_dir.glob("postgres/unfinished-*/PG_VERSION")):
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it ended too early"
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not find_place(data_dir).cluster.exists()
    assert embedded.start(data_dir)
    embedded.stop(data_dir)
    assert not list(data_dir.glob("postgres/unfinished-*"))


def live(data_dir: Path) -> None:
    """Make, migrate, stop and start again."""
    assert embedded.start(data_dir)
    assert not embedded.start(data_dir)
    assert find_place(data_dir).cluster.stat().st_uid == os.getuid()
    with connect(embedded.url(data_dir, "owner"), name="test") as db:
        migrate(db)
    embedded.stop(data_dir)
    assert not embedded.is_running(data_dir)


def survive(data_dir: Path) -> None:
    """Start over a stale pid file, and after a kill."""
    pid_file = find_place(data_dir).cluster / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert embedded.start(data_dir)
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    assert embedded.start(data_dir)
    with connect(embedded.url(data_dir, "worker"), name="test") as db:
        check_schema(db)
    embedded.stop(data_dir)


if __name__ == "__main__":
    main()
