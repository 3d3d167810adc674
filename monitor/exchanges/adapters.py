"""How an exchange is read: for each a market for everybody and accounts behind keys, as `contract` says.

Another exchange is a folder with an `adapter` of its own, and one more name in `monitor.exchanges`. It is loaded when it is first used.
What accounts that are read through a key of their own do alike at every exchange stands here, too.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import NoReturn

from finance.closed_positions import ClosedPosition
from finance.contracts import InverseSizes
from finance.observed import DailyBalances
from finance.orders import OrderRecord
from finance.records import ContractQuery
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges import EXCHANGES
from monitor.exchanges.contract import Account, OrderMarket, OrderPage, OrderQuery, Pair, SubAccount
from monitor.exchanges.http.capture import POSITIONS, requested_for
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


class OwnKeyAccount:
    """The clock and the connection; and nothing of what the exchange does not have, where the adapter says no more."""

    contract_wallets: tuple[str, ...] = ()
    has_closed_positions = False
    order_markets: tuple[OrderMarket, ...] = ()

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch_system(self) -> str:
        """Nothing: there is one kind of account."""
        return ""

    def note_switch(self, at: datetime | None) -> None:
        """Remember when the account became of its system, for what is read of ledgers."""
        self._connection.switched_at = at

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_daily_balances(self, since: datetime, until: datetime) -> tuple[DailyBalances, ...]:
        """None: the exchange keeps none."""
        return ()

    async def fetch_sub_accounts(self) -> tuple[SubAccount, ...]:
        """None: a sub-account is read with a key of its own."""
        return ()

    async def fetch_closed_positions(self, query: ContractQuery) -> tuple[ClosedPosition, ...]:
        """None: the exchange has no account of its own of them."""
        return ()

    async def fetch_open_orders(self, market: str, pair: Pair | None = None) -> tuple[OrderRecord, ...]:
        """None: orders are not read."""
        return ()

    async def fetch_orders(self, query: OrderQuery) -> OrderPage:
        """None: orders are not read."""
        return OrderPage(orders=(), is_last=True)

    async def fetch_ended(self, order: OrderRecord) -> tuple[OrderRecord, ...]:
        """Nothing: orders are not read."""
        return ()

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


async def ask_each(asking: Iterable[tuple[str, Awaitable[object]]]) -> None:
    """Ask for the positions of wallets, one after the other, whatever is answered: it is captured. Raises ExchangePaused
    on a ban."""
    for wallet, answer in asking:
        try:
            with requested_for(POSITIONS + wallet):
                await answer
        except ExchangePaused:
            raise
        except ExchangeError:
            continue


def refuse_sub_account(connection: Connection, email: str) -> NoReturn:
    """A main account's key does not read its sub-accounts. Raises LookupError."""
    raise LookupError(f"a main account's key does not read its sub-accounts here: give {email} a key of its own")
