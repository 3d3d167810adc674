"""A check asks everything that a run may ask, once, and stops when the exchange asks for silence."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkup.checking import examine
from tests.judges.everything import MASTER, NAMES, SUB_EMAIL, key, open_everything, secret
from tests.judges.test_endpoints import ENDPOINTS
from tests.venue import RunningVenue


@pytest.fixture(scope="module")
def everything() -> Iterator[RunningVenue]:
    """Three accounts to whom everything has happened."""
    venue = open_everything()
    yield venue
    venue.stop()


def asked(venue: RunningVenue, folder: Path, name: str, email: str = "") -> list[str]:
    """The requests of a check, as "GET /path"."""
    venue.control("/requests", method="DELETE")
    examine(venue, folder, key=key(name), secret=secret(name), label=name, email=email)
    return [f"{request['method']} {request['path']}" for request in venue.requests()]


def test_checks_ask_every_endpoint_that_is_declared_and_nothing_else(everything: RunningVenue, tmp_path: Path) -> None:
    """Who declares a new endpoint finds here that `monitor/checkup/asking.py` must ask it."""
    found = [address for name in NAMES for address in asked(everything, tmp_path, name)]
    found += asked(everything, tmp_path, MASTER, SUB_EMAIL)

    assert set(found) == ENDPOINTS


def test_an_endpoint_is_asked_once_for_each_thing_it_tells(everything: RunningVenue, tmp_path: Path) -> None:
    calls = Counter(asked(everything, tmp_path, MASTER))

    assert max(calls.values()) <= 5  # dual investments have as many states
    assert calls.total() < 115


def test_silence_that_is_asked_for_is_kept(venue: RunningVenue, tmp_path: Path) -> None:
    venue.fault("/sapi/v1/capital/deposit/hisrec", {"status": 429, "headers": {"Retry-After": "600"}, "body": ""})
    venue.control("/requests", method="DELETE")
    findings = examine(venue, tmp_path)

    assert not findings.is_complete
    assert any("asks us to wait" in problem and "was not asked" in problem for problem in findings.problems)
    assert not any(request["path"].endswith("/myTrades") for request in venue.requests())
