"""Live prices: what an exchange that speaks Binance's protocol shows everybody, without a key.

Before the start its pairs and their last minutes are asked for; then trades and the twenty best prices of each side are
listened to. A connection that ends is opened again, for as long as it takes: until then the market is silent.
"""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp

from paper.engine.live import LiveMarket
from paper.market.klines import Kline, Symbol
from paper.trading.ladder import Quote

BINANCE = ("https://data-api.binance.vision", "wss://data-stream.binance.vision")
SECONDS, LARGEST = 10, 8 * 1024 * 1024
ASKED_MINUTES, ASKS = 1000, 3  # at once, and how often: what is remembered at the start
PING_SECONDS, FIRST_WAIT, LONGEST_WAIT = 2.0, 1.0, 30.0
SILENT_SECONDS = 10.0  # although pings are answered: nobody is there any more, whatever the connection says
LONGEST_FIGURE, MOST_PLACES = 40, 20  # of a price or a quantity: letters, and figures on either side of the point
# What a connection ends with, and what reading a message raises that nobody expected.
FAULTS = (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError,
          RecursionError)  # fmt: skip


class Unreachable(Exception):
    """What was to be asked before the start was not answered; the text says what, and what came back."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where prices come from: the addresses of its REST and its streams."""

    rest: str
    streams: str

    @classmethod
    def at(cls, url: str) -> "Upstream":
        """The one at an address; Binance itself without one. Raises ValueError for what is no http address."""
        if not url:
            return cls(*BINANCE)
        scheme, found, rest = url.rstrip("/").partition("://")
        if scheme not in ("http", "https") or not found or not rest:
            raise ValueError(f"'{url}' is no address like http://127.0.0.1:8100")
        return cls(url.rstrip("/"), f"{'wss' if scheme == 'https' else 'ws'}://{rest}")

    async def list_symbols(self, names: Iterable[str]) -> dict[str, Symbol]:
        """The named pairs, with what they accept. Raises Unreachable, or ValueError for one that does not trade."""
        wanted = list(names)
        found = await self._ask("/api/v3/exchangeInfo", symbols=json.dumps(wanted, separators=(",", ":")))
        known = {row["symbol"]: row for row in found["symbols"] if row["status"] == "TRADING"}
        if missing := [name for name in wanted if name not in known]:
            raise ValueError(f"{', '.join(missing)} does not trade at {self.rest}")
        return {name: _read_symbol(known[name]) for name in wanted}

    async def list_minutes(self, symbol: str) -> list[Kline]:
        """The last minutes of a pair that are over, oldest first. Raises Unreachable."""
        rows: list[Any] = []
        for _ in range(ASKS):
            end = {"endTime": rows[0][0] - 1} if rows else {}
            found = await self._ask("/api/v3/klines", symbol=symbol, interval="1m", limit=ASKED_MINUTES, **end)
            rows = [*found, *rows]
            if len(found) < ASKED_MINUTES:
                break
        return [_read_kline(row) for row in rows[:-1]]

    async def follow(self, market: LiveMarket) -> None:
        """Tell a market what happens, until cancelled."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._listen(market)
                wait = FIRST_WAIT
            except FAULTS:
                wait = min(LONGEST_WAIT, wait * 2)
            market.forget()
            await asyncio.sleep(wait)

    async def _ask(self, path: str, **parameters: str | int) -> Any:
        url = self.rest + path
        try:
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(url, params=parameters, allow_redirects=False) as answer,
            ):
                body = await _read(answer)
                if answer.status != 200:
                    raise Unreachable(f"{url} answered {answer.status}: {body[:200].decode('utf-8', 'replace')}")
                return json.loads(body, parse_float=str)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as fault:
            raise Unreachable(f"{url} can't be read: {fault or type(fault).__name__}") from None

    async def _listen(self, market: LiveMarket) -> None:
        names = [f"{name.lower()}@{what}" for name in market.symbols for what in ("trade", "depth20@100ms")]
        url = f"{self.streams}/stream?streams={'/'.join(names)}"
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=SECONDS)
        silence = aiohttp.ClientWSTimeout(ws_receive=SILENT_SECONDS, ws_close=SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.ws_connect(url, autoping=False, max_msg_size=LARGEST, timeout=silence) as socket,
        ):
            pinging = asyncio.create_task(_ping(socket))
            try:
                await _hear(socket, market)
            finally:
                pinging.cancel()


async def _hear(socket: aiohttp.ClientWebSocketResponse, market: LiveMarket) -> None:
    """Tell a market all that comes, until nothing comes any more. Raises what an unexpected message raises."""
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            _tell(market, json.loads(message.data, parse_float=str))
            continue
        market.hear()
        if message.type is aiohttp.WSMsgType.PING:
            await socket.pong(message.data)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body of an answer. Raises ValueError for one that is too large."""
    body = b""
    async for part in answer.content.iter_any():
        body += part
        if len(body) > LARGEST:
            raise ValueError(f"it is larger than {LARGEST:,} bytes")
    return body


async def _ping(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Ask whether somebody is there: an answer says so although no price moves."""
    while True:
        await asyncio.sleep(PING_SECONDS)
        await socket.ping()


def _tell(market: LiveMarket, message: Any) -> None:
    name, _, what = message["stream"].partition("@")
    symbol, row = name.upper(), message["data"]
    if what == "trade":
        market.trade(symbol, int(row["t"]), _read_quote(row["p"], row["q"]), hits_bids=_read_flag(row["m"]))
    else:
        market.show(
            symbol,
            *([_read_quote(price, shown) for price, shown in row[side]] for side in ("bids", "asks")),
        )


def _read_quote(price: str, quantity: str) -> Quote:
    """A price and a quantity. Raises ValueError for what can't be one."""
    if max(len(price), len(quantity)) > LONGEST_FIGURE:
        raise ValueError("a price or quantity is too long")
    found = Quote(Decimal(price), Decimal(quantity))
    if not all(_is_figure(one) for one in found) or not found.price:
        raise ValueError(f"{price} and {quantity} are no price and quantity")
    return found


def _is_figure(amount: Decimal) -> bool:
    """Whether it can be one: an exponent may stand for gigabytes of zeros."""
    return amount.is_finite() and amount >= 0 and abs(amount.adjusted()) <= MOST_PLACES


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _read_symbol(row: Any) -> Symbol:
    filters = {one["filterType"]: one for one in row["filters"]}
    tick, step = Decimal(filters["PRICE_FILTER"]["tickSize"]), Decimal(filters["LOT_SIZE"]["stepSize"])
    return Symbol(
        base=row["baseAsset"],
        quote=row["quoteAsset"],
        decimals=max(0, -int(tick.normalize().as_tuple().exponent)),
        step=step.normalize(),
        least_value=Decimal(filters["NOTIONAL"]["minNotional"]),
    )


def _read_kline(row: Any) -> Kline:
    opened = datetime.fromtimestamp(row[0] // 1000, UTC)
    return Kline(opened=opened, open=row[1], high=row[2], low=row[3], close=row[4], volume=row[5])
