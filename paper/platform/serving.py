"""Serving the platform: answers leave once they are kept, time passes, and where nothing can be kept any more it ends."""

import asyncio
import signal
import socket
import sys
from contextlib import suppress

import uvicorn

from paper.api.app import make_api, stand_beside
from paper.api.membership import Membership
from paper.api.policy import Policy
from paper.engine.changes import JournalFull, NotCommitted
from paper.engine.days import end_days
from paper.engine.following import Following
from paper.markets import Source
from paper.platform.opening import Platform
from paper.platform.ports import address_of
from paper.wire.app import PaperExchange
from paper.wire.binance import Binance
from paper.wire.sockets import SERVED

LOOKS_SECONDS = 0.2  # between two looks at the market
LAST_ANSWERS_SECONDS = 1.0
FAILED = 4


async def serve(platform: Platform, policy: Policy, bound: socket.socket, source: Source) -> int:
    """Serve until SIGINT or SIGTERM, after one line that names the address; returns the exit code."""
    exchange = PaperExchange(platform.venue)
    exchange.proxies = policy.proxies
    config = uvicorn.Config(
        stand_beside(exchange.port("binance"), make_api(_open_membership(platform, policy, exchange))),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        **SERVED,
    )
    server = uvicorn.Server(config)
    writing = asyncio.create_task(platform.journal.run())
    passing = asyncio.create_task(_pass_time(platform))
    following = [asyncio.create_task(source.follow())] if source.follow else []
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    await asyncio.sleep(0)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop, exchange, server)
    print(f"paper exchange: {address_of(bound)}", flush=True)
    done, _ = await asyncio.wait([writing, passing, serving], return_when=asyncio.FIRST_COMPLETED)
    if serving not in done:
        return await _end(server, serving, next((one for one in done if one.exception()), writing))
    await platform.journal.committed()
    writing.cancel()
    for task in (passing, *following):
        task.cancel()
    return 0


def _open_membership(platform: Platform, policy: Policy, exchange: PaperExchange) -> Membership:
    dialect = exchange.dialects["binance"]
    assert isinstance(dialect, Binance)
    return Membership(
        venue=platform.venue,
        directory=platform.directory,
        signer=platform.signer,
        vault=platform.vault,
        policy=policy,
        trail=platform.trail,
        counts=dialect.limits.orders,
    )


async def _pass_time(platform: Platform) -> None:
    """Let everything happen that time brings, whether anybody asks or not, as long as it can be written."""
    with suppress(NotCommitted):  # who writes says why
        await _look_on(platform)


async def _look_on(platform: Platform) -> None:
    venue, last, following = platform.venue, platform.last_day, Following(platform.venue)
    while True:
        with suppress(JournalFull):
            venue.journal.require_room()
            now = venue.clock.now()
            last = end_days(venue, last, now)
            venue.catch_up()
            following.note()
        await asyncio.sleep(LOOKS_SECONDS)


async def _end(server: uvicorn.Server, serving: asyncio.Task[None], ended: asyncio.Task[None]) -> int:
    """What was told is kept; nothing can be from now on. Who waits is told that nobody knows."""
    fault = ended.exception() if ended.done() else None
    why = f"{type(fault).__name__}: {fault}" if fault else "a command failed half-way"
    print(
        f"The paper exchange ends: what was done last could not be written ({why}). What was answered is kept; start it again "
        "once the database can be written.",
        file=sys.stderr,
        flush=True,
    )
    server.should_exit = True
    await asyncio.wait([serving], timeout=LAST_ANSWERS_SECONDS)
    return FAILED


def _stop(exchange: PaperExchange, server: uvicorn.Server) -> None:
    exchange.take_leave()
    server.should_exit = True
