"""One Binance account: its wallets read side by side, each with its own outcome."""

from asyncio import gather
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.errors import ExchangeError, ExchangePaused, KeyRejected
from monitor.exchanges.binance import earn, fills, funding, futures, permissions, spot
from monitor.exchanges.binance.histories import FLOWS, INCOME, fetch_histories
from monitor.exchanges.connection import Connection, WalletNotOpened
from monitor.exchanges.contract import Balance, FillPage, FillQuery, Permissions, WalletReading, WalletState
from monitor.exchanges.sources import SourceReading


class BinanceAccount:
    """An account behind one key."""

    flow_sources = tuple(FLOWS)
    income_sources = tuple(INCOME)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch_uid(self) -> str:
        """The exchange's number of the account."""
        return await permissions.fetch_uid(self._connection)

    async def fetch_permissions(self) -> Permissions:
        """What the key may do."""
        return await permissions.fetch_permissions(self._connection)

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock."""
        return await self._connection.fetch_server_time()

    async def fetch_wallets(self) -> tuple[WalletReading, ...]:
        """Spot, funding, Earn and USD-M futures. Raises ExchangePaused on a ban, KeyRejected if spot rejects the key."""
        link = self._connection
        in_spot, in_funding, flexible, locked, usd_m = await gather(
            _read(spot.WALLET, spot.fetch_spot(link)),
            _read(funding.WALLET, funding.fetch_funding(link)),
            _read(earn.FLEXIBLE, earn.fetch_flexible(link)),
            _read(earn.LOCKED, earn.fetch_locked(link)),
            _read(futures.WALLET, futures.fetch_usd_m(link)),
        )
        in_spot = replace(in_spot, balances=spot.drop_mirrors(in_spot.balances, flexible.balances))
        return (in_spot, in_funding, flexible, locked, usd_m)

    async def fetch_flows(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The flow histories that `since` names, each from its moment to `until`."""
        return await fetch_histories(self._connection, FLOWS, since, until)

    async def fetch_income(self, since: Mapping[str, datetime], until: datetime) -> tuple[SourceReading, ...]:
        """The income histories that `since` names, each from its moment to `until`."""
        return await fetch_histories(self._connection, INCOME, since, until)

    async def fetch_fills(self, query: FillQuery) -> FillPage:
        """The next fills that `query` asks for."""
        return await fills.fetch_fills(self._connection, query)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


async def _read(wallet: str, reading: Awaitable[tuple[Balance, ...]]) -> WalletReading:
    try:
        return WalletReading(wallet=wallet, state=WalletState.READ, balances=await reading)
    except WalletNotOpened as failure:
        return WalletReading(wallet=wallet, state=WalletState.NOT_OPENED, problem=str(failure))
    except KeyRejected as failure:
        if wallet == spot.WALLET:
            raise
        state = WalletState.NOT_OPENED if wallet == futures.WALLET else WalletState.FAILED
        return WalletReading(wallet=wallet, state=state, problem=str(failure))
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        return WalletReading(wallet=wallet, state=WalletState.FAILED, problem=str(failure))
