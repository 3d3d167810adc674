"""/fapi, /dapi and /papi: fills of perpetuals, the klines of their mark prices, and what margin is worth."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import ContractFill
from paper.market.klines import MINUTE, Kline, find_klines, floor_time
from paper.stories.futures import contract_size, is_inverse, pair_of
from paper.stories.index import index_prices
from paper.stories.marks import Marks
from paper.wire.binance.refusals import BAD_SYMBOL, REJECTED_KEY
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.binance.spot import read_query
from paper.wire.refusal import Refusal

MOST_TRADES, MOST_KLINES = 1000, 1500
WEEK, DAY = timedelta(days=7), timedelta(days=1)
REACH = timedelta(days=90)
LAST_WEEK = "The time between startTime and endTime cannot be longer than {days} days."
SMALLEST = Decimal("1e-8")


def usd_m_trades(asked: Asked) -> Any:
    """GET /fapi/v1/userTrades"""
    if not asked.account.has_futures or asked.account.is_unified:
        raise REJECTED_KEY
    trades = _trades(asked, WEEK, is_coin=False)
    return [
        row | {"pair": row["symbol"], "baseQty": row["qty"], "marginAsset": row["commissionAsset"]} for row in trades
    ]


def coin_m_trades(asked: Asked) -> Any:
    """GET /dapi/v1/userTrades"""
    if "coin_m" not in asked.account.opened or asked.account.is_unified:
        raise REJECTED_KEY
    return [
        row | {"quoteQty": plain(Decimal(row["qty"]) * contract_size(row["symbol"]))}
        for row in _trades(asked, WEEK, is_coin=True)
    ]


def portfolio_usd_m_trades(asked: Asked) -> Any:
    """GET /papi/v1/um/userTrades: those made before it was portfolio margin are listed as well."""
    if not asked.account.is_unified:
        raise REJECTED_KEY
    return _trades(asked, WEEK, is_coin=False)


def portfolio_coin_m_trades(asked: Asked) -> Any:
    """GET /papi/v1/cm/userTrades: a day at a time."""
    if not asked.account.is_unified:
        raise REJECTED_KEY
    return _trades(asked, DAY, is_coin=True)


def _trades(asked: Asked, longest: timedelta, *, is_coin: bool) -> list[dict[str, Any]]:
    """From an id on, or inside a time; without either the last days. Older ones are not listed."""
    name, limit = asked.text("symbol"), min(asked.number("limit", 500), MOST_TRADES)
    if is_inverse(name) != is_coin or pair_of(name) not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    fills = [fill for fill in asked.account.contract_fills if fill.symbol == name and fill.at >= asked.now - REACH]
    since, until = asked.time("startTime"), asked.time("endTime")
    if "fromId" in asked.parameters:
        if since or until:
            raise Refusal(-1106, "Parameter 'fromId' sent when not required.")
        return [_trade(fill) for fill in fills if fill.id >= asked.number("fromId", 0)][:limit]
    start, end = _window(since, until, asked.now, longest)
    return [_trade(fill) for fill in fills if start <= fill.at <= end][:limit]


def _window(
    since: datetime | None, until: datetime | None, now: datetime, longest: timedelta
) -> tuple[datetime, datetime]:
    if since and until and until - since > longest:
        raise Refusal(-4166, LAST_WEEK.format(days=longest.days))
    if since:
        return since, until or since + longest
    return (until or now) - longest, until or now


def _trade(fill: ContractFill) -> dict[str, Any]:
    trade = {
        "symbol": fill.symbol,
        "id": fill.id,
        "orderId": fill.order or fill.id,
        "side": "BUY" if fill.quantity > 0 else "SELL",
        "positionSide": fill.side,
        "price": plain(fill.price),
        "qty": plain(abs(fill.quantity)),
        "realizedPnl": plain(fill.profit),
        "commission": plain(fill.commission),
        "commissionAsset": fill.asset,
        "time": milliseconds(fill.at),
        "buyer": fill.quantity > 0,
        "maker": False,
    }
    if not is_inverse(fill.symbol):
        return trade | {"quoteQty": plain(abs(fill.quantity) * fill.price)}
    worth = abs(fill.quantity) * contract_size(fill.symbol)
    pair = fill.symbol.partition("_")[0]
    return trade | {
        "pair": pair,
        "marginAsset": fill.asset,
        "baseQty": plain((worth / fill.price).quantize(SMALLEST)),
    }


def usd_m_marks(asked: Asked) -> Any:
    """GET /fapi/v1/markPriceKlines"""
    return _marks(asked, is_coin=False)


def coin_m_marks(asked: Asked) -> Any:
    """GET /dapi/v1/markPriceKlines"""
    return _marks(asked, is_coin=True)


def _marks(asked: Asked, *, is_coin: bool) -> list[list[Any]]:
    """Klines without volumes."""
    name = asked.text("symbol")
    if is_inverse(name) != is_coin:
        raise BAD_SYMBOL
    query = read_query(asked, pair_of(name), MOST_KLINES)
    found = find_klines(Marks(asked.venue.market), query, floor_time(asked.now, MINUTE))
    return [_kline(kline, query.step) for kline in found]


def _kline(kline: Kline, step: timedelta) -> list[Any]:
    closed = milliseconds(kline.opened + step) - 1
    return [
        milliseconds(kline.opened),
        kline.open,
        kline.high,
        kline.low,
        kline.close,
        "0",
        closed,
        "0",
        60,
        "0",
        "0",
        "0",
    ]


def asset_index(asked: Asked) -> Any:
    """GET /fapi/v1/assetIndex: of one symbol, or of all."""
    prices = {f"{asset}USD": price for asset, price in index_prices(asked.venue, asked.now).items()}
    if name := asked.parameters.get("symbol"):
        if name not in prices:
            raise BAD_SYMBOL
        return _index(asked, name, prices[name])
    return [_index(asked, name, price) for name, price in prices.items()]


def _index(asked: Asked, name: str, price: Decimal) -> dict[str, Any]:
    buffers = {"bid": Decimal("-0.05"), "ask": Decimal("0.05"), "autoExchangeBid": Decimal("-0.025"),
               "autoExchangeAsk": Decimal("0.025")}  # fmt: skip
    index = {"symbol": name, "time": milliseconds(asked.now), "index": plain(price)}
    index |= {f"{side}Buffer": plain(abs(share)) for side, share in buffers.items()}
    return index | {f"{side}Rate": plain((price * (1 + share)).quantize(SMALLEST)) for side, share in buffers.items()}
