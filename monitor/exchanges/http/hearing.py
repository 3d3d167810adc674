"""What an exchange answered, for who wants to see answers as they came: a check of an account, not a reading.

with listen() as heard:
    await account.fetch_wallets()
heard[0].path, heard[0].place, heard[0].answer.status
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from finance.observed import Refusal


@dataclass(slots=True)
class Answer:
    """What came back, before anybody interpreted it."""

    status: int = 0
    headers: dict[str, str] | None = None
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One call and its answer."""

    address: str  # "GET /sapi/v1/asset/wallet/balance"
    place: str  # which wallet or history it was asked for
    answer: Answer = field(repr=False)
    refusal: Refusal | None  # the answer, if it was a no
    problem: str = field(repr=False)  # why it was not taken; empty: it was


TOTALS = "the exchange's own totals"
POSITIONS = "positions of "
_HEARD: ContextVar[list[Heard] | None] = ContextVar("heard", default=None)
_PLACE: ContextVar[str] = ContextVar("place", default="")


@contextmanager
def listen() -> Iterator[list[Heard]]:
    """A list that grows by every answer that is got within, also by tasks that are started there."""
    heard: list[Heard] = []
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)


@contextmanager
def asking_for(place: str) -> Iterator[None]:
    """What is asked within is asked for `place`."""
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)


def hear(address: str, answer: Answer, refusal: Refusal | None = None, problem: str = "") -> None:
    """Tell who listens, if anybody does."""
    heard = _HEARD.get()
    if heard is not None:
        one = Heard(address=address, place=_PLACE.get(), answer=answer, refusal=refusal, problem=problem)
        heard.append(one)
