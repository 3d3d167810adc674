"""/api: the market's data and the spot account."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.engine.listing import filters_of
from paper.market.klines import INTERVALS as COMMON_INTERVALS
from paper.market.klines import MINUTE, KlineQuery, Symbol, find_klines, floor_time
from paper.trading.filters import Filters, Range
from paper.trading.orders import OrderType
from paper.wire.binance.chosen import list_chosen
from paper.wire.binance.order_counts import INTERVALS as ORDER_INTERVALS
from paper.wire.binance.refusals import BAD_SYMBOL, illegal, invalid
from paper.wire.binance.request import Asked, milliseconds, plain, zeros
from paper.wire.binance.signing import TRADING_RIGHT
from paper.wire.binance.weights import SPOT_LIMIT
from paper.wire.refusal import Refusal

MOST_KLINES = 1000
INTERVALS = COMMON_INTERVALS | {
    "3m": timedelta(minutes=3),
    "30m": timedelta(minutes=30),
    **{f"{hours}h": timedelta(hours=hours) for hours in (2, 6, 8, 12)},
}
UTC_WORDS = ("0", "00:00", "+00:00", "-00:00", "0:00")  # days of other zones are not told
TAKEN = (
    "ocoAllowed",
    "otoAllowed",
    "quoteOrderQtyMarketAllowed",
    "allowTrailingStop",
    "cancelReplaceAllowed",
    "amendAllowed",
)
NOT_TAKEN = ("icebergAllowed", "opoAllowed", "pegInstructionsAllowed")
SELF_TRADES = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"]
RISING = Decimal("0.55")  # of the volume is bought by takers in a kline that rises


def ping(asked: Asked) -> Any:
    """GET /api/v3/ping"""
    return {}


def time(asked: Asked) -> Any:
    """GET /api/v3/time"""
    return {"serverTime": milliseconds(asked.now)}


def exchange_info(asked: Asked) -> Any:
    """GET /api/v3/exchangeInfo"""
    return {
        "timezone": "UTC",
        "serverTime": milliseconds(asked.now),
        "rateLimits": [SPOT_LIMIT, *(one.write() for one in ORDER_INTERVALS)],
        "exchangeFilters": [],
        "sors": [],
        "symbols": [_symbol(asked, asked.venue.market.symbols[name]) for name in list_chosen(asked)],
    }


def _symbol(asked: Asked, symbol: Symbol) -> dict[str, Any]:
    return {
        "symbol": symbol.name,
        "status": "BREAK" if asked.venue.market.is_halted(symbol.name) else "TRADING",
        "baseAsset": symbol.base,
        "baseAssetPrecision": 8,
        "quoteAsset": symbol.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": [kind.name for kind in OrderType],
        **dict.fromkeys(TAKEN, True),
        **dict.fromkeys(NOT_TAKEN, False),
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": SELF_TRADES,
        "filters": list(_filters(filters_of(symbol))),
    }


def _filters(filters: Filters) -> Iterator[dict[str, Any]]:
    """What a pair accepts, as the order desk checks it."""
    yield _range("PRICE_FILTER", filters.price, ("minPrice", "maxPrice", "tickSize")) | {"priceExponent": 8}
    yield _range("LOT_SIZE", filters.quantity, ("minQty", "maxQty", "stepSize")) | {"qtyExponent": 8}
    market = _range("MARKET_LOT_SIZE", filters.market_quantity, ("minQty", "maxQty", "stepSize"))
    yield market | {"qtyExponent": 8}
    yield {
        "filterType": "NOTIONAL",
        "minNotional": plain(filters.notional.least),
        "applyMinToMarket": filters.applies_to_market,
        "maxNotional": plain(filters.notional.most),
        "applyMaxToMarket": False,
        "avgPriceMins": 5,
    }
    yield {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "multiplierExponent": 8,
        "bidMultiplierUp": f"{filters.bid_share.most:f}",
        "bidMultiplierDown": f"{filters.bid_share.least:f}",
        "askMultiplierUp": f"{filters.ask_share.most:f}",
        "askMultiplierDown": f"{filters.ask_share.least:f}",
        "avgPriceMins": 5,
    }
    yield {
        "filterType": "TRAILING_DELTA",
        "minTrailingAboveDelta": int(filters.trailing_above.least),
        "maxTrailingAboveDelta": int(filters.trailing_above.most),
        "minTrailingBelowDelta": int(filters.trailing_below.least),
        "maxTrailingBelowDelta": int(filters.trailing_below.most),
    }
    yield {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": filters.most_orders}
    yield {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": filters.most_triggered}
    yield {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": filters.most_lists}
    yield {"filterType": "MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends": filters.most_amends}


def _range(name: str, found: Range, words: tuple[str, str, str]) -> dict[str, Any]:
    return {"filterType": name, **dict(zip(words, map(plain, (found.least, found.most, found.step)), strict=True))}


def klines(asked: Asked) -> Any:
    """GET /api/v3/klines"""
    query = read_query(asked, asked.text("symbol"), MOST_KLINES)
    found = find_klines(asked.venue.market, query, floor_time(asked.now, MINUTE))
    return [write_kline(k.opened, query.step, (k.open, k.high, k.low, k.close, k.volume)) for k in found]


def read_query(asked: Asked, name: str, most: int) -> KlineQuery:
    """Which klines of a pair are asked for, `most` of them at once."""
    interval = asked.text("interval")
    if asked.parameters.get("timeZone", "0") not in UTC_WORDS:
        raise invalid("timeZone")
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    query = KlineQuery(
        symbol=name,
        step=INTERVALS[interval],
        start=asked.time("startTime"),
        end=asked.time("endTime"),
        limit=min(asked.number("limit", 500), most),
    )
    if query.limit < 1:
        raise illegal("limit")
    return query


def write_kline(opened: datetime, step: timedelta, figures: tuple[str, ...]) -> list[Any]:
    """A kline; `figures` are open, high, low, close and volume."""
    closed = milliseconds(opened + step) - 1
    first, _, _, last, volume = (Decimal(figure) for figure in figures)
    taken = volume * (RISING if last >= first else 1 - RISING)
    traded = [plain(last * volume), 100, plain(taken), plain(last * taken)]
    return [milliseconds(opened), *figures, closed, *traded, "0"]


def account(asked: Asked) -> Any:
    """GET /api/v3/account: spot balances, with the LD shadows of flexible Earn."""
    ledger, name = asked.venue.ledger, asked.account.name
    free, locked = dict(ledger.holdings(name, "spot")), dict(ledger.holdings(name, "locked"))
    free |= {f"LD{asset}": amount for asset, amount in ledger.holdings(name, "earn_flexible")}
    balances = [
        {"asset": asset, "free": plain(free.get(asset, Decimal(0))), "locked": plain(locked.get(asset, Decimal(0)))}
        for asset in sorted({*free, *locked})
    ]
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {"maker": "0.00100000", "taker": "0.00100000"} | zeros("buyer", "seller"),
        "canTrade": asked.used_key.permissions[TRADING_RIGHT] and not asked.account.is_paused,
        "canWithdraw": False,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": milliseconds(asked.now),
        "accountType": "SPOT",
        "balances": balances,
        "permissions": ["SPOT"],
        "uid": asked.account.uid,
    }
