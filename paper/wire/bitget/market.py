"""Public answers: time, coins, pairs, contracts and prices, of both generations (v2, and v3 of the unified account)."""

from typing import Any

from paper.market.klines import Symbol
from paper.stories.futures import is_inverse, margin_asset, pair_of
from paper.wire.bitget.request import Asked, stamp
from paper.wire.bitget.symbols import (
    MARGIN,
    SPOT,
    contracts,
    read_category,
    read_product,
    wire_name,
)


def time(asked: Asked) -> Any:
    """GET /api/v2/public/time"""
    return {"serverTime": stamp(asked.now)}


def coins(asked: Asked) -> Any:
    """GET /api/v2/spot/public/coins"""
    listed = {asset for symbol in asked.venue.market.symbols.values() for asset in (symbol.base, symbol.quote)}
    return [
        {"coinId": str(number), "coin": asset, "transfer": "true", "areaCoin": "no", "chains": [_chain(asset)]}
        for number, asset in enumerate(sorted(listed), 1)
    ]


def _chain(asset: str) -> dict[str, str]:
    return {
        "chain": asset,
        **dict.fromkeys(("withdrawable", "rechargeable"), "true"),
        "needTag": "false",
        **dict.fromkeys(("withdrawFee", "extraWithdrawFee", "withdrawStep"), "0"),
        **dict.fromkeys(("depositConfirm", "withdrawConfirm"), "1"),
        **dict.fromkeys(("minDepositAmount", "minWithdrawAmount"), "0.00000001"),
        "browserUrl": "",
        "contractAddress": "",
        "withdrawMinScale": "8",
        "congestion": "normal",
    }


def pairs(asked: Asked) -> Any:
    """GET /api/v2/spot/public/symbols"""
    return [_pair(asked, symbol) for symbol in asked.venue.market.symbols.values()]


def _pair(asked: Asked, symbol: Symbol) -> dict[str, str]:
    return {
        "symbol": symbol.name,
        "baseCoin": symbol.base,
        "quoteCoin": symbol.quote,
        "minTradeAmount": "0",
        "maxTradeAmount": "10000000000",
        "takerFeeRate": "0.001",
        "makerFeeRate": "0.001",
        "pricePrecision": str(symbol.decimals),
        "quantityPrecision": "8",
        "quotePrecision": "8",
        "status": "offline" if asked.venue.market.is_halted(symbol.name) else "online",
        "minTradeUSDT": "1",
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
    }


def margin_pairs(asked: Asked) -> Any:
    """GET /api/v2/margin/currencies: no pair is lent on."""
    return []


def list_contracts(asked: Asked) -> Any:
    """GET /api/v2/mix/market/contracts"""
    return [_contract(asked, name) for name in contracts(asked.venue, read_product(asked))]


def _contract(asked: Asked, name: str) -> dict[str, Any]:
    pair = asked.venue.market.symbols[pair_of(name)]
    return {
        "symbol": wire_name(name),
        "baseCoin": pair.base,
        "quoteCoin": "USD" if is_inverse(name) else pair.quote,
        "supportMarginCoins": [margin_asset(name)],
        "makerFeeRate": "0.0005",
        "takerFeeRate": "0.0005",
        "minTradeNum": "0.00000001",
        "sizeMultiplier": "0.00000001",
        "volumePlace": "8",
        "pricePlace": str(pair.decimals),
        "priceEndStep": "1",
        "symbolType": "perpetual",
        "symbolStatus": "normal",
        **dict.fromkeys(("deliveryTime", "deliveryStartTime", "deliveryPeriod", "launchTime", "maintainTime"), ""),
        **dict.fromkeys(("offTime", "limitOpenTime"), "-1"),
        "fundInterval": "8",
        "minLever": "1",
        "maxLever": "125",
        "minTradeUSDT": "5",
        "buyLimitPriceRatio": "0.05",
        "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005",
        "openCostUpRatio": "0.01",
        "maxSymbolOrderNum": "200",
        "maxProductOrderNum": "400",
        "maxPositionNum": "150",
        "posLimit": "0.05",
    }


def instruments(asked: Asked) -> Any:
    """GET /api/v3/market/instruments"""
    category = read_category(asked)
    if category == MARGIN:
        return []
    if category == SPOT:
        return [_instrument(_pair(asked, symbol), SPOT) for symbol in asked.venue.market.symbols.values()]
    rows = (_contract(asked, name) for name in contracts(asked.venue, category))
    return [
        _instrument(row | {"pricePrecision": row["pricePlace"], "quantityPrecision": "8", "status": "online"}, category)
        | {"type": "perpetual"}
        for row in rows
    ]


def _instrument(row: dict[str, Any], category: str) -> dict[str, Any]:
    names = ("symbol", "baseCoin", "quoteCoin", "pricePrecision", "quantityPrecision", "status", "makerFeeRate",
             "takerFeeRate", "buyLimitPriceRatio", "sellLimitPriceRatio")  # fmt: skip
    sizes = {"minOrderQty": "0.00000001", "maxOrderQty": "0", "minOrderAmount": "1", "maintainTime": ""}
    return {name: row[name] for name in names} | sizes | {"category": category}
