"""Whose turn it is: many new accounts together ask more than the exchange allows in one run, so they begin by turns."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from monitor.database.containment import contained
from monitor.errors import Crashed

WAITS = "waits for its turn: together the accounts ask more than the exchange allows in one run. The next run reads it."
AT_ONCE = 32  # accounts: they share one processor, and its time is part of each one's limit
T = TypeVar("T")


def choose_turns(are_new: Sequence[bool], run_id: int, most_new: int) -> list[int]:
    """The positions of the accounts that this run reads: all that were read before, and `most_new` new ones.

    Each run begins with others, so that new accounts that can't be read never keep the rest waiting for ever.
    """
    new = [number for number, is_new in enumerate(are_new) if is_new]
    first = run_id * most_new % len(new) if new else 0
    admitted = set((new[first:] + new[:first])[:most_new])
    return [number for number, is_new in enumerate(are_new) if not is_new or number in admitted]


async def read_in_time(readings: Mapping[int, Coroutine[Any, Any, T]], seconds: float) -> dict[int, T | Crashed]:
    """What those of `readings` return that are ready after `seconds`; the others are cancelled and missing.

    So many are read at once that each is done long before its own time limit, however many there are. One that breaks,
    or is cancelled by nobody of ours, comes to the error that it is: it does not wait for its turn.
    """
    turns = asyncio.Semaphore(AT_ONCE)
    tasks = {number: asyncio.create_task(_read_in_turn(turns, reading)) for number, reading in readings.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=seconds)
    late = [task for task in tasks.values() if not task.done()]
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return {number: _take(task) for number, task in tasks.items() if task not in late}


async def _read_in_turn(turns: asyncio.Semaphore, reading: Coroutine[Any, Any, T]) -> T:
    try:
        async with turns:
            return await reading
    finally:
        reading.close()  # one that was cancelled before it began


def _take(task: asyncio.Task[T]) -> T | Crashed:
    try:
        with contained("Reading an account"):
            return task.result()
    except Crashed as failure:
        return failure
