"""Whether the database answers: a frozen server, or a network that swallows what is sent, is not a slow query.

A statement may take its time while the server answers others. A thread asks it the shortest question as long as anybody
waits; when nothing came from it for SILENCE seconds it is away, for everybody at once, until it answers again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Condition, Thread
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.rows import DictRow

from dashboard.history.waiting import LOOK, OnLook, Wait
from sql.errors import DatabaseAway

SILENCE = 1.3  # seconds; a page must say so within two, also on a busy machine
BETWEEN_QUESTIONS = 0.3
CONNECT_SECONDS = 2  # the shortest that there is
AWAY = "The database does not answer. The page comes back by itself."
Kind = TypeVar("Kind")


class Silent(psycopg.OperationalError):
    """The server did not answer in time."""


class WatchedConnection(Connection[DictRow]):
    """A connection that calls `on_wait` whenever it looked for an answer in vain; what that raises ends the wait and the connection."""

    on_wait: OnLook = staticmethod(lambda _: None)
    generation = ""  # of the database that it was opened to

    def wait(self, gen: PQGen[Kind], interval: float = LOOK, timeout: float | None = None) -> Kind:
        """What the server's answer gives."""
        return super().wait(self._watched(gen, interval), interval, timeout)

    def _watched(self, gen: PQGen[Kind], interval: float) -> PQGen[Kind]:
        wait = Wait()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready:
                    wait.seconds += interval
                    self._look_up(wait)
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: Kind = end.value
            return answer

    def _look_up(self, wait: Wait) -> None:
        with ExitStack() as on_raise:
            on_raise.callback(self.close)
            self.on_wait(wait)
            on_raise.pop_all()


class Pulse:
    """The server's, shared by all who read; `connect` opens a connection or raises DatabaseAway."""

    def __init__(self, connect: Callable[[], WatchedConnection]) -> None:
        self._connect = connect
        self._db: WatchedConnection | None = None
        self._heard_at = 0.0  # monotonic
        self._readers = 0
        self._is_away = False
        self._changed = Condition()
        self._thread = Thread(target=self._watch, name="pulse", daemon=True)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While this lasts, the server is asked. Raises Silent at once if it is away."""
        if self._is_away:
            raise Silent(AWAY)
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def check(self, wait: Wait) -> None:
        """Raise Silent if the server is away, or nothing came from it in a wait of more than SILENCE seconds."""
        if self._is_away or (wait.seconds > SILENCE and self._heard_at < wait.began):
            with self._changed:
                self._is_away = True
                self._changed.notify()
            raise Silent(AWAY)

    def _count(self, more: int) -> None:
        with self._changed:
            if not self._thread.ident:
                self._thread.start()
            self._readers += more
            if self._readers == more == 1:
                self._changed.notify()

    def _watch(self) -> Any:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._readers or self._is_away)
            time.sleep(BETWEEN_QUESTIONS)  # most readers need no question: they have gone by now
            if self._readers or self._is_away:
                self._ask()

    def _ask(self) -> None:
        try:
            if self._db is None:
                self._db = self._connect()
                self._db.on_wait = _end_late
            self._db.execute("select 1")
        except (psycopg.OperationalError, DatabaseAway):
            if self._db is not None:
                self._db.close()
            self._db = None
        else:
            self._heard_at, self._is_away = time.monotonic(), False


def _end_late(wait: Wait) -> None:
    if wait.seconds > SILENCE:
        raise Silent(AWAY)
