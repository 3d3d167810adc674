"""Fills: trades of a pair by their ids, converts and dust by their times, trades of a contract in a time.

An answer has neither base nor quote of a symbol, and nothing is answered without one: which pair is asked for is found
in `monitor.recovery.fills`. A symbol that no longer exists has no fills. Fills of contracts are available for three
months, in windows without pages: a full answer is asked for again in halves, a full second on by ids; COIN-M in portfolio
margin a day at a time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import exact
from finance.moments import SECOND
from finance.records import ContractFill, ContractQuery, FillMarket, FillRecord, Liquidity
from monitor.errors import UnknownSymbol, WalletNotOpened
from monitor.exchanges.binance.futures import INVERSE_QUOTE, PORTFOLIO, SIDES, is_inverse
from monitor.exchanges.contract import FillPage, FillQuery, Pair
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import (
    Malformed,
    Row,
    a_list,
    a_moment,
    amount,
    an_object,
    asset,
    from_number,
    optional_text,
    refuse_duplicates,
    select,
    text,
)
from monitor.exchanges.windows import fetch_halves, milliseconds, windows

USD_M_TRADES = Endpoint(family="fapiPrivate", path="userTrades", weight=5, bucket="fapi")
COIN_M_TRADES = Endpoint(family="dapiPrivate", path="userTrades", weight=20, bucket="dapi")
PORTFOLIO_USD_M_TRADES = Endpoint(family="papi", path="um/userTrades", weight=5, bucket="papi")
PORTFOLIO_COIN_M_TRADES = Endpoint(family="papi", path="cm/userTrades", weight=20, bucket="papi")
CONTRACT_ENDPOINTS = {  # by whether it is portfolio margin, and whether the contract is inverse
    (False, False): USD_M_TRADES,
    (False, True): COIN_M_TRADES,
    (True, False): PORTFOLIO_USD_M_TRADES,
    (True, True): PORTFOLIO_COIN_M_TRADES,
}
WEEK, DAY = timedelta(days=7), timedelta(days=1)
LINEAR_ASSETS = ("USDT", "USDC", "BUSD")  # that contracts of USD-M settle in, where a trade does not say
MOST_ROWS = 1000
SIGNS = {"BUY": 1, "SELL": -1}
CONTRACTS_FIELDS = ("id", "orderId", "symbol", "side", "positionSide", "price", "qty", "realizedPnl", "marginAsset", "commission",
        "commissionAsset", "time", "maker")  # fmt: skip
CONVERTS = Endpoint(family="sapi", path="convert/tradeFlow", weight=3_000, bucket="sapi convert", per_account=True)
DUST = Endpoint(family="sapi", path="asset/dribblet", weight=1, bucket="sapi dust")
LONGEST_WINDOW = timedelta(days=29)
MOST_CONVERTS = 1000
MOST_DUST = 100
DUST_ASSET = "BNB"
SUCCESS = "SUCCESS"
Fills = tuple[FillRecord, ...]
CONVERTS_FIELDS = ("orderId", "fromAsset", "fromAmount", "toAsset", "toAmount", "ratio", "createTime", "orderStatus")
DUST_FIELDS = ("transId", "fromAsset", "amount", "transferedAmount", "serviceChargeAmount", "operateTime")
SPOT_TRADES = Endpoint(family="private", path="myTrades", weight=20, bucket="api")
MARGIN_TRADES = Endpoint(family="sapi", path="margin/myTrades", weight=10, bucket="sapi margin trades")
PORTFOLIO_TRADES = Endpoint(family="papi", path="margin/myTrades", weight=5, bucket="papi")
ENDPOINTS = {
    FillMarket.SPOT: SPOT_TRADES,
    FillMarket.CROSS_MARGIN: MARGIN_TRADES,
    FillMarket.ISOLATED_MARGIN: MARGIN_TRADES,
    FillMarket.PORTFOLIO_MARGIN: PORTFOLIO_TRADES,
}
IS_ISOLATED: dict[str, str] = {FillMarket.CROSS_MARGIN: "FALSE", FillMarket.ISOLATED_MARGIN: "TRUE"}
RECORDED_AS = {FillMarket.PORTFOLIO_MARGIN: FillMarket.CROSS_MARGIN}  # either may list the other's trades: they are one
PAGE_SIZE = 1000
LIQUIDITY: dict[object, Liquidity] = {True: Liquidity.MAKER, False: Liquidity.TAKER}
FIELDS = ("id", "orderId", "symbol", "price", "qty", "quoteQty", "commission", "commissionAsset", "time", "isBuyer",
        "isMaker", "isIsolated")  # fmt: skip


async def fetch_contract_fills(connection: Connection, query: ContractQuery) -> tuple[ContractFill, ...]:
    """The fills that `query` asks for, each once, in time order; none of a contract that does not exist."""
    endpoint = CONTRACT_ENDPOINTS[query.wallet == PORTFOLIO, is_inverse(query.symbol)]
    doing = f"Reading the trades of {query.symbol}"

    async def call(**which: int) -> Sequence[ContractFill]:
        return await connection.call(
            endpoint,
            doing,
            lambda answer: [
                _read_contract_fill(row, query) for row in from_number(a_list(answer), "id", which.get("fromId", 0))
            ],
            symbol=query.symbol,
            limit=MOST_ROWS,
            **which,
        )

    async def fetch(start: datetime, end: datetime) -> Sequence[ContractFill]:
        return await call(startTime=milliseconds(start), endTime=milliseconds(end))

    async def fetch_after(fills: Sequence[ContractFill]) -> Sequence[ContractFill]:
        found, page = list[ContractFill](), fills
        while len(page) == MOST_ROWS and page[-1].occurred_at <= query.until:
            page = await call(fromId=max(int(fill.exchange_id) for fill in page) + 1)
            found += page
        return found

    found: list[ContractFill] = []
    try:
        # The exchange's times are cut to the second, and both ends of a window are inside it.
        for window in windows(query.since, query.until + SECOND, DAY if endpoint is PORTFOLIO_COIN_M_TRADES else WEEK):
            found += await fetch_halves(fetch, window, MOST_ROWS, doing, fetch_after)
    except UnknownSymbol:
        return ()
    once = {fill.exchange_id: fill for fill in found if query.since <= fill.occurred_at < query.until}
    return tuple(sorted(once.values(), key=lambda fill: fill.occurred_at))


def _read_contract_fill(row: Row, query: ContractQuery) -> ContractFill:
    side, direction = text(row, "positionSide"), text(row, "side")
    if text(row, "symbol") != query.symbol or side not in SIDES or direction not in SIGNS:
        raise Malformed("a trade of another contract, or without a side")
    return ContractFill(
        wallet=query.wallet,
        symbol=query.symbol,
        exchange_id=text(row, "id"),
        side=SIDES[side],
        quantity=SIGNS[direction] * amount(row, "qty"),
        price=amount(row, "price"),
        occurred_at=a_moment(row, "time"),
        settle=optional_text(row, "marginAsset") or _name_settle(query.symbol),
        order_id=text(row, "orderId"),
        raw=select(row, CONTRACTS_FIELDS),
    )


def _name_settle(symbol: str) -> str:
    """What a contract settles in, by its name; empty where that does not show it."""
    pair, _, _ = symbol.partition("_")
    if is_inverse(symbol):
        return pair.removesuffix(INVERSE_QUOTE)
    return next((asset for asset in LINEAR_ASSETS if pair.endswith(asset)), "")


async def fetch_conversions(connection: Connection, query: FillQuery) -> tuple[FillRecord, ...]:
    """Everything converted in [query.since, query.until], in windows the exchange allows, each once."""
    doing = "Reading converts" if query.market is FillMarket.CONVERT else "Reading dust conversions"
    most = MOST_CONVERTS if query.market is FillMarket.CONVERT else MOST_DUST

    async def fetch(start: datetime, end: datetime) -> Sequence[Fills]:
        times = {"startTime": milliseconds(start), "endTime": milliseconds(end)}
        if query.market is FillMarket.CONVERT:
            return await connection.call(CONVERTS, doing, _read_converts, limit=MOST_CONVERTS, **times)
        return await connection.call(DUST, doing, _read_dust, **times)

    found: dict[str, FillRecord] = {}
    for window in windows(query.since, query.until, LONGEST_WINDOW):
        rows = await fetch_halves(fetch, window, most, doing)
        found |= {fill.exchange_id: fill for fills in rows for fill in fills}
    return tuple(sorted(found.values(), key=lambda fill: fill.occurred_at))


def _read_converts(answer: object) -> list[Fills]:
    rows = a_list(an_object(answer, "list")["list"], "list")
    return [(_read_convert(row),) if text(row, "orderStatus") == SUCCESS else () for row in rows]


def _read_convert(row: Row) -> FillRecord:
    """What was bought is the base; the spread is in the price, there is no fee."""
    bought, paid = asset(row, "toAsset"), asset(row, "fromAsset")
    return FillRecord(
        market=FillMarket.CONVERT,
        symbol=f"{paid}>{bought}",
        exchange_id=text(row, "orderId"),
        order_id=text(row, "orderId"),
        base_asset=bought,
        base_quantity=amount(row, "toAmount"),
        quote_asset=paid,
        quote_quantity=-amount(row, "fromAmount"),
        occurred_at=a_moment(row, "createTime"),
        raw=select(row, CONVERTS_FIELDS),
    )


def _read_dust(answer: object) -> list[Fills]:
    groups = a_list(an_object(answer, "userAssetDribblets")["userAssetDribblets"], "userAssetDribblets")
    return [tuple(_read_part(part, text(group, "transId")) for part in _parts(group)) for group in groups]


def _parts(group: Row) -> list[Row]:
    return a_list(group.get("userAssetDribbletDetails"), "userAssetDribbletDetails")


@exact
def _read_part(row: Row, order_id: str) -> FillRecord:
    sold, fee = asset(row, "fromAsset"), amount(row, "serviceChargeAmount")
    got = asset(row, "targetAsset") if row.get("targetAsset") else DUST_ASSET
    return FillRecord(
        market=FillMarket.DUST,
        symbol=f"{sold}>{got}",
        exchange_id=f"{text(row, 'transId')} {sold}",
        order_id=order_id,
        base_asset=sold,
        base_quantity=-amount(row, "amount"),
        quote_asset=got,
        quote_quantity=amount(row, "transferedAmount") + fee,  # what arrived has the fee taken off
        fee_asset=got,
        fee=fee,
        occurred_at=a_moment(row, "operateTime"),
        raw=select(row, DUST_FIELDS),
    )


async def fetch_fills(connection: Connection, query: FillQuery) -> FillPage:
    """The next fills that `query` asks for."""
    if query.pair is None:
        return FillPage(fills=await fetch_conversions(connection, query), is_last=True)
    return await _fetch_trades(connection, query, query.pair)


async def _fetch_trades(connection: Connection, query: FillQuery, pair: Pair) -> FillPage:
    isolated = {"isIsolated": IS_ISOLATED[query.market]} if query.market in IS_ISOLATED else {}
    first = int(query.after_id) + 1 if query.after_id else 0
    try:
        fills = await connection.call(
            ENDPOINTS[query.market],
            f"Reading the trades of {pair.symbol}",
            lambda answer: _read_trades(answer, RECORDED_AS.get(query.market, query.market), pair, first),
            symbol=pair.symbol,
            fromId=first,
            limit=PAGE_SIZE,
            **isolated,
        )
    except (UnknownSymbol, WalletNotOpened):
        return FillPage(fills=(), is_last=True)
    return FillPage(fills=fills, is_last=len(fills) < PAGE_SIZE)


def _read_trades(answer: object, market: FillMarket, pair: Pair, first: int) -> tuple[FillRecord, ...]:
    rows = from_number(a_list(answer), "id", first)
    refuse_duplicates((text(row, "id") for row in rows), "trade")
    fills = [_read_trade(row, market, pair) for row in rows]
    return tuple(sorted(fills, key=lambda fill: int(fill.exchange_id)))


@exact
def _read_trade(row: Row, market: FillMarket, pair: Pair) -> FillRecord:
    if text(row, "symbol") != pair.symbol or not text(row, "id").isdigit() or not isinstance(row.get("isBuyer"), bool):
        raise Malformed("a trade of another pair, or without an id or a side")
    side = Decimal(1) if row["isBuyer"] else Decimal(-1)
    quantity = amount(row, "qty")
    return FillRecord(
        market=market,
        symbol=pair.symbol,
        exchange_id=text(row, "id"),
        order_id=text(row, "orderId"),
        base_asset=pair.base,
        base_quantity=side * quantity,
        quote_asset=pair.quote,
        quote_quantity=-side * amount(row, "quoteQty", default=quantity * amount(row, "price")),  # margin has none
        fee_asset=asset(row, "commissionAsset"),
        fee=amount(row, "commission", signed=True),
        occurred_at=a_moment(row, "time"),
        liquidity=LIQUIDITY.get(row.get("isMaker")),
        raw=select(row, FIELDS),
    )
