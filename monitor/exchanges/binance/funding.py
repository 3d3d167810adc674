"""The funding wallet, where P2P, Pay and card money lands."""

from monitor.exchanges.binance.spot import read_assets
from monitor.exchanges.connection import Connection, Endpoint
from monitor.exchanges.contract import Balance

WALLET = "funding"
ENDPOINT = Endpoint(family="sapi", path="asset/get-funding-asset", weight=1, bucket="sapi funding", method="POST")


async def fetch_funding(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the funding wallet; its rows are those of the spot wallet."""
    return await connection.call(ENDPOINT, "Reading the funding wallet", read_assets)
