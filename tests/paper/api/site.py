"""A platform in memory for the tests of its routes, and people who ask it."""

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from paper.api.app import make_api, stand_beside
from paper.api.membership import Membership
from paper.api.policy import PaperKeys, Policy, open_keys
from paper.clock import VenueClock
from paper.engine.changes import Changes
from paper.engine.remembering import Remembering
from paper.engine.venue import Venue
from paper.users.directory import Directory
from paper.users.joining import Application, register
from paper.users.key_ring import KeyRing
from paper.users.records import AuditEntry, User
from paper.users.sessions import Tokens, log_in
from paper.wire.app import PaperExchange
from paper.wire.binance import Binance
from sql.vault import Secret
from tests.paper.users.people import ORIGIN
from tests.venue import MARKET

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
HOST = "127.0.0.1:8100"


class Remembered(Remembering):
    """A journal in memory that has an audit trail to read."""

    entries: list[AuditEntry]
    written: list[Changes]

    def write(self, changes: Changes) -> None:
        """Enter them."""
        super().write(changes)
        self.written.append(changes)
        self.entries.extend(one for one in changes.records if isinstance(one, AuditEntry))

    async def read(self, user: UUID | None, before: int | None, most: int) -> list[tuple[int, AuditEntry]]:
        """The last entries."""
        numbered = [(n, one) for n, one in enumerate(self.entries, start=1) if user in (None, one.user)]
        return [pair for pair in numbered[::-1] if before is None or pair[0] < before][:most]


MASTER_KEY = base64.b64encode(b"m" * 32).decode()


class Site:
    """A platform, asked in this process."""

    def __init__(self, *, is_open: bool = True, **policy: Any) -> None:
        venue = Venue(MARKET, VenueClock(START, follows=False))
        self.journal = Remembered(venue.accounts, venue.books)
        self.journal.entries, self.journal.written = [], []
        venue.journal = self.journal
        exchange = PaperExchange(venue)
        dialect = exchange.dialects["binance"]
        assert isinstance(dialect, Binance)
        vault, self.signer = open_keys(PaperKeys(data_dir=Path(), master_key=Secret(MASTER_KEY)))
        self.membership = Membership(
            venue=venue,
            directory=Directory(),
            signer=self.signer,
            vault=vault,
            policy=Policy(is_open=is_open, **policy),
            trail=self.journal,
            counts=dialect.limits.orders,
        )
        self.venue, self.directory = venue, self.membership.directory
        venue.key_ring = KeyRing(self.directory, vault)
        self.app = stand_beside(exchange.port("binance"), make_api(self.membership))
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """End it."""
        self._runner.close()

    def ask(self, method: str, path: str, body: Any = None, token: str = "", **more: Any) -> httpx.Response:
        """One request."""
        return self.together([lambda client: call(client, method, path, body, token, **more)])[0]

    def together(
        self, calls: list[Callable[[httpx.AsyncClient], Any]], peer: str = "127.0.0.1"
    ) -> list[httpx.Response]:
        """Several at once."""

        async def all_of_them() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(peer, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
                answers: list[httpx.Response] = await asyncio.gather(*(one(client) for one in calls))
                return answers

        return self._runner.run(all_of_them())

    def advance(self, **step: float) -> None:
        """Let time pass."""
        self.venue.clock.advance(timedelta(**step))

    def join(self, email: str) -> User:
        """A user with an account, made without a password's cost: it fits none."""
        now = self.venue.clock.now()
        user, records = register(Application(email=email, password="", name="Ann"), "none", ORIGIN, now)
        self.membership.open_account(user, records, now)
        return user

    def sign_in(self, user: User) -> Tokens:
        """The tokens of a login, without its cost."""
        known = self.directory.user(user.id)
        assert known
        tokens, records = log_in(self.directory, self.signer, known, "", ORIGIN, self.venue.clock.now())
        self.membership.write(records)
        return tokens


async def call(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, token: str = "", **more: Any
) -> httpx.Response:
    """One request of a client: `body` as JSON, unless it is bytes."""
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
    if isinstance(body, bytes):
        more |= {"content": body}
        headers = {"Content-Type": "application/json", **headers}
    elif body is not None:
        more |= {"json": body}
    return await client.request(method, path, headers=headers, **more)
