"""Routes of one's own trades: one's own sides of them."""

from functools import partial
from typing import Any

from paper.api.amounts import write_amount
from paper.api.operations import Answer, Asked, Operation
from paper.api.order_fields import RANGE, find_pair, read_number
from paper.api.pages import LAST_NUMBER, LIMIT, USUAL
from paper.api.trading import read_past
from paper.histories.questions import Newest
from paper.trading.orders import Fill
from paper.users.refusals import Absent

PATH = "/api/trades"
SIDES = 2


async def show(asked: Asked) -> Answer:
    """GET /api/trades/{id}: one's own side of it; of a trade with oneself that of the order that took, with the other beside it"""
    number = read_number(asked.path["id"])
    found = await _read(asked, Newest(most=SIDES, before=number + 1))
    sides = sorted((one for one in found if one.id == number), key=lambda one: one.is_maker)
    if not sides:
        raise Absent
    return 200, _describe(asked, sides[0]) | ({"otherSide": _describe(asked, sides[1])} if sides[1:] else {})


async def list_trades(asked: Asked) -> Answer:
    """GET /api/trades: the newest first; a trade with oneself has two rows, which are never parted"""
    values = dict(asked.values)
    most = values.pop("limit", USUAL)
    if "symbol" in values:
        values["symbol"] = find_pair(asked, values["symbol"])
    found = await _read(asked, Newest(most=most + 1, **{"before": LAST_NUMBER} | values))
    part, following = _cut(found, most)
    return 200, {"trades": [_describe(asked, one) for one in part], "next": following}


def _cut(found: list[Fill], most: int) -> tuple[list[Fill], int | None]:
    if len(found) <= most:
        return found, None
    part = [one for one in found[:most] if one.id != found[most].id] or found
    return part, part[-1].id


async def _read(asked: Asked, wanted: Newest) -> list[Fill]:
    histories = asked.membership.venue.histories
    return await read_past(asked, partial(histories.newest_fills, str(asked.user.id), wanted))


def _describe(asked: Asked, fill: Fill) -> dict[str, Any]:
    return {
        "tradeId": fill.id,
        "orderId": fill.order,
        "userId": str(asked.user.id),
        "type": "buy" if fill.is_buy else "sell",
        "symbol": fill.symbol,
        "price": write_amount(fill.price),
        "quantity": write_amount(fill.quantity),
        "quoteQuantity": write_amount(fill.cost),
        "commission": write_amount(fill.commission),
        "commissionAsset": fill.commission_asset,
        "isMaker": fill.is_maker,
        "created_at": fill.at.isoformat(),
    }


OPERATIONS = (
    Operation(method="GET", path=PATH, answer=list_trades, query=LIMIT | RANGE),
    Operation(method="GET", path=f"{PATH}/{{id}}", answer=show),
)
