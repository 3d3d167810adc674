"""Last prices: of pairs, of contracts, and in the words of the unified account."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.market.klines import price_at
from paper.stories.futures import last_price, mark_price, pair_of
from paper.wire.bitget.request import Asked, plain, stamp
from paper.wire.bitget.symbols import SPOT, contracts, read_category, read_contract, read_pair, read_product, wire_name

DAY, DAILY_VOLUME = timedelta(days=1), Decimal(1000)


def pairs(asked: Asked) -> Any:
    """GET /api/v2/spot/market/tickers: of what trades"""
    names = [read_pair(asked)] if asked.parameters.get("symbol") else _trading(asked)
    return [
        _ticker(asked, name) | {"open": plain(_prices(asked, name)[0])} for name in names if _has_price(asked, name)
    ]


def _trading(asked: Asked) -> list[str]:
    return [name for name in asked.venue.market.symbols if not asked.venue.market.is_halted(name)]


def _has_price(asked: Asked, pair: str) -> bool:
    try:
        price_at(asked.venue.market, pair, asked.now)
    except KeyError:
        return False
    return True


def _prices(asked: Asked, pair: str) -> tuple[Decimal, Decimal]:
    """The price a day ago and now; of what was traded between them the venue knows nothing."""
    last = price_at(asked.venue.market, pair, asked.now)
    try:
        return price_at(asked.venue.market, pair, asked.now - DAY), last
    except KeyError:
        return last, last


def _ticker(asked: Asked, pair: str) -> dict[str, str]:
    first, last = _prices(asked, pair)
    change = plain(((last - first) / first).quantize(Decimal("1e-5")))
    return {
        "symbol": pair,
        "high24h": plain(max(first, last)),
        "low24h": plain(min(first, last)),
        **dict.fromkeys(("lastPr", "bidPr", "askPr"), plain(last)),
        "openUtc": plain(first),
        **dict.fromkeys(("quoteVolume", "usdtVolume"), plain(DAILY_VOLUME * last)),
        "baseVolume": plain(DAILY_VOLUME),
        **dict.fromkeys(("bidSz", "askSz"), "0"),
        **dict.fromkeys(("change24h", "changeUtc24h"), change),
        "ts": stamp(asked.now),
    }


def of_contracts(asked: Asked) -> Any:
    """GET /api/v2/mix/market/tickers"""
    names = [name for name in contracts(asked.venue, read_product(asked)) if _has_price(asked, pair_of(name))]
    return [
        _ticker(asked, pair_of(name))
        | {
            "symbol": wire_name(name),
            "indexPrice": plain(last_price(asked.venue, name, asked.now)),
            "markPrice": plain(mark_price(asked.venue, name, asked.now)),
            **dict.fromkeys(("fundingRate", "holdingAmount"), "0"),
            **dict.fromkeys(("deliveryStartTime", "deliveryTime"), None),
            "deliveryStatus": "",
            "open24h": plain(_prices(asked, pair_of(name))[0]),
        }
        for name in names
    ]


def unified(asked: Asked) -> Any:
    """GET /api/v3/market/tickers"""
    category = read_category(asked)
    names = _trading(asked) if category == SPOT else contracts(asked.venue, category)
    wanted = asked.parameters.get("symbol", "")
    return [
        _unified_ticker(asked, name, category)
        for name in names
        if wanted in ("", wire_name(name)) and _has_price(asked, pair_of(name))
    ]


def _unified_ticker(asked: Asked, name: str, category: str) -> dict[str, str]:
    row, first = _ticker(asked, pair_of(name)), _prices(asked, pair_of(name))[0]
    found = {
        "category": category,
        "symbol": wire_name(name),
        "ts": row["ts"],
        **dict.fromkeys(("lastPrice", "ask1Price", "bid1Price"), row["lastPr"]),
        "openPrice24h": plain(first),
        "highPrice24h": row["high24h"],
        "lowPrice24h": row["low24h"],
        **dict.fromkeys(("bid1Size", "ask1Size"), "0"),
        "price24hPcnt": row["change24h"],
        "volume24h": row["baseVolume"],
        "turnover24h": row["quoteVolume"],
    }
    if category != SPOT:
        found |= {"indexPrice": row["lastPr"], "markPrice": plain(mark_price(asked.venue, name, asked.now))}
        found |= dict.fromkeys(("fundingRate", "openInterest"), "0")
    return found


def symbol_price(asked: Asked) -> Any:
    """GET /api/v2/mix/market/symbol-price"""
    name = read_contract(asked, read_product(asked))
    price = plain(last_price(asked.venue, name, asked.now))
    row = {"symbol": wire_name(name), "price": price, "indexPrice": price, "ts": stamp(asked.now)}
    return [row | {"markPrice": plain(mark_price(asked.venue, name, asked.now))}]
