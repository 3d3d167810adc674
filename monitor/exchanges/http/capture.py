"""Captured answers: what an exchange answered, as it came, for a check of an account rather than a reading of it.

with capture_responses() as captured:
    await account.fetch_wallets()
captured[0].address, captured[0].place, captured[0].response.status
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from finance.observed import Refusal


@dataclass(slots=True)
class Response:
    """An HTTP answer before anybody interpreted it; status 0: there was none."""

    status: int = 0
    headers: dict[str, str] | None = None
    body: str = ""
    path: str = ""  # of the address that answered, without the query, which may hold a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One call and its answer."""

    address: str  # "GET /path/of/the/endpoint"
    place: str  # which wallet or history it was asked for
    response: Response = field(repr=False)
    refusal: Refusal | None  # the answer, if it was a no
    problem: str = field(repr=False)  # why it was not taken; empty: it was


TOTALS = "the exchange's own totals"
POSITIONS = "positions of "
_CAPTURED: ContextVar[list[Captured] | None] = ContextVar("captured", default=None)
_PLACE: ContextVar[str] = ContextVar("place", default="")


@contextmanager
def capture_responses() -> Iterator[list[Captured]]:
    """A list that grows by every answer that is got within, also by tasks that are started there."""
    captured: list[Captured] = []
    token = _CAPTURED.set(captured)
    try:
        yield captured
    finally:
        _CAPTURED.reset(token)


@contextmanager
def requested_for(place: str) -> Iterator[None]:
    """Calls made within are captured under `place`: a wallet or a history."""
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)


def record_response(address: str, response: Response, refusal: Refusal | None = None, problem: str = "") -> None:
    """Add a call to what is captured, if anything is."""
    captured = _CAPTURED.get()
    if captured is not None:
        one = Captured(address=address, place=_PLACE.get(), response=response, refusal=refusal, problem=problem)
        captured.append(one)
