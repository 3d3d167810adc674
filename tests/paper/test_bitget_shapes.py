"""Bitget's dialect writes what Bitget writes: every field of every sample, of the same kind; and what has no sample is named."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from paper.wire.bitget.routes import OF_UNIFIED, ROUTES
from tests.exchanges.sample import SAMPLES
from tests.paper.bitget import AGE, ask, ms, story
from tests.venue import MARKET, RunningVenue

FILES = sorted((SAMPLES / "bitget").glob("*.json"))
INFERRED = {  # what the dialect says of these rests on what is like them
    "/api/v2/earn/loan/ongoing-orders",
    "/api/v2/margin/currencies",
    "/api/v2/margin/isolated/fills",
    "/api/v2/margin/isolated/history-orders",
    "/api/v2/margin/isolated/open-orders",
    "/api/v2/margin/isolated/interest-history",
    "/api/v3/market/instruments",
}

WORDED_OTHERWISE = {"parentId"}  # a number in the documentation's example, text here
EMPTY_HERE = {"symbolConfigList", "coinConfigList", "pledgeInfos"}
MORE = """
+1m account Sub on bitget {system} key key-of-sub-at-bitget secret secret-of-sub passphrase other
+1m belongs to Ann
+0m account Ann
+30m hand 20 USDT to Sub
+31m borrow 0.05 ETH on loans
+32m dust SOL
+33m transfer 100 USDT from spot to onchain_yields
+34m interest 5 USDT
+35m limit buy 0.001 BTCUSDT at 20000
+36m limit buy 0.001 BTCUSDT at 20000
+37m stop sell 0.001 BTCUSDT at 20000
+37m buy 0.001 BTCUSDT on cross_margin
+37m limit buy 0.001 BTCUSDT at 20000 on cross_margin
+38m long 0.01 ETHUSDT
+39m close ETHUSDT
"""


@pytest.fixture(scope="module")
def venues() -> Iterator[dict[str, RunningVenue]]:
    """A venue of either system, at which everything has happened that its samples tell of."""
    now = datetime.now(UTC).replace(microsecond=0)
    opened = {
        system: RunningVenue(MARKET, story(system) + MORE.format(system=system), now - AGE, now)
        for system in ("classic", "unified")
    }
    yield opened
    for venue in opened.values():
        venue.stop()


def differences(sample: Any, found: Any, where: str = "") -> list[str]:
    """The fields of a sample that an answer lacks, or has of another kind."""
    if isinstance(sample, dict) and isinstance(found, dict):
        lacking = [f"{where}.{name}" for name in sample if name not in found]
        both = [name for name in sample if name in found and name not in WORDED_OTHERWISE]
        return lacking + [one for name in both for one in differences(sample[name], found[name], f"{where}.{name}")]
    if isinstance(sample, list) and isinstance(found, list):
        empty = bool(sample) and not found and where.rsplit(".", maxsplit=1)[-1] not in EMPTY_HERE
        return [f"{where} is empty"] if empty else [one for row in found for one in differences(sample[0], row, where)]
    is_alike = sample is None or found is None or type(sample) is type(found)
    return [] if is_alike else [f"{where}: {type(found).__name__}"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_answer_has_the_fields_of_its_sample(file: Path, venues: dict[str, RunningVenue]) -> None:
    sample = json.loads(file.read_text())
    venue = venues["unified" if sample["path"] in OF_UNIFIED else "classic"]
    window = {"startTime": ms(venue.now() - AGE), "endTime": ms(venue.now())}
    asked = {name: window.get(name, value) for name, value in sample.get("asked", {}).items()}
    told = ask(venue, sample["path"], asked).json()
    venue.control("/weights", method="DELETE")

    assert differences(sample["answer"], told) == []


def test_every_path_has_a_sample_or_is_named_as_inferred() -> None:
    told = {json.loads(file.read_text())["path"] for file in FILES}

    assert ROUTES.keys() - told == INFERRED
    assert not told - ROUTES.keys()
