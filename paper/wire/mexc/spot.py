"""/api/v3: the market's data, the spot account, its trades, and what its key may do."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.market.klines import MINUTE, KlineQuery, find_klines, floor_time, price_at
from paper.trading.orders import Fill
from paper.wire.mexc.request import Asked, milliseconds, plain
from paper.wire.mexc.signing import list_rights
from paper.wire.refusal import Refusal

INTERVALS = {
    "1m": MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "60m": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
}
MOST_KLINES, MOST_TRADES = 500, 100
JUST_BEFORE = timedelta(milliseconds=1)
KEPT_TRADES, KEY_LIFE = timedelta(days=30), timedelta(days=90)
FREE, LOCKED = ("spot", "funding"), ("locked", "withdrawing", "frozen")
ZERO = Decimal(0)
BAD_SYMBOL = Refusal(-1121, "Invalid symbol.")


def ping(asked: Asked) -> Any:
    """GET /api/v3/ping"""
    return {}


def time(asked: Asked) -> Any:
    """GET /api/v3/time"""
    return {"serverTime": milliseconds(asked.now)}


def exchange_info(asked: Asked) -> Any:
    """GET /api/v3/exchangeInfo"""
    market = asked.venue.market
    symbols = [
        {
            "symbol": symbol.name,
            "status": "2" if market.is_halted(symbol.name) else "1",
            "baseAsset": symbol.base,
            "baseAssetPrecision": 8,
            "quoteAsset": symbol.quote,
            "quotePrecision": symbol.decimals,
            "quoteAssetPrecision": 8,
            "baseSizePrecision": "0.000001",
            "quoteAmountPrecision": "5",
            "orderTypes": ["LIMIT", "MARKET", "LIMIT_MAKER"],
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "permissions": ["SPOT"],
            "filters": [],
            "makerCommission": "0.001",
            "takerCommission": "0.001",
        }
        for symbol in market.symbols.values()
    ]
    answer = {"timezone": "CST", "serverTime": milliseconds(asked.now), "rateLimits": [], "exchangeFilters": []}
    return answer | {"symbols": symbols}


def ticker_price(asked: Asked) -> Any:
    """GET /api/v3/ticker/price: of one symbol, or of all that trade."""
    market = asked.venue.market
    if name := asked.parameters.get("symbol"):
        if name not in market.symbols:
            raise BAD_SYMBOL
        return {"symbol": name, "price": plain(price_at(market, name, asked.now))}
    return [
        {"symbol": name, "price": price}
        for name in market.symbols
        if not market.is_halted(name) and (price := _price_or_none(asked, name))
    ]


def _price_or_none(asked: Asked, name: str) -> str | None:
    try:
        return plain(price_at(asked.venue.market, name, asked.now))
    except KeyError:
        return None


def klines(asked: Asked) -> Any:
    """GET /api/v3/klines: five hundred at most, up to `endTime` without it."""
    name, interval = asked.text("symbol"), asked.text("interval")
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    end = asked.time("endTime")
    query = KlineQuery(
        symbol=name,
        step=INTERVALS[interval],
        start=asked.time("startTime"),
        end=end and end - JUST_BEFORE,
        limit=max(1, min(asked.number("limit", MOST_KLINES), MOST_KLINES)),
    )
    found = find_klines(asked.venue.market, query, floor_time(asked.now, MINUTE))
    return [
        [
            milliseconds(k.opened),
            *(plain(Decimal(figure)) for figure in (k.open, k.high, k.low, k.close, k.volume)),
            milliseconds(k.opened + query.step),
            plain(Decimal(k.close) * Decimal(k.volume)),
        ]
        for k in found
    ]


def account(asked: Asked) -> Any:
    """GET /api/v3/account: free and locked; what is being withdrawn is locked."""
    ledger, name = asked.venue.ledger, asked.account.name
    free, locked = (
        [pair for bucket in buckets for pair in ledger.holdings(name, bucket)] for buckets in (FREE, LOCKED)
    )
    assets = sorted({asset for asset, _ in (*free, *locked)})
    balances = [
        {
            "asset": asset,
            "free": plain(sum((amount for held, amount in free if held == asset), ZERO)),
            "locked": plain(sum((amount for held, amount in locked if held == asset), ZERO)),
        }
        for asset in assets
    ]
    flags = {"canTrade": True, "canWithdraw": True, "canDeposit": True, "updateTime": None, "accountType": "SPOT"}
    return flags | {"balances": balances, "permissions": ["SPOT"]}


def coins(asked: Asked) -> Any:
    """GET /api/v3/capital/config/getall: every coin; of networks the venue knows nothing."""
    assets = {asset for symbol in asked.venue.market.symbols.values() for asset in (symbol.base, symbol.quote)}
    return [{"coin": asset, "Name": asset, "networkList": []} for asset in sorted(assets)]


def uid(asked: Asked) -> Any:
    """GET /api/v3/uid"""
    return {"uid": str(asked.account.uid)}


def key_info(asked: Asked) -> Any:
    """GET /api/v3/apiKeyInfo: of the key that the query names."""
    if asked.text("accessKey") != asked.account.key:
        raise Refusal(10072, "Api key info invalid")
    left = asked.account.created_at + KEY_LIFE - asked.now
    return {
        "accessKey": asked.account.key,
        "note": "paper",
        "permissions": ",".join(list_rights(asked.account)),
        "ipWhiteList": "",
        "status": "1",
        "createTime": milliseconds(asked.account.created_at),
        "remainingValidity": str(max(0, left.days)),
    }


def my_trades(asked: Asked) -> Any:
    """GET /api/v3/myTrades: of a symbol, newest first, those of the past month, a hundred at most."""
    name = asked.text("symbol")
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    since, until = _trade_window(asked)
    fills = [f for f in asked.account.fills if (f.symbol, f.market) == (name, "spot") and since <= f.at <= until]
    return [_trade(fill) for fill in reversed(fills)][: min(asked.number("limit", MOST_TRADES), MOST_TRADES)]


def _trade_window(asked: Asked) -> tuple[datetime, datetime]:
    oldest = asked.now - KEPT_TRADES
    return max(asked.time("startTime") or oldest, oldest), asked.time("endTime") or asked.now


def _trade(fill: Fill) -> dict[str, Any]:
    return {
        "symbol": fill.symbol,
        "id": f"paper{fill.id:012}",
        "orderId": f"C02__{fill.order:018}",
        "orderListId": -1,
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "quoteQty": plain(fill.cost),
        "commission": plain(fill.commission),
        "commissionAsset": fill.commission_asset,
        "time": milliseconds(fill.at),
        "isBuyer": fill.is_buy,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
        "isSelfTrade": False,
        "clientOrderId": None,
    }
