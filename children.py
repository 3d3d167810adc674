"""The programs that the scheduler starts: each with its own settings, ended when it does, and listened to."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sql.environment import is_given_to
from sql.process import ENDS_WITH_INPUT

LIMIT_SECONDS = 300
STOP_PATIENCE_SECONDS = 20
LONGEST_LINE, PIPE_BYTES = 200, 65_536
OUTCOMES = {
    0: "complete",
    1: "incomplete",
    2: "settings at fault",
    3: "nothing to do",
    4: "failed",
    70: "an error of its own",
    75: "busy",
}
log = logging.getLogger("run_forever")
HERE = Path(__file__).parent


def run_python(*arguments: str, limit_seconds: float = LIMIT_SECONDS, should_end: Callable[[], bool] = bool) -> int:
    """Run a program of ours in its own process group to its end, or ours; returns its exit code."""
    return await_end(start_python(*arguments), " ".join(arguments), limit_seconds, should_end).code


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a program ended."""

    code: int
    is_late: bool  # it outlived its limit
    last_line: str  # of its errors, where they were listened to

    def __str__(self) -> str:
        said = f": {self.last_line}" if self.last_line else ""
        if self.is_late:
            return f"ended after {LIMIT_SECONDS} s, unfinished"
        if self.code < 0:
            return f"killed by {signal.Signals(-self.code).name}"
        return (OUTCOMES[self.code] if self.code in OUTCOMES else f"crashed with exit code {self.code}") + said


def await_end(
    child: subprocess.Popen[bytes], name: str, limit_seconds: float, should_end: Callable[[], bool] = bool
) -> End:
    """Wait for a program, passing on its errors if they come to us. One that outlives its limit is ended, first gently."""
    deadline, errors = time.monotonic() + limit_seconds, Errors(child)
    while child.poll() is None and time.monotonic() < deadline and not should_end():
        errors.pass_on()
        time.sleep(0.1)
    is_late = child.poll() is None and not should_end()
    if child.poll() is None:
        log.error("%s is ended after %.0f s.", name, limit_seconds)
        end(child)
    errors.pass_on()
    return End(code=child.returncode, is_late=is_late, last_line=errors.last_line)


class Errors:
    """What a program writes to its standard error, if that is a pipe of ours: passed on as it comes."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._pipe = child.stderr
        self._tail = b""
        if self._pipe:
            os.set_blocking(self._pipe.fileno(), False)

    @property
    def last_line(self) -> str:
        """The last line that says something, printable."""
        lines = [line for line in self._tail.decode(errors="replace").splitlines() if line.strip()]
        return "".join(letter if letter.isprintable() else " " for letter in lines[-1])[:LONGEST_LINE] if lines else ""

    def pass_on(self) -> None:
        """Write what has come to our own standard error."""
        while self._pipe and (part := self._pipe.read(PIPE_BYTES)):
            self._tail = (self._tail + part)[-PIPE_BYTES:]
            sys.stderr.buffer.write(part)
            sys.stderr.flush()


def start_python(*arguments: str, stdout: int | None = None, stderr: int | None = None) -> subprocess.Popen[bytes]:
    """A program of ours, which ends when we do: then its standard input ends, whose other end we hold."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=HERE,
        env=environment_of(arguments[1]),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def environment_of(program: str) -> dict[str, str]:
    """Our environment without the settings of other programs: none sees another one's secrets."""
    ours = {name: value for name, value in os.environ.items() if is_given_to(program, name)}
    return ours | {ENDS_WITH_INPUT: "yes", "DATA_DIR": str(Path(os.environ.get("DATA_DIR") or "data").resolve())}


def end(child: subprocess.Popen[bytes]) -> None:
    """Terminate a process group, and kill it when it does not listen."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, number)
        try:
            child.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("Process %d does not end.", child.pid)


def is_answered(host: str, port: int, path: str, within_seconds: float) -> bool:
    """Whether a program of ours answers to HTTP, whatever it says; this takes no longer than `within_seconds`."""
    deadline = time.monotonic() + within_seconds
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as link:
            link.settimeout(within_seconds)
            link.connect((host, port))
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            link.settimeout(max(0.01, deadline - time.monotonic()))
            return link.recv(9).startswith(b"HTTP/1.")
    except OSError:
        return False
