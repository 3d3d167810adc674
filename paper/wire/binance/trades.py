"""What was swapped: trades of a pair in the order of their ids, converts and dust by their times."""

from datetime import datetime, timedelta
from typing import Any

from paper.histories.accounts import Conversion, Dust
from paper.trading.orders import Fill, PreventedMatch
from paper.wire.binance.refusals import BAD_SYMBOL, COMBINATION, REJECTED_KEY
from paper.wire.binance.request import Asked, milliseconds, plain, read_part
from paper.wire.refusal import Refusal

MOST_TRADES = 1000
MOST_CONVERTS = 1000
MOST_DUST = 100
LONGEST_CONVERTS = timedelta(days=30)
LONGEST_TRADES = timedelta(hours=24)


def my_trades(asked: Asked) -> Any:
    """GET /api/v3/myTrades"""
    return [_trade(fill) | {"orderListId": -1, "quoteQty": plain(fill.cost)} for fill in _fills(asked, "spot")]


def prevented_matches(asked: Asked) -> Any:
    """GET /api/v3/myPreventedMatches: one by its id, or those of an order"""
    name, order = asked.text("symbol"), asked.number("orderId", 0)
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    if not (number := asked.number("preventedMatchId", 0)) and not order:
        raise COMBINATION
    found = asked.venue.histories.prevented_matches(asked.account.name, name, order)
    first, limit = asked.number("fromPreventedMatchId", 0), min(asked.number("limit", 500), MOST_TRADES)
    chosen = [match for match in found if (match.id == number if number else match.id >= first)]
    return [_prevented(match) for match in chosen[:limit]]


def _prevented(match: PreventedMatch) -> dict[str, Any]:
    sides = {"makerPreventedQuantity": match.maker_quantity, "takerPreventedQuantity": match.taker_quantity}
    return {
        "symbol": match.symbol,
        "preventedMatchId": match.id,
        "takerOrderId": match.taker,
        "makerSymbol": match.symbol,
        "makerOrderId": match.maker,
        "tradeGroupId": 1,
        "selfTradePreventionMode": match.mode.name,
        "price": plain(match.price),
        **{side: plain(quantity) for side, quantity in sides.items() if quantity},
        "transactTime": milliseconds(match.at),
    }


def margin_trades(asked: Asked) -> Any:
    """GET /sapi/v1/margin/myTrades: rows without quoteQty"""
    isolated = asked.parameters.get("isIsolated", "FALSE") == "TRUE"
    fills = _fills(asked, "isolated_margin" if isolated else "cross_margin")
    return [_trade(fill) | {"isIsolated": isolated} for fill in fills]


def portfolio_trades(asked: Asked) -> Any:
    """GET /papi/v1/margin/myTrades: those of cross margin, whenever they were made."""
    if not asked.account.is_unified:
        raise REJECTED_KEY
    return [_trade(fill) for fill in _fills(asked, "cross_margin")]


def _fills(asked: Asked, market: str) -> list[Fill]:
    """From an id on, inside a time, or the last ones."""
    name, limit = asked.text("symbol"), min(asked.number("limit", 500), MOST_TRADES)
    if name not in asked.venue.market.symbols:
        raise BAD_SYMBOL
    part = read_part(asked, "fromId", limit)
    if part.since and part.until and part.until - part.since > LONGEST_TRADES:
        raise Refusal(-1127, "More than 24 hours between startTime and endTime.")
    return asked.venue.histories.fills(asked.account.name, market, name, part, asked.number("orderId", 0))


def _trade(fill: Fill) -> dict[str, Any]:
    return {
        "symbol": fill.symbol,
        "id": fill.id,
        "orderId": fill.order,
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "commission": plain(fill.commission),
        "commissionAsset": fill.commission_asset,
        "time": milliseconds(fill.at),
        "isBuyer": fill.is_buy,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def converts(asked: Asked) -> Any:
    """GET /sapi/v1/convert/tradeFlow"""
    since, until = _times(asked)
    if until - since > LONGEST_CONVERTS:
        raise Refusal(345239, "The time range can't exceed 30 days.")
    found = [c for c in asked.account.conversions if since <= c.at <= until]
    limit = min(asked.number("limit", 100), MOST_CONVERTS)
    rows = [_convert(conversion) for conversion in reversed(found)][:limit]
    return {
        "list": rows,
        "startTime": milliseconds(since),
        "endTime": milliseconds(until),
        "limit": limit,
        "moreData": len(found) > limit,
    }


def _times(asked: Asked) -> tuple[datetime, datetime]:
    asked.text("startTime"), asked.text("endTime")
    return asked.time("startTime") or asked.now, asked.time("endTime") or asked.now


def _convert(conversion: Conversion) -> dict[str, Any]:
    return {
        "quoteId": f"q{conversion.id}",
        "orderId": conversion.id,
        "orderStatus": "SUCCESS",
        "fromAsset": conversion.paid,
        "fromAmount": plain(conversion.amount),
        "toAsset": conversion.bought,
        "toAmount": plain(conversion.got),
        "ratio": plain(conversion.got / conversion.amount),
        "inverseRatio": plain(conversion.amount / conversion.got),
        "createTime": milliseconds(conversion.at),
    }


def dust(asked: Asked) -> Any:
    """GET /sapi/v1/asset/dribblet: the last hundred"""
    since, until = asked.time("startTime"), asked.time("endTime") or asked.now
    found = [part for part in asked.account.dust if (since is None or since <= part.at) and part.at <= until]
    groups: dict[int, list[Dust]] = {}
    for part in found:
        groups.setdefault(part.group, []).append(part)
    rows = [_group(number, parts) for number, parts in groups.items()]
    return {"total": len(rows), "userAssetDribblets": rows[-MOST_DUST:]}


def _group(number: int, parts: list[Dust]) -> dict[str, Any]:
    return {
        "operateTime": milliseconds(parts[0].at),
        "totalTransferedAmount": plain(sum((part.got for part in parts), parts[0].got * 0)),
        "totalServiceChargeAmount": plain(sum((part.charge for part in parts), parts[0].got * 0)),
        "transId": number,
        "userAssetDribbletDetails": [
            {
                "transId": part.id,
                "serviceChargeAmount": plain(part.charge),
                "amount": plain(part.amount),
                "operateTime": milliseconds(part.at),
                "transferedAmount": plain(part.got),
                "fromAsset": part.asset,
                "targetAsset": "BNB",
            }
            for part in parts
        ],
    }
