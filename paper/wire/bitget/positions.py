"""Open positions, of both generations. An inverse contract's size is told in its coin."""

from decimal import Decimal
from typing import Any

from paper.histories.accounts import FuturesPosition
from paper.stories.futures import margin_asset, mark_price, profit, size
from paper.wire.bitget.refusals import illegal
from paper.wire.bitget.request import Asked, plain, stamp
from paper.wire.bitget.symbols import LINEAR, MARGIN, SPOT, product_of, read_product, wire_name

SMALLEST = Decimal("1e-8")
LEVERAGE = "20"
SIDES = {"LONG": "long", "SHORT": "short"}


def classic(asked: Asked) -> Any:
    """GET /api/v2/mix/position/all-position"""
    product, margin = read_product(asked), asked.parameters.get("marginCoin", "").upper()
    return [
        _position(asked, position)
        for position in asked.account.positions
        if product_of(position.symbol) == product and margin in ("", margin_asset(position.symbol))
    ]


def _position(asked: Asked, position: FuturesPosition) -> dict[str, Any]:
    total = plain(_coins(position))
    entry = plain(position.entry)
    return {
        "marginCoin": margin_asset(position.symbol),
        "symbol": wire_name(position.symbol),
        "holdSide": _hold_side(position),
        **dict.fromkeys(("openDelegateSize", "locked", "achievedProfits", "marginSize", "marginRatio"), "0"),
        **dict.fromkeys(("totalFee", "deductedFee"), "0"),
        "available": total,
        "total": total,
        "leverage": LEVERAGE,
        "openPriceAvg": entry,
        "breakEvenPrice": entry,
        "marginMode": "crossed",
        "posMode": _mode(position),
        "unrealizedPL": plain(profit(asked.venue, position, asked.now)),
        "liquidationPrice": "0",
        "keepMarginRate": "0.004",
        "markPrice": plain(mark_price(asked.venue, position.symbol, asked.now)),
        "cTime": stamp(asked.now),
    }


def _coins(position: FuturesPosition) -> Decimal:
    if product_of(position.symbol) == LINEAR:
        return abs(position.quantity)
    return size(position.symbol, position.quantity, position.entry).quantize(SMALLEST)


def _hold_side(position: FuturesPosition) -> str:
    return SIDES.get(position.side) or ("long" if position.quantity > 0 else "short")


def _mode(position: FuturesPosition) -> str:
    return "one_way_mode" if position.side == "BOTH" else "hedge_mode"


def unified(asked: Asked) -> Any:
    """GET /api/v3/position/current-position"""
    category = asked.text("category").upper()
    if category in (SPOT, MARGIN):
        raise illegal("category")
    product, symbol = read_product(asked, "category"), asked.parameters.get("symbol", "")
    found = [
        p for p in asked.account.positions if product_of(p.symbol) == product and symbol in ("", wire_name(p.symbol))
    ]
    return {"list": [_unified_position(asked, position) for position in found]}


def _unified_position(asked: Asked, position: FuturesPosition) -> dict[str, Any]:
    row = _position(asked, position)
    same = ("symbol", "marginCoin", "marginMode", "available", "total", "leverage", "markPrice", "breakEvenPrice")
    zero = ("positionBalance", "frozen", "curRealisedPnl", "liquidationPrice", "mmr", "profitRate", "totalFunding")
    return {
        "category": product_of(position.symbol),
        **{name: row[name] for name in same},
        "holdMode": row["posMode"],
        "posSide": row["holdSide"],
        "avgPrice": row["openPriceAvg"],
        "unrealisedPnl": row["unrealizedPL"],
        "positionStatus": "normal",
        **dict.fromkeys((*zero, "openFeeTotal", "closeFeeTotal"), "0"),
        **dict.fromkeys(("createdTime", "updatedTime"), row["cTime"]),
    }
