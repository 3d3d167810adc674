"""Takes what apprise sends by json://, over HTTP, and may refuse it or let it wait."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Receiver:
    """A target of alerts on this machine."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.encodings: list[str | None] = []  # that were asked for
        self.status = 200
        self.released = threading.Event()  # answers wait for it
        self.released.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._taker())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _taker(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                receiver.encodings.append(self.headers["Accept-Encoding"])
                receiver.released.wait(30)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Taker

    def url(self, token: str = "token-of-the-receiver") -> str:
        """Its address for NOTIFY_URLS."""
        return f"json://127.0.0.1:{self._server.server_address[1]}/{token}"

    @property
    def titles(self) -> list[str]:
        """The titles of what came."""
        return [message["title"] for message in self.got]

    def stop(self) -> None:
        """Stop serving."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


Opener = Callable[[], Receiver]


@pytest.fixture
def open_receiver() -> Iterator[Opener]:
    """Opens receivers."""
    opened: list[Receiver] = []

    def opener() -> Receiver:
        opened.append(Receiver())
        return opened[-1]

    yield opener
    for receiver in opened:
        receiver.stop()


@pytest.fixture
def receiver(open_receiver: Opener) -> Receiver:
    """A receiver."""
    return open_receiver()
