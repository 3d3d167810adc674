"""When a key of MEXC ends: by the exchange's own count of days, and only without one by its age."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.exchanges.mexc.key import read_info
from tests.exchanges.mexc.answering import NOW
from tests.exchanges.mexc.answers import ANSWERS

MADE = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("addresses", "left", "expires"),
    [
        ("", "80", NOW + timedelta(days=80)),
        ("1.2.3.4", "5", NOW + timedelta(days=5)),
        ("", "", MADE + timedelta(days=90)),
        ("1.2.3.4", "", None),
    ],
)
def test_a_key_ends_when_the_exchange_says(addresses: str, left: str, expires: datetime | None) -> None:
    told = ANSWERS["apiKeyInfo"] | {"ipWhiteList": addresses, "remainingValidity": left}

    assert read_info(told, NOW).expires_at == expires
