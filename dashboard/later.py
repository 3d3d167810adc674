"""A part of the application that is imported when it is first asked for: most readers of pages never need its memory."""

from collections.abc import Callable
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send


class Later:
    """An application that `make` imports and makes at its first request; pages are answered meanwhile."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make, self._lock = make, Lock()
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        app = await run_in_threadpool(self._load) if self._app is None else self._app
        await app(scope, receive, send)

    def _load(self) -> ASGIApp:
        with self._lock:
            if self._app is None:
                self._app = self._make()
            return self._app
