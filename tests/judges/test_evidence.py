"""What each endpoint of the worker rests on: an answer that was recorded, or the documentation's example.

Every sample in tests/exchanges/samples that says what is read of it goes through the worker's own reader over HTTP.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.exchanges.binance.wallets import NAMES
from tests.exchanges.sample import SAMPLES, answering
from tests.judges.everything import MASTER, connect, open_everything
from tests.judges.readers import READERS, say
from tests.judges.test_endpoints import ENDPOINTS
from tests.venue import RunningVenue

RECORDED, DOCUMENTED, INFERRED = "recorded answer", "documentation sample", "inference"  # the best first
# What the reader believes beyond its samples. Everything else is in them.
BELIEVED = {
    "/sapi/v1/pay/transactions": "totalPaymentFee is on top of the amount: in every recording it is zero",
    "/sapi/v1/fiat/payments": "of a sale, which amount is the coin's: both readings are weighed by their value",
    "/sapi/v1/fiat/orders": "a withdrawal's fee is on top of `amount`; a settled one was never recorded",
    "/sapi/v1/c2c/orderMatch/listUserOrderHistory": "a taker's commission is takerCommission, a maker's commission",
    "/sapi/v1/sub-account/universalTransfer": "without an address it tells what the master sent",
    "/eapi/v1/bill": "the sign of CONTRACT and EXERCISE_PNL; only a FEE is in the example",
    "/sapi/v1/simple-earn/flexible/history/rewardsRecord": "REALTIME is added to the position, BONUS paid to spot",
}
# The endpoints of which somebody published what the exchange really answered.
ARE_RECORDED = {
    "/api/v3/klines",
    "/fapi/v3/account",
    "/fapi/v3/positionRisk",
    "/papi/v1/balance",
    "/sapi/v1/pay/transactions",
}
PATHS = {endpoint.partition(" ")[2] for endpoint in ENDPOINTS}


def load(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


TOLD = {path.stem: load(path) for path in sorted(SAMPLES.glob("*.json"))}
READ = {name: sample for name, sample in TOLD.items() if "read_as" in sample}


@pytest.fixture(scope="module")
def venue() -> Iterator[RunningVenue]:
    """A venue whose answers are replaced."""
    opened = open_everything()
    yield opened
    opened.stop()


async def read(venue: RunningVenue, path: str) -> Any:
    async with connect(venue, MASTER) as connection:
        return say(await READERS[path](connection))


@pytest.mark.parametrize("name", READ)
def test_of_a_sample_the_worker_reads(name: str, venue: RunningVenue) -> None:
    sample = READ[name]
    venue.fault(sample["path"], answering(sample["answer"]))
    try:
        assert asyncio.run(read(venue, sample["path"])) == sample["read_as"]
    finally:
        venue.clear_faults()


def test_every_endpoint_has_a_sample_that_is_read_and_a_reader() -> None:
    assert {sample["path"] for sample in READ.values() if sample["rests_on"] != INFERRED} == PATHS
    assert READERS.keys() == PATHS


def test_the_worker_knows_its_wallets_by_the_names_that_the_exchange_gives_their_totals() -> None:
    told = {row["name"] for row in READ["sapi.v1.asset.wallet.balance"]["read_as"]}

    assert told >= NAMES.keys() and len(NAMES) == 8


def test_what_an_endpoint_rests_on_is_as_told() -> None:
    assert {sample["path"] for sample in TOLD.values() if sample["rests_on"] == RECORDED} == ARE_RECORDED
    assert BELIEVED.keys() <= PATHS


@pytest.mark.parametrize("name", TOLD)
def test_a_sample_says_where_it_is_from(name: str) -> None:
    sample = TOLD[name]

    assert name.startswith(sample["path"].strip("/").replace("/", "."))
    assert sample["rests_on"] in (RECORDED, DOCUMENTED, INFERRED)
    assert len(sample["source"]) > 20
