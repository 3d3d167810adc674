"""A way to the database that can freeze: it takes what is sent, passes nothing on and closes nothing."""

import select
import socket
import threading
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Relay:
    """Connections to 127.0.0.1 that are passed on to a server's socket."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        (folder,) = parse_qs(self._parts.query)["host"]
        (port,) = parse_qs(self._parts.query).get("port", ["5432"])
        self._target = f"{folder}/.s.PGSQL.{port}"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._flows = threading.Event()
        self._flows.set()
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The database's address through here."""
        account = self._parts.netloc.rpartition("@")[0]
        place = f"{account}@127.0.0.1:{self._listening.getsockname()[1]}"
        return urlunsplit((self._parts.scheme, place, self._parts.path, "", ""))

    def freeze(self) -> None:
        """Pass nothing on from now on."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass on what was sent meanwhile, and whatever comes."""
        self._flows.set()

    def close(self) -> None:
        """End."""
        self.thaw()
        for link in (self._listening, *self._links):
            link.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._links.append(near)
                threading.Thread(target=self._pass_on, args=[near], daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        self._flows.wait()
        with suppress(OSError, ValueError), near, socket.socket(socket.AF_UNIX) as far:
            far.connect(self._target)
            other = {near: far, far: near}
            while True:
                for link in select.select([near, far], [], [])[0]:
                    data = link.recv(2**16)
                    self._flows.wait()
                    if not data:
                        return
                    other[link].sendall(data)
