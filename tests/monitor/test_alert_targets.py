"""Alert targets that are broken or hostile: what they cost, what is said of them, and what they never learn."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.notify.delivery import name_targets, send
from sql.environment import NETWORK, PROXIES
from sql.vault import Secret
from tests import hostile
from tests.hostile import Opener as HostileOpener
from tests.hostile import await_true
from tests.receiver import Receiver

HERE = Path(__file__).parents[2]
MOST_KILOBYTES = 420_000
SMALL_KILOBYTES = 120_000
CANARY = "canary-of-a-secret"
DRIVER = """
import json, resource, sys, time
from monitor.notify.delivery import name_targets, send
from sql.vault import Secret
url, seconds = sys.argv[1:]
(target,), began = name_targets([Secret(url)]), time.monotonic()
failure = send(target, "title", "body", is_alarm=True, seconds=float(seconds))
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"failure": failure, "seconds": time.monotonic() - began, "kilobytes": peak}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a sending went."""

    failure: str
    seconds: float
    kilobytes: int  # of memory at most


Sending = Callable[[], Sent]


def start(url: str, seconds: float) -> subprocess.Popen[str]:
    """A process that sends one message: what its sender takes is that of no other child."""
    words = [sys.executable, "-c", DRIVER, url, str(seconds)]
    return subprocess.Popen(words, cwd=HERE, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Receiver]:
    """Where redirects lead."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def sendings(open_hostile: HostileOpener, elsewhere: Receiver) -> Iterator[dict[str, Sending]]:
    """One sending to every kind of target, all at the same time."""
    kinds = {
        "endless": (hostile.endless_body, 30),
        "dripping": (hostile.dripping_body, 30),
        "dripping header": (hostile.dripping_header, 3),
        "silent": (hostile.silence, 3),
        "bomb": (hostile.bomb, 30),
        "huge headers": (hostile.huge_headers, 30),
        "mail endless": (hostile.endless_greeting, 30),
        "mail silent": (hostile.silence, 3),
        **{f"redirect {status}": (hostile.redirect_to(elsewhere, status), 30) for status in (302, 307)},
    }
    started: dict[str, subprocess.Popen[str]] = {}
    for kind, (parts, seconds) in kinds.items():
        place = f"127.0.0.1:{open_hostile(parts).port}"
        mail = f"mailto://me:{CANARY}@{place}?from=a@example.com&to=b@example.com&mode=insecure&rto=60"
        started[kind] = start(mail if "mail" in kind else f"json://me:{CANARY}@{place}/{CANARY}?rto=60", seconds)

    def collect(kind: str) -> Sending:
        return lambda: Sent(**json.loads(started[kind].communicate(timeout=60)[0]))

    yield {kind: collect(kind) for kind in kinds}
    for child in started.values():
        child.kill()
        child.wait()


# ------------------------------------------------------------------------------------------------- what a target costs


def test_a_body_that_never_ends_is_left_and_the_status_counts(sendings: dict[str, Sending]) -> None:
    endless, dripping = sendings["endless"](), sendings["dripping"]()

    assert (endless.failure, dripping.failure) == ("", "")
    assert max(endless.kilobytes, dripping.kilobytes) < SMALL_KILOBYTES
    assert dripping.seconds < 20


@pytest.mark.parametrize("kind", ["silent", "dripping header", "mail silent"])
def test_a_target_that_never_answers_costs_its_time_and_no_more(kind: str, sendings: dict[str, Sending]) -> None:
    sent = sendings[kind]()

    assert sent.failure == "it did not answer within 3 seconds"
    assert 3 <= sent.seconds < 10
    assert sent.kilobytes < SMALL_KILOBYTES


def test_a_packed_answer_is_never_unpacked(sendings: dict[str, Sending]) -> None:
    sent = sendings["bomb"]()

    assert "500" in sent.failure and CANARY not in sent.failure
    assert sent.kilobytes < SMALL_KILOBYTES


@pytest.mark.parametrize("kind", ["huge headers", "mail endless"])
def test_what_never_ends_before_an_answer_takes_the_memory_of_its_process(
    kind: str, sendings: dict[str, Sending]
) -> None:
    sent = sendings[kind]()

    assert (sent.failure == "its answer takes more than 400 MB of memory") == (kind == "mail endless")
    assert sent.failure and CANARY not in sent.failure
    assert sent.kilobytes < MOST_KILOBYTES


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_a_failure_and_leads_nowhere(
    status: int, sendings: dict[str, Sending], elsewhere: Receiver
) -> None:
    failure = sendings[f"redirect {status}"]().failure

    assert failure.startswith(f"it answers with a redirect (HTTP {status}), which is not followed")
    assert elsewhere.got == []


# --------------------------------------------------------------------------------------------- what the sender is given


def find_sender(parent: int) -> Path | None:
    """The place in /proc of the sender that a process has started."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (place / "status").read_text(), (place / "cmdline").read_text()
        except OSError:
            continue
        if f"PPid:\t{parent}\n" in status and "monitor.notify.sender" in command:
            return place
    return None


def test_the_sender_is_given_the_way_into_the_network_and_nothing_of_ours(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MASTER_KEY", "DATABASE_URL", "NOTIFY_URLS", "BINANCE_API_SECRET", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    receiver.released.clear()
    (target,) = name_targets([Secret(f"{receiver.url(CANARY)}?rto=60")])
    results: list[str] = []
    sending = threading.Thread(target=lambda: results.append(send(target, CANARY, CANARY, is_alarm=True)))
    sending.start()
    await_true(lambda: receiver.got)
    place = find_sender(os.getpid())
    assert place
    command = (place / "cmdline").read_text().split("\0")
    environment = dict(line.split("=", 1) for line in (place / "environ").read_text().split("\0") if line)
    limits = (place / "limits").read_text()
    receiver.released.set()
    sending.join()

    assert (results, receiver.encodings) == ([""], ["identity"])
    assert command == [sys.executable, "-m", "monitor.notify.sender", ""]
    assert environment["no_proxy"] == "127.0.0.1" and CANARY not in environment.values()
    assert {name for name in environment if name.upper() not in PROXIES} <= set(NETWORK)
    words = [line.split() for line in limits.splitlines()]
    assert ["Max", "core", "file", "size", "0", "0", "bytes"] in words
    assert ["Max", "address", "space", "400000000", "400000000", "bytes"] in words


def test_a_sender_ends_with_the_process_that_started_it(open_hostile: HostileOpener) -> None:
    target = open_hostile(hostile.silence)
    parent = start(f"json://127.0.0.1:{target.port}/?rto=60", 30)
    await_true(lambda: target.taken)
    sender = find_sender(parent.pid)
    assert sender

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    await_true(lambda: not sender.exists() or "State:\tZ" in (sender / "status").read_text(), 5)


def test_a_machine_without_room_for_a_process_says_so(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    (target,) = name_targets([Secret(receiver.url())])

    assert send(target, "title", "body", is_alarm=True).startswith("this machine can start no process for it")
