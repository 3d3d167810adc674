"""Closed positions, of both generations: fees and what was paid are negative. An inverse contract's size is told in its coin."""

from typing import Any

from paper.stories.closed import ClosedPosition, list_closed
from paper.stories.futures import margin_asset, size
from paper.wire.bitget.positions import SMALLEST
from paper.wire.bitget.request import MONTH, QUARTER, Asked, plain, stamp
from paper.wire.bitget.symbols import LINEAR, product_of, read_product, wire_name

USUAL_PAGE = 20


def classic(asked: Asked) -> Any:
    """GET /api/v2/mix/position/history-position: of the last three months; of USDT-FUTURES where nothing else is said"""
    since, until = asked.window(QUARTER, reach=QUARTER)
    symbol = asked.parameters.get("symbol", "")
    product = read_product(asked) if asked.parameters.get("productType") else LINEAR
    rows = _page(asked, product, symbol, (since, until), "idLessThan")
    return {"list": [_classic(one) for one in rows], "endId": str(rows[-1].number) if rows else ""}


def unified(asked: Asked) -> Any:
    """GET /api/v3/position/history-position: of the last 90 days, 30 at once"""
    since, until = asked.window(MONTH, reach=QUARTER)
    product, symbol = read_product(asked, "category"), asked.parameters.get("symbol", "")
    rows = _page(asked, product, symbol, (since, until), "cursor")
    return {"list": [_unified(one) for one in rows], "cursor": str(rows[-1].number) if rows else ""}


def _page(asked: Asked, product: str, symbol: str, window: tuple[Any, Any], before: str) -> list[ClosedPosition]:
    found = [
        one
        for one in list_closed(asked.account)
        if product_of(one.symbol) == product
        and symbol in ("", wire_name(one.symbol))
        and window[0] <= one.closed_at <= window[1]
    ]
    return asked.page(found, lambda one: one.number, default=USUAL_PAGE, before=before)


def _classic(one: ClosedPosition) -> dict[str, Any]:
    return _shared(one) | {
        "holdSide": "short" if one.is_short else "long",
        "posMode": "one_way_mode" if one.side == "BOTH" else "hedge_mode",
        "openAvgPrice": plain(one.average(one.entries)),
        "closeAvgPrice": plain(one.average(one.exits)),
        "pnl": plain(one.profit),
        "openFee": plain(-one.open_fee),
        "closeFee": plain(-one.close_fee),
        "ctime": stamp(one.opened_at),
        "utime": stamp(one.closed_at),
    }


def _unified(one: ClosedPosition) -> dict[str, Any]:
    return _shared(one) | {
        "category": product_of(one.symbol),
        "holdMode": "one_way_mode" if one.side == "BOTH" else "hedge_mode",
        "posSide": "short" if one.is_short else "long",
        "openPriceAvg": plain(one.average(one.entries)),
        "closePriceAvg": plain(one.average(one.exits)),
        "cumRealisedPnl": plain(one.profit),
        "openFeeTotal": plain(-one.open_fee),
        "closeFeeTotal": plain(-one.close_fee),
        "createdTime": stamp(one.opened_at),
        "updatedTime": stamp(one.closed_at),
    }


def _shared(one: ClosedPosition) -> dict[str, Any]:
    total = one.quantity
    if product_of(one.symbol) != LINEAR:
        total = size(one.symbol, total, one.average(one.entries)).quantize(SMALLEST)
    return {
        "positionId": str(one.number),
        "symbol": wire_name(one.symbol),
        "marginCoin": margin_asset(one.symbol),
        "marginMode": "crossed",
        "openTotalPos": plain(total),
        "closeTotalPos": plain(total),
        "netProfit": plain(one.net),
        "totalFunding": plain(one.funding),
    }
