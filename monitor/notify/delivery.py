"""Messages on their way: to each target by itself, so that one that fails does not make others repeat.

Targets are secrets: their addresses contain tokens. Here they have names: the service's short word, numbered where
there are several. A target may be broken or hostile: every sending is a process of its own (`sender`) that gets the
address and the message on its standard input, nothing of our environment, and a time to live.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.notify.redaction import LONGEST_FAILURE, redact
from monitor.notify.sender import LONGEST_SECONDS, SENDER
from sql.environment import network_environment
from sql.vault import Secret

SENDING_SECONDS = 120.0  # all targets of one look together
SHORTEST_SECONDS = 10.0  # one target
GRACE_SECONDS = 2.0  # for a sender to end by itself
LONGEST_RESULT = 4096  # bytes
LONGEST_BODY = 10_000  # letters: a pipe takes them at once, whatever the sender does, and services cut longer ones
PROGRAM = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where messages go."""

    name: str  # "tgram", "mailtos", "json 2": shows nothing secret
    url: Secret


def name_targets(urls: Iterable[Secret]) -> tuple[Target, ...]:
    """The targets of the settings."""
    seen: Counter[str] = Counter()
    targets = []
    for url in urls:
        service = url.value.partition("://")[0].lower()
        seen[service] += 1
        name = service if seen[service] == 1 else f"{service} {seen[service]}"
        targets.append(Target(name=name, url=url))
    return tuple(targets)


def share_time(until: float, targets: int) -> float:
    """Seconds for the next one of `targets` that share what is left until `until` (monotonic); 0 where it has to wait.

    What one does not use is the next one's, and those that never answer can't use up the time of the last.
    """
    left = until - time.monotonic()
    return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, left / targets)) if left >= SHORTEST_SECONDS else 0.0


def send(target: Target, title: str, body: str, *, is_alarm: bool, seconds: float = LONGEST_SECONDS) -> str:
    """Send one message within `seconds`; returns why it failed, without anything of the target's address, or nothing."""
    order = {"url": target.url.value, "title": title, "body": body[:LONGEST_BODY], "is_alarm": is_alarm}
    try:
        result = _run_sender(
            json.dumps({**order, "seconds": seconds}, ensure_ascii=False).encode(errors="replace"), seconds
        )
    except OSError as error:
        result = f"this machine can start no process for it ({error.strerror})"
    return redact(result, target.url)[:LONGEST_FAILURE]


def _run_sender(order: bytes, seconds: float) -> str:
    """Let a process send `order`; returns why it failed. It is gone when this returns or raises."""
    sender = subprocess.Popen(
        [sys.executable, "-m", "monitor.notify.sender"],
        cwd=PROGRAM,
        env=network_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # libraries write addresses there
        start_new_session=True,
    )
    deadline = time.monotonic() + seconds + GRACE_SECONDS
    try:
        said = _exchange(sender, order, deadline)
        with suppress(subprocess.TimeoutExpired):
            sender.wait(max(0, deadline - time.monotonic()))
        is_late = sender.poll() in (None, -signal.SIGALRM)
    finally:
        _end(sender)
    return f"it did not answer within {seconds:.0f} seconds" if is_late else _read_result(said, sender.returncode)


def _exchange(sender: subprocess.Popen[bytes], order: bytes, deadline: float) -> bytes:
    """Give the sender its order; returns what it says until it ends, a little at most."""
    assert sender.stdin
    assert sender.stdout
    with suppress(BrokenPipeError):
        sender.stdin.write(order + b"\n")
        sender.stdin.flush()  # it stays open: a sender ends with it
    said = b""
    while len(said) < LONGEST_RESULT and select.select([sender.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
        part = os.read(sender.stdout.fileno(), LONGEST_RESULT)
        if not part:
            break
        said += part
    return said


def _read_result(said: bytes, code: int) -> str:
    try:
        return str(json.loads(said)["failure"])
    except (ValueError, KeyError, TypeError):
        return f"the sending broke off (exit code {code})"


def _end(sender: subprocess.Popen[bytes]) -> None:
    """Kill a sender and what it started, and close its pipes."""
    if sender.poll() is None:
        os.killpg(sender.pid, signal.SIGKILL)
    sender.wait()
    for pipe in filter(None, (sender.stdin, sender.stdout)):
        with suppress(BrokenPipeError):
            pipe.close()


def join_messages(messages: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Title and body of one sending that carries `messages`, each of a title and a body."""
    if len(messages) == 1:
        return messages[0]
    return f"{SENDER}: {len(messages)} messages", "\n\n".join(f"{title}\n{body}" for title, body in messages)
