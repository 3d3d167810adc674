"""Where the exchange listens."""

import os
import socket

from serving import Limits, listen

HOST = "127.0.0.1"
PATIENCE = Limits(unread_seconds=60.0)  # with who leaves unread what he was sent


def listen_here(port: int, option: str = "--port") -> socket.socket:
    """A listening socket of this machine alone; 0 picks a free port. Raises OSError, which names the option."""
    try:
        return listen(HOST, port, PATIENCE)
    except OverflowError:
        raise OSError(f"{option} {port}: a port is a number from 0 to 65535") from None
    except OSError as error:
        raise OSError(
            f"{option} {port} can't be had ({os.strerror(error.errno or 0)}). End what uses it, or choose another."
        ) from None


def address_of(bound: socket.socket) -> str:
    """How it is reached."""
    return f"http://{HOST}:{bound.getsockname()[1]}"
