"""What everybody can ask of an exchange without a key: prices, klines and the clock, as values and one protocol."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

STALE_AFTER = timedelta(minutes=5)  # the price of a symbol that trades
LONGEST_STOP = timedelta(days=7)  # after which a last trade is no price any more


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutePrice:
    """The last price of a symbol known at a minute or an hour: the open of its kline, else the close of the last one."""

    symbol: str
    value: Decimal
    at: datetime  # the minute asked for
    known_at: datetime  # open time of the kline the value comes from
    stale: bool  # the kline is more than five minutes older than the moment asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTrade:
    """What a symbol last traded at."""

    symbol: str
    value: Decimal
    at: datetime  # the minute of the trade; for one that is hours back its hour, or the earliest that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Kline:
    """What was traded of a symbol in a stretch of time that is over."""

    opened: datetime
    open: Decimal  # the first price in it
    close: Decimal  # and the last
    volume: Decimal  # in units of the base asset
    taker_buy: Decimal | None  # the part of it that buyers took from the order book, where the exchange says it
    low: Decimal | None = None  # the lowest and the highest price in it, where the exchange says them
    high: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """Every trading symbol's last price at one moment, by its name as `finance.prices.name_pair` makes it."""

    at: datetime
    prices: dict[str, Decimal]
    closed_since: datetime | None = None  # nothing has been traded at all since then: the prices are the last ones
    doubts: Mapping[str, str] = field(default_factory=dict)  # by asset: why its price is not believed


class Market(Protocol):
    """Public data of an exchange, read once for all accounts."""

    name: str
    pulse: str  # a symbol that trades every minute while the exchange trades at all

    async def fetch_server_time(self) -> datetime:
        """The exchange's clock, aware UTC."""

    async def fetch_ticker(self) -> Ticker:
        """All prices in one call."""

    async def fetch_minute_prices(
        self, symbol: str, minutes: Collection[datetime]
    ) -> dict[datetime, MinutePrice | None]:
        """The last price of `symbol` known at each of `minutes`; None if there was none, or no such symbol."""

    async def fetch_mark_prices(
        self, contract: str, minutes: Collection[datetime]
    ) -> dict[datetime, MinutePrice | None]:
        """What the exchange valued open positions of `contract` with at each of `minutes`; None where it has none."""

    async def fetch_hour_prices(self, symbol: str, hours: Collection[datetime]) -> dict[datetime, MinutePrice | None]:
        """The last price of `symbol` known at each of the full `hours`, many a call; None if there was none for a week."""

    async def fetch_all_prices(self) -> dict[str, Decimal]:
        """The last price of every symbol there is, also of those that don't trade now."""

    async def fetch_index(self) -> dict[str, Decimal]:
        """The exchange's own index prices of assets, by the name of their pair with USD."""

    async def fetch_last_trade(self, symbol: str, until: datetime) -> LastTrade | None:
        """What `symbol` last traded at, however long before `until`; None if it never did, or there is no such symbol."""

    async def fetch_klines(self, symbol: str, step: timedelta, since: datetime, until: datetime) -> tuple[Kline, ...]:
        """The finished klines of `step` (a minute, an hour) that opened in [since, until), oldest first; none where
        nobody traded, or there is no such symbol."""

    async def fetch_mark_klines(
        self, symbol: str, step: timedelta, since: datetime, until: datetime
    ) -> tuple[Kline, ...]:
        """The same of the prices that the exchange valued open positions of the contract `symbol` with."""

    async def close(self) -> None:
        """Close the connections."""
