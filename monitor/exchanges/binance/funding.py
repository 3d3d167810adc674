"""The funding wallet, where P2P, Pay and card money lands."""

from finance.observed import Balance
from monitor.exchanges.binance.spot import read_assets
from monitor.exchanges.http.connection import Connection, Endpoint

WALLET = "funding"
ENDPOINT = Endpoint(family="sapi", path="asset/get-funding-asset", weight=1, bucket="sapi funding", method="POST")


async def fetch_funding(connection: Connection) -> tuple[Balance, ...]:
    """Balances of the funding wallet; its rows are those of the spot wallet."""
    return await connection.call(ENDPOINT, "Reading the funding wallet", read_assets)
