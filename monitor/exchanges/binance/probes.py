"""What a reading asks only while there is something to ask for, asked all the same: to see what is answered."""

from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.binance import futures, options
from monitor.exchanges.contract import Pair, Samples
from monitor.exchanges.http.capture import POSITIONS, requested_for
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.gate import a_list

ENDPOINTS = (
    (futures.USD_M, futures.USD_M_POSITIONS),
    (futures.COIN_M, futures.COIN_M_POSITIONS),
    (futures.PORTFOLIO, futures.PORTFOLIO_USD_M_POSITIONS),
    (futures.PORTFOLIO, futures.PORTFOLIO_COIN_M_POSITIONS),
    (options.WALLET, options.POSITIONS),
)

SAMPLES = Samples(
    pair=Pair(symbol="BTCUSDT", base="BTC", quote="USDT"),
    contracts=("BTCUSDT", "BTCUSD_PERP"),
    contract_wallets=(futures.USD_M, futures.PORTFOLIO),
)


async def ask_for_positions(connection: Connection) -> None:
    """Ask for the positions of every wallet that may have some, whatever is answered. Raises ExchangePaused on a ban."""
    for wallet, endpoint in ENDPOINTS:
        try:
            with requested_for(POSITIONS + wallet):
                await connection.call(endpoint, f"Reading {POSITIONS}{wallet}", a_list)
        except ExchangePaused:
            raise
        except ExchangeError:
            continue  # it is captured
