"""A server that answers what a test says, on the paths of Gate: to see what is asked, and what becomes of an answer."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BASE = "/api/v4"
Query = dict[str, str]
Reply = tuple[int, dict[str, str], str]  # status, headers, body


@dataclass(slots=True)
class GateServer:
    """Answers by path, and every call that came."""

    answers: dict[str, Callable[[Query], Any]] = field(default_factory=dict)
    calls: list[tuple[str, Query]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, found: Any) -> None:
        """Let `path` answer `found`, or what it returns for a query."""
        self.answers[path] = found if callable(found) else lambda _: found

    def refuse(self, path: str, status: int, label: str, **headers: str) -> None:
        """Let `path` refuse in the exchange's words."""
        body = json.dumps({"label": label, "message": "no"})
        self.answers[path] = lambda _: (status, headers, body)

    def asked(self, path: str) -> list[Query]:
        """What a path was asked."""
        return [query for called, query in self.calls if called == path]

    def reply(self, path: str, query: Query) -> Reply:
        """What a call is answered with; of an unknown path that the account has no such thing."""
        self.calls.append((path, query))
        if path not in self.answers:
            return 400, {}, json.dumps({"label": "USER_NOT_FOUND", "message": "please transfer funds first"})
        found = self.answers[path](query)
        return found if isinstance(found, tuple) else (200, {}, json.dumps(found))


@contextmanager
def serve() -> Iterator[GateServer]:
    """A running server, on a free port of this machine."""
    server = GateServer()

    class Handler(BaseHTTPRequestHandler):
        wbufsize = 1 << 16  # head and body in one piece: the second would wait for the first one's receipt

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(BASE)
            status, headers, body = server.reply(path, dict(parse_qsl(parts.query)))
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            with suppress(ConnectionError):  # the worker went away: what it waited for is no matter any more
                self.end_headers()
                self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # a whole account is asked at once

    listening = Server(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
