"""Hundreds of accounts, each with a connection of its own: what describes the exchange is in memory once."""

import asyncio
import tracemalloc

from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from sql.vault import Credentials, Secret

MOST_BYTES = 60_000  # an account's; 270,000 where each has its own description


def test_another_account_takes_little_memory_and_shares_no_secret() -> None:
    async def measure(count: int) -> tuple[float, list[Connection]]:
        network = Network(load_adapter("binance").dialect)

        def connect(number: int) -> Connection:
            return Connection(
                Credentials(key=Secret(f"key {number}"), secret=Secret(f"secret {number}")),
                base_url="http://127.0.0.1:1",
                timeout_seconds=10,
                network=network,
            )

        opened = [connect(0)]
        tracemalloc.start()
        opened += [connect(number) for number in range(1, count + 1)]
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        for connection in opened:
            await connection.close()
        await network.close()
        return used / count, opened

    used, opened = asyncio.run(measure(20))

    assert used < MOST_BYTES
    assert len({connection._client.secret for connection in opened}) == 21
