"""/spot: the market's data, the spot wallet, and its trades."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.market.klines import EPOCH, INTERVALS, MINUTE, KlineQuery, find_klines, floor_time, price_at
from paper.trading.orders import Fill
from paper.wire.gate.request import Asked, find_pair, milliseconds, pair_name, plain, seconds
from paper.wire.gate.wallets import FREE, LOCKED, sums
from paper.wire.refusal import Refusal

MOST_CANDLES = 1000
REACH = 10_000  # candles back from now
GT, POINT = "GT", "POINT"


def time(asked: Asked) -> Any:
    """GET /spot/time"""
    return {"server_time": milliseconds(asked.now)}


def pairs(asked: Asked) -> Any:
    """GET /spot/currency_pairs"""
    market = asked.venue.market
    return [
        {
            "id": f"{symbol.base}_{symbol.quote}",
            "base": symbol.base,
            "quote": symbol.quote,
            "fee": "0.2",
            "min_quote_amount": "3",
            "amount_precision": 8,
            "precision": symbol.decimals,
            "trade_status": "untradable" if market.is_halted(name) else "tradable",
            "sell_start": 0,
            "buy_start": 0,
        }
        for name, symbol in market.symbols.items()
    ]


def currencies(asked: Asked) -> Any:
    """GET /spot/currencies"""
    assets = {asset for symbol in asked.venue.market.symbols.values() for asset in (symbol.base, symbol.quote)}
    flags = ("delisted", "withdraw_disabled", "withdraw_delayed", "deposit_disabled", "trade_disabled")
    return [{"currency": asset, "chain": asset, **dict.fromkeys(flags, False)} for asset in sorted(assets)]


def tickers(asked: Asked) -> Any:
    """GET /spot/tickers: of one pair, or of all; one that does not trade keeps its last price."""
    if name := asked.parameters.get("currency_pair"):
        return [_ticker(asked, find_pair(asked, name))]
    return [row for symbol in asked.venue.market.symbols if (row := _ticker_or_none(asked, symbol))]


def _ticker(asked: Asked, symbol: str) -> dict[str, str]:
    last = plain(price_at(asked.venue.market, symbol, asked.now))
    prices = dict.fromkeys(("last", "lowest_ask", "highest_bid", "high_24h", "low_24h"), last)
    volumes = {"change_percentage": "0", "base_volume": "1000", "quote_volume": "1000"}
    return {"currency_pair": pair_name(asked.venue, symbol), **prices, **volumes}


def _ticker_or_none(asked: Asked, symbol: str) -> dict[str, str] | None:
    try:
        return _ticker(asked, symbol)
    except KeyError:
        return None


def candles(asked: Asked) -> Any:
    """GET /spot/candlesticks: seconds, then quote volume, close, high, low, open, base volume, and whether it is over."""
    symbol, query = find_pair(asked, asked.text("currency_pair")), read_candles(asked, MOST_CANDLES)
    found = find_klines(asked.venue.market, query_of(symbol, query), floor_time(asked.now, MINUTE))
    rows = []
    for kline in found:
        close, volume = Decimal(kline.close), Decimal(kline.volume)
        prices = [plain(Decimal(price)) for price in (kline.close, kline.high, kline.low, kline.open)]
        is_over = kline.opened + query.step <= asked.now
        rows.append([seconds(kline.opened), plain(close * volume), *prices, plain(volume), str(is_over).lower()])
    return rows


def read_candles(asked: Asked, most: int) -> KlineQuery:
    """Which candles are asked for, of no symbol yet: a limit, or a range of time. Raises Refusal."""
    interval = asked.parameters.get("interval") or "30m"
    if interval not in INTERVALS:
        raise asked.illegal("interval")
    step, start, end = INTERVALS[interval], asked.time("from", per_second=1), asked.time("to", per_second=1)
    if "limit" in asked.parameters and (start or end):
        raise Refusal("INVALID_PARAM_VALUE", "limit conflicts with from and to")
    if start and asked.now - start > REACH * step:
        raise Refusal("INVALID_PARAM_VALUE", f"Candlestick too long ago. Maximum {REACH} points ago are allowed")
    if start and ((end or asked.now) - start) // step >= most:
        raise Refusal(
            "INVALID_PARAM_VALUE", f"Candlestick range too broad. Maximum {most} data points are allowed per request"
        )
    return KlineQuery(symbol="", step=step, start=start, end=end, limit=min(asked.number("limit", most), most))


def query_of(symbol: str, query: KlineQuery) -> KlineQuery:
    """The same of a symbol."""
    return KlineQuery(symbol=symbol, step=query.step, start=query.start, end=query.end, limit=query.limit)


def accounts(asked: Asked) -> Any:
    """GET /spot/accounts: in a unified account the same coins are shown here again."""
    free, locked = sums(asked.venue, asked.account, FREE), sums(asked.venue, asked.account, LOCKED)
    return [
        {
            "currency": asset,
            "available": plain(free.get(asset, Decimal(0))),
            "locked": plain(locked.get(asset, Decimal(0))),
        }
        for asset in sorted({*free, *locked})
    ]


def my_trades(asked: Asked) -> Any:
    """GET /spot/my_trades: of all pairs, newest first; up to three fees, in the coin, in GT and in points."""
    since, until = asked.window()
    name = asked.parameters.get("currency_pair")
    symbol = find_pair(asked, name) if name else ""
    fills = [f for f in asked.account.fills if since <= f.at <= until and symbol in ("", f.symbol)]
    return [_trade(asked, fill) for fill in asked.page(fills[::-1])]


def _trade(asked: Asked, fill: Fill) -> dict[str, str]:
    at = (fill.at - EPOCH) // timedelta(microseconds=1)
    in_gt, in_points = fill.commission_asset == GT, fill.commission_asset == POINT
    return {
        "id": str(fill.id),
        "create_time": seconds(fill.at),
        "create_time_ms": f"{at // 1000}.{at % 1000:03}000",
        "currency_pair": pair_name(asked.venue, fill.symbol),
        "side": "buy" if fill.is_buy else "sell",
        "role": "maker" if fill.is_maker else "taker",
        "amount": plain(fill.quantity),
        "price": plain(fill.price),
        "order_id": str(fill.order),
        "fee": "0" if in_gt or in_points else plain(fill.commission),
        "fee_currency": "" if in_gt or in_points else fill.commission_asset,
        "gt_fee": plain(fill.commission) if in_gt else "0",
        "point_fee": plain(fill.commission) if in_points else "0",
        "amend_text": "-",
        "sequence_id": str(fill.id),
        "text": "apiv4",
    }
