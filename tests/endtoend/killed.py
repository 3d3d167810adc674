"""A worker that is killed at a chosen moment, as a program: one order a line on standard input, one answer a line.

    {"now": "2026-03-10T09:02:00+00:00", "settings": {"DATABASE_URL": ...}}   one run; answers how many points it passed
    {..., "point": 7}                                                         killed (SIGKILL) at the seventh point
    {..., "delay": 0.05}                                                      killed after so many seconds
    {..., "together": 2}                                                      as many runs at once

A point is the moment before or after a statement, a transaction's end or a call to the exchange. Every run is a fork
of this process, which has imported everything, so a run costs no more than one in the process of a test.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp
import psycopg

from monitor.accounts.opening import open_client, using_client
from monitor.accounts.registry import load_accounts
from monitor.cycle.run import run_cycle
from monitor.database.runs import hold_run_lock
from monitor.errors import AlreadyRunning
from monitor.settings import Settings, read_settings
from sql.connect import connect

COMPLETE, INCOMPLETE, BUSY = 0, 1, 75
PATIENCE_SECONDS = 10  # until the database has noticed that the run before is dead
STATEMENTS = (
    (psycopg.Cursor, "execute"),
    (psycopg.Cursor, "executemany"),
    (psycopg.Transaction, "__enter__"),
    (psycopg.Transaction, "__exit__"),
)


class Points:
    """Counts the points that a run passes and kills it at one of them."""

    def __init__(self, fatal: int | None) -> None:
        self.passed = 0
        self._fatal = fatal

    def watch(self) -> None:
        """Put a point before and after every statement and every call of this process."""
        for owner, name in STATEMENTS:
            setattr(owner, name, self._around(getattr(owner, name)))
        aiohttp.ClientSession._request = self._around_call(aiohttp.ClientSession._request)

    def _pass(self) -> None:
        self.passed += 1
        if self.passed == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def _around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            self._pass()
            result = act(*arguments, **named)
            self._pass()
            return result

        return watched

    def _around_call(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        async def watched(*arguments: Any, **named: Any) -> Any:
            self._pass()
            result = await ask(*arguments, **named)
            self._pass()
            return result

        return watched


def main() -> None:
    """Follow the orders until standard input ends."""
    asyncio.run(_open_once())  # or every run imports ccxt and reads the certificates for itself
    gc.freeze()  # nor does any look for circles in what was imported
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_follow(read_settings(order["settings"]), order)), flush=True)


async def _open_once() -> None:
    async with using_client(read_settings({})):
        pass


def _follow(settings: Settings, order: dict[str, Any]) -> dict[str, Any]:
    reader, writer = os.pipe()
    children = [_fork(settings, order, writer) for _ in range(order.get("together", 1))]
    os.close(writer)
    if "delay" in order:
        time.sleep(order["delay"])
        os.kill(children[0], signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    with os.fdopen(reader) as told:
        return {"codes": codes, "points": int(told.readline() or 0)}


def _fork(settings: Settings, order: dict[str, Any], writer: int) -> int:
    child = os.fork()
    if child:
        return child
    points = Points(order.get("point"))
    points.watch()
    patience = 0 if "together" in order else PATIENCE_SECONDS
    code = asyncio.run(_run(settings, datetime.fromisoformat(order["now"]), patience))
    os.write(writer, f"{points.passed}\n".encode())
    os._exit(code)


async def _run(settings: Settings, now: datetime, patience: float) -> int:
    assert settings.database_url
    with connect(settings.database_url.value, name="killed") as db:
        deadline = time.monotonic() + patience
        while True:
            try:
                hold_run_lock(db)
                break
            except AlreadyRunning:
                if time.monotonic() >= deadline:
                    return BUSY
                await asyncio.sleep(0.02)
        client = open_client(settings)
        result = await run_cycle(db, client, load_accounts(db, settings), now=now, pid=os.getpid(), version="killed")
        await client.close()
    return COMPLETE if result.is_complete else INCOMPLETE


if __name__ == "__main__":
    main()
