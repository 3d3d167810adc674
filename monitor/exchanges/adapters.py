"""How an exchange is read: for each a market for everybody and accounts behind keys, as `contract` says.

Another exchange is a folder with an `adapter` of its own, and one more name in `monitor.exchanges`. It is loaded when it is first used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from finance.contracts import InverseSizes
from monitor.exchanges import EXCHANGES
from monitor.exchanges.contract import Account
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.dialect import Dialect
from monitor.exchanges.public import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """How one exchange is read."""

    dialect: Dialect
    open_market: Callable[[Connection], Market]
    open_account: Callable[[Connection], Account]
    open_sub_account: Callable[[Connection, str], Account]  # with its master's key and its e-mail address
    totals: Mapping[str, tuple[str, ...]]  # the exchange's names of its totals, and the wallets that each covers
    inverse_sizes: InverseSizes


def load_adapter(exchange: str) -> Adapter:
    """The adapter of one of EXCHANGES. Raises LookupError for any other name."""
    if exchange not in EXCHANGES:
        raise LookupError(f"there is no exchange named {exchange}")
    adapter: Adapter = import_module(f"monitor.exchanges.{exchange}.adapter").ADAPTER
    return adapter
