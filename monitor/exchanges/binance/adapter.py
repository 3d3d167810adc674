"""Binance as `monitor.exchanges.adapters` loads it."""

from monitor.exchanges.adapters import Adapter
from monitor.exchanges.binance import wallets
from monitor.exchanges.binance.account import BinanceAccount
from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.binance.market import BinanceMarket
from monitor.exchanges.binance.sub_accounts import BinanceSubAccount

ADAPTER = Adapter(
    dialect=DIALECT,
    open_market=BinanceMarket,
    open_account=BinanceAccount,
    open_sub_account=BinanceSubAccount,
    totals=wallets.NAMES,
)
