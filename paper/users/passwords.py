"""Passwords: argon2id with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, two passes, one lane).

Two are computed at once, so that memory and processor stay free for trading; who would wait long is sent away.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from paper.users.fields import LONGEST_PASSWORD
from paper.users.refusals import Busy

MEMORY_KIB, PASSES, LANES = 19_456, 2, 1
AT_ONCE, MOST_WAITING = 2, 50
BUSY_SECONDS = 5
Result = TypeVar("Result")


class Passwords:
    """Hashes and checks passwords in threads of its own."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        self._computing = ThreadPoolExecutor(AT_ONCE, "password")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash of a password as PHC text, with a salt of its own. Raises Busy."""
        return await self._compute(self._hasher.hash, password)

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password. For nobody's (None) it takes as long, and is wrong. Raises Busy."""
        is_right = await self._compute(self._verify, hashed or self._nobodys, password)
        return is_right and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Whether a hash was made with other parameters than today's: at the next login it is made anew."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        if len(password.encode()) > LONGEST_PASSWORD:  # nobody could set it, so it costs nothing
            return False
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _compute(self, work: Callable[..., Result], *given: str) -> Result:
        if self._waiting >= MOST_WAITING:
            raise Busy("Too many passwords are being checked. Try again in a few seconds.", BUSY_SECONDS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._computing, work, *given)
        finally:
            self._waiting -= 1
