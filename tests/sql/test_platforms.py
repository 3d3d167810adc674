"""What only Linux has is not needed: a child ends by a pipe, a process is found by `ps`, limits that are not there are none."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.notify import sender
from serving import Limits, listen
from sql import embedded
from sql.embedded import server
from sql.embedded.place import find_place
from sql.version import VERSION

HERE = Path(__file__).parents[2]
CHILD = """
import sys, time
from sql.process import begin_program
begin_program()
print("begun", flush=True)
time.sleep(600)
"""
PARENT = """
import sys, time
import children
child = children.start_python("-c", sys.argv[1], stdout=1)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], cwd=HERE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    said = {parent.stdout.readline().strip() for _ in range(2)}
    assert "begun" in said
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while parent.stdout.read(1):  # the child holds the other end until it is gone
        assert time.monotonic() < deadline


def test_a_program_that_a_person_starts_does_not_end_with_its_input() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stdout.readline() == "begun\n"
    time.sleep(0.3)
    assert child.poll() is None
    child.kill()
    child.wait()


def test_the_embedded_server_is_found_without_proc(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PROCESSES", tmp_path / "no-proc")
    assert embedded.start(data_dir)
    assert embedded.is_running(data_dir) and not embedded.start(data_dir)
    embedded.stop(data_dir)
    assert not embedded.is_running(data_dir)
    (find_place(data_dir).cluster / "postmaster.pid").write_text(f"{os.getpid()}\n")  # another program's by now
    assert not embedded.is_running(data_dir)


def test_what_linux_alone_has_is_left_out_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_USER_TIMEOUT")
    listen("127.0.0.1", 0, Limits()).close()

    def refuse(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")  # as macOS says

    monkeypatch.setattr(resource, "setrlimit", refuse)
    sender._limit(resource.RLIMIT_AS, 1_000_000)
    monkeypatch.setattr(sender, "Path", lambda _: Path("/nowhere"))
    assert not sender._is_memory_used_up()


@pytest.mark.parametrize("program", ["run_forever.py", "-m monitor", "-m dashboard", "-m paper", "-m sql"])
def test_every_program_says_its_version(program: str) -> None:
    done = subprocess.run([sys.executable, *program.split(), "--version"], cwd=HERE, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"portfolio-monitor {VERSION}\n")
