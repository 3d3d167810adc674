"""Converts, and small balances turned to another coin ("dust"): swaps that are in no list of trades."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from finance.decimals import exact
from finance.records import FillMarket, FillRecord
from monitor.exchanges.binance.windows import fetch_halves, milliseconds, windows
from monitor.exchanges.contract import FillQuery
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Row, a_list, a_moment, amount, an_object, asset, keep, text

CONVERTS = Endpoint(family="sapi", path="convert/tradeFlow", weight=3_000, bucket="sapi convert", per_account=True)
DUST = Endpoint(family="sapi", path="asset/dribblet", weight=1, bucket="sapi dust")
LONGEST_WINDOW = timedelta(days=29)
MOST_CONVERTS = 1000
MOST_DUST = 100
DUST_ASSET = "BNB"
SUCCESS = "SUCCESS"
Fills = tuple[FillRecord, ...]
KEPT = ("orderId", "fromAsset", "fromAmount", "toAsset", "toAmount", "ratio", "createTime", "orderStatus")
KEPT_OF_DUST = ("transId", "fromAsset", "amount", "transferedAmount", "serviceChargeAmount", "operateTime")


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
        raw=keep(row, KEPT),
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
        raw=keep(row, KEPT_OF_DUST),
    )
