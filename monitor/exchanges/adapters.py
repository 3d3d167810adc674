"""Which exchanges there are: for each a market for everybody and accounts behind keys, as `contract` says.

Another exchange is a folder beside `binance`, a connection of its own and one more line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.exchanges.binance import wallets
from monitor.exchanges.binance.account import BinanceAccount
from monitor.exchanges.binance.market import BinanceMarket
from monitor.exchanges.binance.sub_accounts import BinanceSubAccount
from monitor.exchanges.contract import Account
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.public import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """How one exchange is read."""

    open_market: Callable[[Connection], Market]
    open_account: Callable[[Connection], Account]
    open_sub_account: Callable[[Connection, str], Account]  # with its master's key and its e-mail address
    totals: Mapping[str, tuple[str, ...]]  # the exchange's names of its totals, and the wallets that each covers


ADAPTERS: Mapping[str, Adapter] = {
    "binance": Adapter(
        open_market=BinanceMarket, open_account=BinanceAccount, open_sub_account=BinanceSubAccount, totals=wallets.NAMES
    ),
}
