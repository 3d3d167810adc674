"""What one connection may take, and that whoever comes is served, whatever others do."""

import asyncio
import base64
import hashlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from serving import Limits, listen, make_server

TIGHT = Limits(
    request_seconds=0.6, idle_seconds=1, unread_seconds=1, most_bytes=4_000, most_waiting=4, most_connections=20
)
LARGE = b"x" * 2**24  # more than the system keeps for a reader


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with a small text, or with a large one at /large."""
    body = LARGE if scope["path"] == "/large" else b"served"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Echo(asyncio.Protocol):
    """The least that is a WebSocket: shakes hands, then sends back whatever comes."""

    def __init__(self, **_: Any) -> None:
        self._is_open = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._is_open:
            self._transport.write(data)
            return
        self._is_open = True
        key = data.split(b"sec-websocket-key: ")[1].split(b"\r\n")[0]
        told = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        self._transport.write(b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " + told + b"\r\n\r\n")


class Served:
    """A server in a thread."""

    def __init__(self) -> None:
        bound = listen("127.0.0.1", 0, TIGHT)
        self.port = bound.getsockname()[1]
        self.server = make_server(app, TIGHT, ws=Echo)
        threading.Thread(target=self.server.run, kwargs={"sockets": [bound]}, daemon=True).start()

    def get(self) -> str:
        """What a stranger to all others is answered."""
        return httpx.get(f"http://127.0.0.1:{self.port}/", timeout=5).text

    def open(self, sent: bytes = b"") -> socket.socket:
        """A connection on which something was sent."""
        link = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        link.sendall(sent)
        return link

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self.server.server_state.connections)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.should_exit = True


def is_closed(link: socket.socket, within: float = 3) -> bool:
    """Whether the other side ends the connection, whatever it sends before."""
    link.settimeout(within)
    with suppress(ConnectionResetError, BrokenPipeError):
        try:
            while link.recv(2**16):
                pass
        except TimeoutError:
            return False
    return True


def await_true(check: Callable[[], bool], within: float = 5) -> bool:
    deadline = time.monotonic() + within
    while not check() and time.monotonic() < deadline:
        time.sleep(0.02)
    return check()


def test_more_connections_than_there_may_be_keep_nobody_out(served: Served) -> None:
    idle = [served.open() for _ in range(60)]

    assert [served.get() for _ in range(5)] == ["served"] * 5
    assert served.connections <= TIGHT.most_connections + 1
    assert all(is_closed(link) for link in idle)


def test_whoever_is_being_answered_is_not_the_one_to_go(served: Served) -> None:
    reading = served.open(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    first = reading.recv(1)
    idle = [served.open() for _ in range(40)]

    received = len(first)
    while part := reading.recv(2**20):
        received += len(part)
    assert received > len(LARGE)
    assert all(is_closed(link) for link in idle)


def test_a_connection_that_asks_nothing_is_closed(served: Served) -> None:
    assert is_closed(served.open())


def test_a_request_that_comes_byte_by_byte_is_closed(served: Served) -> None:
    link = served.open(b"GET / HTTP/1.1\r\nHost: ")
    began = time.monotonic()
    with suppress(ConnectionResetError, BrokenPipeError):
        while time.monotonic() - began < 3:
            link.sendall(b"x")
            time.sleep(0.05)

    assert time.monotonic() - began < 2.5
    assert served.get() == "served"


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",  # headers after the body
    ],
)
def test_headers_without_end_are_closed(served: Served, head: bytes) -> None:
    link = served.open(head)
    sent = 0
    with suppress(ConnectionResetError, BrokenPipeError):
        while sent < 2**24:
            sent += link.send(b"".join(b"X-%d: %s\r\n" % (sent + n, b"a" * 100) for n in range(100)))

    assert sent < 2**23  # what the system took before it was told
    assert served.get() == "served"


def test_a_body_without_end_is_closed(served: Served) -> None:
    link = served.open(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
    sent = 0
    with suppress(ConnectionResetError, BrokenPipeError):
        while sent < 2**24:
            sent += link.send(b"x" * 2**16)

    assert sent < 2**24


def test_many_requests_at_once_on_one_connection_are_closed(served: Served) -> None:
    link = served.open(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100)

    assert is_closed(link, within=0.5)


def test_a_few_requests_one_after_the_other_share_a_connection(served: Served) -> None:
    with httpx.Client(timeout=5) as client:
        told = [client.get(f"http://127.0.0.1:{served.port}/").text for _ in range(10)]

    assert told == ["served"] * 10


def test_whoever_does_not_read_the_answer_is_closed(served: Served) -> None:
    assert await_true(lambda: served.connections == 0)
    deaf = [served.open(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(3)]
    assert await_true(lambda: served.connections == 3)

    assert await_true(lambda: served.connections == 0, within=15)
    for link in deaf:
        link.close()


def test_a_websocket_lives_on(served: Served) -> None:
    """It is handed over, outlives the deadlines of requests, and is not the one to make room."""
    link = served.open(
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in link.recv(1_000)  # RFC 6455, 1.3
    idle = [served.open() for _ in range(40)]
    time.sleep(TIGHT.request_seconds + TIGHT.idle_seconds)

    link.sendall(b"still there")
    assert link.recv(100) == b"still there"
    for other in idle:
        other.close()


def test_whoever_presses_ctrl_c_sees_that_it_was_heard(capsys: pytest.CaptureFixture[str]) -> None:
    for number, said in ((signal.SIGTERM, ""), (signal.SIGINT, "Stopping.\n")):
        server = make_server(None, Limits())
        server.handle_exit(number, None)
        assert (server.should_exit, capsys.readouterr().err) == (True, said)
