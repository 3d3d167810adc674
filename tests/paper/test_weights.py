"""Weights of requests: each address has its own budget, every minute anew."""

from datetime import timedelta

import pytest

from paper.wire.binance.weights import LIMITS, UsedWeights
from paper.wire.dialect import Route
from paper.wire.refusal import Refusal
from tests.venue import START

HALF = Route(answer=lambda asked: None, weight=LIMITS["api"] // 2, bucket="api")


def test_who_asks_too_much_is_refused_and_nobody_else() -> None:
    used = UsedWeights()
    told = [used.use(HALF, START, address)["X-MBX-USED-WEIGHT-1M"] for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2")]
    assert told == ["3000", "6000", "3000"]

    with pytest.raises(Refusal) as refused:
        used.use(HALF, START, "10.0.0.1")
    assert refused.value.status == 429 and refused.value.headers["Retry-After"] == "60"
    used.use(HALF, START, "10.0.0.2")

    assert used.use(HALF, START + timedelta(minutes=1), "10.0.0.1")["X-MBX-USED-WEIGHT-1M"] == "3000"
