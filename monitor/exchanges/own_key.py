"""An account read through a key of its own: what such accounts do alike at every exchange."""

from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import NoReturn

from finance.observed import DailyBalances
from monitor.errors import ExchangeError, ExchangePaused
from monitor.exchanges.contract import SubAccount
from monitor.exchanges.http.capture import POSITIONS, requested_for
from monitor.exchanges.http.connection import Connection


class OwnKeyAccount:
    """The clock and the connection; and nothing of what the exchange does not have, where the adapter says no more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch_system(self) -> str:
        """Nothing: there is one kind of account."""
        return ""

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_daily_balances(self, since: datetime, until: datetime) -> tuple[DailyBalances, ...]:
        """None: the exchange keeps none."""
        return ()

    async def fetch_sub_accounts(self) -> tuple[SubAccount, ...]:
        """None: a sub-account is read with a key of its own."""
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
