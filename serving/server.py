"""A server over an application: its socket, and uvicorn with our front."""

import signal
import socket
import sys
from types import FrameType
from typing import Any

import uvicorn

from serving.front import FrontProtocol, Limits

STOP_SECONDS = 5  # for answers that are being made when the server is asked to end


class Server(uvicorn.Server):
    """uvicorn's server, which says that it stops to whoever pressed Ctrl-C."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End as asked."""
        if sig == signal.SIGINT and not self.should_exit:
            print("Stopping.", file=sys.stderr)
        super().handle_exit(sig, frame)


def listen(host: str, port: int, limits: Limits) -> socket.socket:
    """A listening socket; what it accepts is closed when it leaves unread what it was sent. Raises OSError."""
    bound = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    # An answer leaves at once: asyncio asks for that only of sockets that name their protocol, and these don't. Without it
    # every answer of two parts waits 40 ms for a reader that delays its acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if option := getattr(socket, "TCP_USER_TIMEOUT", None):  # Linux; elsewhere the system's own patience has to do
        bound.setsockopt(socket.IPPROTO_TCP, option, int(limits.unread_seconds * 1_000))
    return bound


def make_server(app: Any, limits: Limits, **options: Any) -> Server:
    """A server of `app`, which `run(sockets=[...])` starts."""
    protocol = type("Front", (FrontProtocol,), {"limits": limits})
    config = uvicorn.Config(
        app,
        http=protocol,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=int(limits.idle_seconds),
        timeout_graceful_shutdown=STOP_SECONDS,
        lifespan="off",
        **options,
    )
    return Server(config)
