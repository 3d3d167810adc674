"""Half of MEXC's limits of contracts is used, and the sizes of all contracts cost one call."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.exchanges.http.limits import Weights
from monitor.exchanges.mexc import futures
from monitor.exchanges.mexc.dialect import CONTRACT_SECONDS, DIALECT, contract_public
from monitor.exchanges.mexc.symbols import ContractSizes
from tests.exchanges.mexc.answering import Answering, say
from tests.exchanges.mexc.answers import ANSWERS, POSITION, contract

CALLS = 10  # of 20 in two seconds


def test_the_sizes_of_all_contracts_are_asked_for_once() -> None:
    told = ANSWERS | {"position/open_positions": contract([POSITION, POSITION | {"symbol": "SOL_USDT"}])}
    connection: Any = Answering(lambda path, _: say(path, told))
    sizes = ContractSizes(connection)

    for _ in range(2):
        asyncio.run(futures.fetch_positions(connection, sizes))
    assert [asked for path, asked in connection.calls if path == "detail"] == [{}]


@pytest.mark.parametrize("endpoint", [futures.ASSETS, contract_public("fair_price/ETH_USDT")])
def test_no_more_than_ten_calls_of_contracts_go_out_in_two_seconds(endpoint: Any) -> None:
    weights = Weights(lambda: datetime(2026, 3, 1, tzinfo=UTC), DIALECT.budgets, elapsed=lambda: 0.0)
    account = "1" if endpoint.per_account else None

    async def spend(calls: int) -> None:
        async with asyncio.timeout(0.2):
            for _ in range(calls):
                await weights.spend(endpoint.bucket, endpoint.weight, account)

    asyncio.run(spend(CALLS))
    with pytest.raises(TimeoutError):
        asyncio.run(spend(1))
    assert DIALECT.budgets.seconds_by_bucket[endpoint.bucket] == CONTRACT_SECONDS
