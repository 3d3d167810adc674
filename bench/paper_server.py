"""`python -m bench.paper_server durable|memory USERS`: the platform with users who may ask as often as they can, for measuring.

It prints its address and each user's key and secret as one line of JSON. `memory` has no journal: nothing is waited for.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import uvicorn
import uvloop

from paper.clock import VenueClock
from paper.engine.accounts import open_account
from paper.engine.venue import Venue
from paper.market.simulated import SimulatedMarket
from paper.platform.opening import open_platform
from paper.platform.ports import address_of, listen_here
from paper.storage.journal import GroupJournal
from paper.users.api_keys import make_text
from paper.users.directory import Directory
from paper.users.key_commands import seal_secret
from paper.users.key_ring import KeyRing
from paper.users.records import ApiKey, KeyKind
from paper.wire.app import PaperExchange
from paper.wire.binance import order_counts, weights
from sql.vault import Secret, Vault

MONEY = Decimal(1_000_000)
MEMORY_VAULT = Vault(Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="), "bench")


@contextmanager
def open_venue(kind: str) -> Iterator[tuple[Venue, GroupJournal | None, Directory, Vault]]:
    """A venue with a journal in DATA_DIR's database, or without any."""
    market = SimulatedMarket(7)
    if kind == "durable":
        with open_platform(os.environ, market, lambda: None, 60) as platform:
            yield platform.venue, platform.journal, platform.directory, platform.vault
    else:
        venue, directory = Venue(market, VenueClock()), Directory()
        venue.key_ring = KeyRing(directory, MEMORY_VAULT)
        yield venue, None, directory, MEMORY_VAULT


def add_users(venue: Venue, directory: Directory, vault: Vault, number: int, now: datetime) -> list[tuple[str, str]]:
    """So many users with money; their keys and secrets."""
    made = []
    for _ in range(number):
        user, text, secret = uuid4(), make_text(), make_text()
        sealed = seal_secret(vault, user, text, Secret(secret))
        key = ApiKey(key=text, user=user, label="", kind=KeyKind.HMAC, sealed=sealed, sealed_with=vault.key_id,
                     may_trade=True, created_at=now)  # fmt: skip
        directory.apply([key])
        open_account(venue, str(user), now, "", [key], MONEY)
        made.append((text, secret))
    return made


async def serve(venue: Venue, journal: GroupJournal | None, users: list[tuple[str, str]]) -> None:
    """Serve until the process is ended."""
    weights.LIMITS["api"] = 10**9
    vars(order_counts)["INTERVALS"] = ()
    bound = listen_here(0)
    app = PaperExchange(venue).port("binance")
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    tasks = [asyncio.create_task(uvicorn.Server(config).serve(sockets=[bound]))]
    if journal:
        tasks.append(asyncio.create_task(journal.run()))
    print(json.dumps({"url": address_of(bound), "users": users}), flush=True)
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def main() -> None:
    """Serve."""
    kind, number = sys.argv[1], int(sys.argv[2])
    with open_venue(kind) as (venue, journal, directory, vault):
        users = add_users(venue, directory, vault, number, venue.clock.now())
        if journal:
            journal.flush()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(venue, journal, users))


if __name__ == "__main__":
    main()
