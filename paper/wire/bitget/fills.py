"""Fills, of both generations. An inverse contract's size is told in its coin."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import ContractFill
from paper.stories.futures import size
from paper.trading.orders import Fill
from paper.wire.bitget.request import MONTH, QUARTER, Asked, plain, stamp
from paper.wire.bitget.symbols import LINEAR, MARGIN, SPOT, product_of, read_product, wire_name
from paper.wire.bitget.wallets import CROSSED, ISOLATED

WEEK, SMALLEST = timedelta(days=7), Decimal("1e-8")
SIDES = {"LONG": "long", "SHORT": "short"}
FORCED = {"liquidation": "burst_", "adl": "dte_sys_adl_", "delivery": "delivery_"}  # how words begin of what it closed
CATEGORY_OF = {"spot": SPOT, CROSSED: MARGIN, ISOLATED: MARGIN}


def _number(fill: Fill | ContractFill) -> int:
    return fill.id


def spot(asked: Asked) -> Any:
    """GET /api/v2/spot/trade/fills: of the last 90 days"""
    since, until = asked.window(QUARTER, reach=QUARTER)
    symbol = asked.parameters.get("symbol", "")
    found = [
        f for f in asked.account.fills if f.market == "spot" and since <= f.at <= until and symbol in ("", f.symbol)
    ]
    user = {"userId": str(asked.account.uid)}
    return [user | _fill(fill) | {"symbol": fill.symbol} for fill in asked.page(found, _number)]


def crossed(asked: Asked) -> Any:
    """GET /api/v2/margin/crossed/fills, of one pair"""
    return _margin(asked, CROSSED)


def isolated(asked: Asked) -> Any:
    """GET /api/v2/margin/isolated/fills, of one pair"""
    return _margin(asked, ISOLATED)


def _margin(asked: Asked, market: str) -> Any:
    symbol = asked.text("symbol")
    since, until = asked.window(QUARTER, needed=("startTime",))
    found = [f for f in asked.account.fills if (f.market, f.symbol) == (market, symbol) and since <= f.at <= until]
    rows = asked.page(found, _number)
    first, last = (str(rows[index].id) if rows else "" for index in (0, -1))
    return {"fills": [_fill(fill) for fill in rows], "maxId": first, "minId": last}


def _fill(fill: Fill) -> dict[str, Any]:
    """The fee is negative; it is a deduction where it was taken in another coin."""
    received = (
        fill.symbol.startswith(fill.commission_asset) if fill.is_buy else fill.symbol.endswith(fill.commission_asset)
    )
    fee = plain(-fill.commission)
    detail = {
        "deduction": "no" if received else "yes",
        "feeCoin": fill.commission_asset,
        "totalDeductionFee": "" if received else fee,
        "totalFee": fee,
    }
    return {
        "orderId": str(fill.order),
        "tradeId": str(fill.id),
        "orderType": "limit" if fill.is_maker else "market",
        "side": "buy" if fill.is_buy else "sell",
        "priceAvg": plain(fill.price),
        "size": plain(fill.quantity),
        "amount": plain(fill.cost),
        "feeDetail": detail,
        "tradeScope": "maker" if fill.is_maker else "taker",
        "cTime": stamp(fill.at),
        "uTime": stamp(fill.at),
    }


def futures(asked: Asked) -> Any:
    """GET /api/v2/mix/order/fills and fill-history: of the last 90 days, a week at once"""
    product = read_product(asked)
    since, until = asked.window(WEEK, reach=QUARTER)
    symbol = asked.parameters.get("symbol", "")
    found = [
        fill
        for fill in asked.account.contract_fills
        if product_of(fill.symbol) == product and since <= fill.at <= until and symbol in ("", wire_name(fill.symbol))
    ]
    rows = asked.page(found, _number)
    return {"fillList": [_contract_fill(fill) for fill in rows], "endId": str(rows[-1].id) if rows else ""}


def _contract_fill(fill: ContractFill) -> dict[str, Any]:
    fee = {"deduction": "no", "feeCoin": fill.asset, "totalDeductionFee": "0", "totalFee": plain(-fill.commission)}
    base, quote = _volumes(fill)
    return {
        "tradeId": str(fill.id),
        "symbol": wire_name(fill.symbol),
        "orderId": str(fill.order or fill.id),
        "price": plain(fill.price),
        "baseVolume": plain(base),
        "feeDetail": [fee],
        "side": _side(fill),
        "quoteVolume": plain(quote),
        "profit": plain(fill.profit),
        "enterPointSource": "api",
        "tradeSide": _trade_side(fill),
        "posMode": "one_way_mode" if fill.side == "BOTH" else "hedge_mode",
        "tradeScope": "taker",
        "cTime": stamp(fill.at),
    }


def _side(fill: ContractFill) -> str:
    """What was done; in hedge mode what opened the position, also of what closes it."""
    is_buy = fill.quantity > 0 if fill.side == "BOTH" else fill.side == "LONG"
    return "buy" if is_buy else "sell"


def _volumes(fill: ContractFill) -> tuple[Decimal, Decimal]:
    """How much of the base and of the quote: one of them is the size in what the contract is settled in."""
    settled = size(fill.symbol, fill.quantity, fill.price)
    if product_of(fill.symbol) == LINEAR:
        return abs(fill.quantity), settled
    return settled.quantize(SMALLEST), settled * fill.price


def _trade_side(fill: ContractFill) -> str:
    forced, way = FORCED.get(fill.reason, ""), "buy" if fill.quantity > 0 else "sell"
    if fill.side == "BOTH":
        return f"{forced}{way}{'_in_single_side_mode' if fill.reason == 'adl' else '_single'}"
    if forced:
        return f"{forced}close_{SIDES[fill.side]}"
    return "open" if (fill.quantity > 0) == (fill.side == "LONG") else "close"


def unified(asked: Asked) -> Any:
    """GET /api/v3/trade/fills: of the last 90 days, 30 at once; category and symbol may be left out"""
    since, until = asked.window(MONTH, reach=QUARTER)
    category, symbol = asked.parameters.get("category", "").upper(), asked.parameters.get("symbol", "")
    both: Iterable[Fill | ContractFill] = (*asked.account.fills, *asked.account.contract_fills)
    found = [
        fill
        for fill in both
        if since <= fill.at <= until and category in ("", _category(fill)) and symbol in ("", wire_name(fill.symbol))
    ]
    rows = asked.page(found, _number, before="cursor")
    return {"list": [_execution(fill) for fill in rows], "cursor": str(rows[-1].id) if rows else ""}


def _category(fill: Fill | ContractFill) -> str:
    return CATEGORY_OF[fill.market] if isinstance(fill, Fill) else product_of(fill.symbol)


def _execution(fill: Fill | ContractFill) -> dict[str, Any]:
    """The fee of an execution is what was paid: positive, unlike the older history's."""
    if isinstance(fill, Fill):
        base, quote, coin, is_buy = fill.quantity, fill.cost, fill.commission_asset, fill.is_buy
        extra = {"execPnl": "0", "tradeSide": "", "orderId": str(fill.order)}
        is_maker = fill.is_maker
    else:
        (base, quote), coin, is_buy = _volumes(fill), fill.asset, fill.quantity > 0
        extra = {"execPnl": plain(fill.profit), "tradeSide": _trade_side(fill)}
        extra["orderId"] = str(fill.order or fill.id)
        is_maker = False
    return extra | {
        "execId": str(fill.id),
        "execLinkId": str(fill.id),
        "clientOid": str(fill.id),
        "category": _category(fill),
        "symbol": wire_name(fill.symbol),
        "orderType": "limit" if is_maker else "market",
        "side": "buy" if is_buy else "sell",
        "execPrice": plain(fill.price),
        "execQty": plain(base),
        "execValue": plain(quote),
        "tradeScope": "maker" if is_maker else "taker",
        "feeDetail": [{"feeCoin": coin, "fee": plain(fill.commission)}],
        "createdTime": stamp(fill.at),
        "updatedTime": stamp(fill.at),
        "isRPI": "no",
    }
