"""Alert targets on this machine that are broken or mean harm: each answers one connection after another in its own way."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import repeat

import pytest

from tests.receiver import Receiver

Parts = Iterator[bytes]
OK = b"HTTP/1.1 200 OK\r\n"
MEGABYTES = 600  # that the bomb unpacks to


class Hostile:
    """Accepts, reads a little, and answers with `parts`, until the other side has had enough."""

    def __init__(self, parts: Callable[[], Parts]) -> None:
        self.taken = 0  # connections
        self._parts = parts
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.taken += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            for part in self._parts():
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    def stop(self) -> None:
        """Take no more."""
        self._server.close()


def endless_body() -> Parts:
    """An answer whose body never ends."""
    yield OK + b"\r\n"
    yield from repeat(b"x" * 65536)


def dripping_body() -> Parts:
    """An answer whose body never ends, a letter at a time."""
    yield OK + b"\r\n"
    yield from dripping(b"x")


def dripping_header() -> Parts:
    """An answer whose first header never ends: each letter makes the other side wait on."""
    yield OK + b"X-Long: "
    yield from dripping(b"x")


def dripping(letter: bytes) -> Parts:
    while True:
        time.sleep(0.1)
        yield letter


def silence() -> Parts:
    """Nothing, forever."""
    time.sleep(60)
    yield b""


def huge_headers() -> Parts:
    """Headers that never end."""
    yield OK
    yield from repeat(b"X-Long: " + b"x" * 60_000 + b"\r\n")


def bomb() -> Parts:
    """A body that is small and unpacks to hundreds of megabytes."""
    packed = gzip.compress(bytes(1_000_000), 9) * MEGABYTES  # members of one file, one after another
    yield b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


def endless_greeting() -> Parts:
    """A mail server whose greeting never ends."""
    yield from repeat(b"220-" + b"x" * 4000 + b"\r\n")


def redirect_to(receiver: Receiver, status: int) -> Callable[[], Parts]:
    """An answer that sends the asker to `receiver`."""
    place = receiver.url("elsewhere").replace("json://", "http://")
    return lambda: iter((b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, place.encode()),))


def await_true(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


Opener = Callable[[Callable[[], Parts]], Hostile]


@pytest.fixture(scope="module")
def open_hostile() -> Iterator[Opener]:
    """Opens hostile targets."""
    opened: list[Hostile] = []

    def opener(parts: Callable[[], Parts]) -> Hostile:
        opened.append(Hostile(parts))
        return opened[-1]

    yield opener
    for one in opened:
        one.stop()
