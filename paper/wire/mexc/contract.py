"""/api/v1/contract: contracts and their prices; amounts are JSON numbers, times of klines are seconds."""

from decimal import Decimal
from typing import Any

from paper.market.klines import MINUTE, KlineQuery, Market, find_klines, floor_time
from paper.stories.futures import contract_size as inverse_size
from paper.stories.futures import is_inverse, mark_price, pair_of
from paper.stories.marks import Marks
from paper.wire.mexc.request import Asked, enveloped, milliseconds, number
from paper.wire.mexc.spot import INTERVALS
from paper.wire.refusal import Refusal

STEPS = {"Min1": MINUTE, "Min5": 5 * MINUTE, "Min15": 15 * MINUTE, "Min60": INTERVALS["60m"], "Hour4": INTERVALS["4h"],
         "Day1": INTERVALS["1d"]}  # fmt: skip
MOST_KLINES = 2000
LINEAR_SIZES = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.01")}
OTHER_SIZE = Decimal(1)


def ping(asked: Asked) -> Any:
    """GET /api/v1/contract/ping"""
    return enveloped(milliseconds(asked.now))


def detail(asked: Asked) -> Any:
    """GET /api/v1/contract/detail: every contract, or one."""
    found = [
        {
            "symbol": name,
            "displayName": name,
            "displayNameEn": name,
            "positionOpenType": 3,
            "baseCoin": name.partition("_")[0],
            "quoteCoin": name.partition("_")[2],
            "settleCoin": name.partition("_")[0] if name.endswith("_USD") else name.partition("_")[2],
            "contractSize": number(size_of(symbol)),
            "minLeverage": 1,
            "maxLeverage": 125,
            "priceScale": 2,
            "volScale": 0,
            "state": 0,
        }
        for name, symbol in list_contracts(asked).items()
    ]
    if name := asked.parameters.get("symbol"):
        return enveloped(next((row for row in found if row["symbol"] == name), None))
    return enveloped(found)


def list_contracts(asked: Asked) -> dict[str, str]:
    """The venue's names of all contracts, by MEXC's."""
    pairs = [symbol for symbol in asked.venue.market.symbols.values() if symbol.quote == "USDT"]
    linear = {f"{pair.base}_USDT": pair.name for pair in pairs}
    return linear | {f"{pair.base}_USD": f"{pair.base}USD_PERP" for pair in pairs if pair.base in LINEAR_SIZES}


def size_of(symbol: str) -> Decimal:
    """What one contract is: units of the coin, or USD of an inverse one."""
    return inverse_size(symbol) if is_inverse(symbol) else LINEAR_SIZES.get(symbol.removesuffix("USDT"), OTHER_SIZE)


def name_contract(symbol: str) -> str:
    """MEXC's name of a contract."""
    base = symbol.removesuffix("USD_PERP") if is_inverse(symbol) else symbol.removesuffix("USDT")
    return f"{base}_USD" if is_inverse(symbol) else f"{base}_USDT"


def find_symbol(asked: Asked) -> str:
    """The venue's name of the contract that is asked for. Raises Refusal."""
    found = list_contracts(asked).get(asked.text("symbol"))
    if found is None:
        raise Refusal(1001, "Contract does not exist", 200)
    return found


def fair_price(asked: Asked) -> Any:
    """GET /api/v1/contract/fair_price/{symbol}"""
    price = mark_price(asked.venue, find_symbol(asked), asked.now)
    row = {"symbol": asked.text("symbol"), "fairPrice": number(price), "timestamp": milliseconds(asked.now)}
    return enveloped(row)


def klines(asked: Asked) -> Any:
    """GET /api/v1/contract/kline/{symbol}: columns; times in seconds, both ends inclusive."""
    return _klines(asked, asked.venue.market)


def fair_klines(asked: Asked) -> Any:
    """GET /api/v1/contract/kline/fair_price/{symbol}: the same of what positions are valued with."""
    return _klines(asked, Marks(asked.venue.market))


def _klines(asked: Asked, market: Market) -> Any:
    symbol, interval = find_symbol(asked), asked.parameters.get("interval", "Min1")
    if interval not in STEPS:
        raise Refusal(600, "Parameter error", 200)
    query = KlineQuery(
        symbol=pair_of(symbol),
        step=STEPS[interval],
        start=asked.time("start", per_second=1),
        end=asked.time("end", per_second=1),
        limit=MOST_KLINES,
    )
    found = find_klines(market, query, floor_time(asked.now, MINUTE))
    columns: dict[str, list[Any]] = {"time": [int(kline.opened.timestamp()) for kline in found]}
    for name in ("open", "close", "high", "low"):
        columns[name] = [number(Decimal(getattr(kline, name))) for kline in found]
    columns["vol"] = [number(Decimal(kline.volume)) for kline in found]
    return enveloped(columns)
