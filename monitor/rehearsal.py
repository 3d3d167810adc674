"""Runs hour after hour against a paper exchange, by moving its clock: how the demo and the stories get their history.

Only for an exchange on this machine: a real exchange's clock can't be moved.
"""

import asyncio
import json
import os
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any

from monitor.accounts import TrackedAccount
from monitor.cycle import CycleResult, hour_of, run_cycle
from monitor.edge import Edge
from monitor.errors import MonitorError
from monitor.store import Db

REPORT_EVERY = 24
MINUTES_PAST = timedelta(minutes=2)


async def rehearse(
    db: Db, edge: Edge, accounts: tuple[TrackedAccount, ...], control: str, *, until: datetime, version: str
) -> CycleResult | None:
    """Run every hour from the exchange's next one to `until`, printing progress; returns the last run's result."""
    start = hour_of(await edge.market.fetch_server_time()) + timedelta(hours=1)
    hours = int((until - start) / timedelta(hours=1)) + 1
    result = None
    for number in range(1, hours + 1):
        at = start + timedelta(hours=number - 1) + MINUTES_PAST
        await asyncio.to_thread(move_clock, control, {"set": at.isoformat()})
        now = await edge.market.fetch_server_time()
        result = await run_cycle(db, edge, accounts, now=now, pid=os.getpid(), version=version)
        if number % REPORT_EVERY == 0 or number == hours:
            print(f"history {number}/{hours}", flush=True)
    return result


def move_clock(control: str, order: dict[str, Any]) -> None:
    """Tell the paper exchange's control interface what its clock should do. Raises MonitorError if it refuses."""
    body = json.dumps(order).encode()
    request = urllib.request.Request(f"{control}/clock", data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            response.read()
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")
        raise MonitorError(f"The paper exchange did not move its clock to {order}: {said}") from None
