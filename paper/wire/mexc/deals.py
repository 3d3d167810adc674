"""/api/v1/private/order, position/list: what was traded of contracts, deal by deal, order by order, and from flat to flat.

An order opens or closes one side of a contract: what leads through zero at once is two of them here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import ContractFill, ContractOrder
from paper.stories.closed import ClosedPosition, list_closed
from paper.stories.futures import is_inverse
from paper.wire.mexc.contract import find_symbol, name_contract, size_of
from paper.wire.mexc.contract_orders import list_waiting, write_waiting
from paper.wire.mexc.futures import LONG, SHORT, read_paging
from paper.wire.mexc.request import Asked, enveloped, milliseconds, number
from paper.wire.refusal import Refusal

FILL_WINDOW = timedelta(days=90)
RUNNING, DONE, CANCELLED = 2, 3, 4
LIMIT, CATEGORIES = 1, {"liquidation": 2, "adl": 4}
ZERO, SMALLEST = Decimal(0), Decimal("1e-8")
SIDES = {(True, False): 1, (True, True): 2, (False, False): 3, (False, True): 4}  # by whether it buys, and closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A part of a fill that opens or closes."""

    fill: ContractFill
    quantity: Decimal
    closes: bool
    fee: Decimal

    @property
    def volume(self) -> Decimal:
        """In contracts."""
        symbol = self.fill.symbol
        return abs(self.quantity) / (1 if is_inverse(symbol) else size_of(symbol))

    @property
    def profit(self) -> Decimal:
        """Paid with it."""
        return self.fill.profit if self.closes else ZERO

    @property
    def number(self) -> int:
        """Its id."""
        return 2 * self.fill.id + (not self.closes)

    @property
    def order(self) -> int:
        """That of its order."""
        return 2 * (self.fill.order or self.fill.id) + (not self.closes)

    def tell(self) -> dict[str, Any]:
        """What its order has of it, too."""
        return {
            "symbol": name_contract(self.fill.symbol),
            "side": SIDES[self.fill.quantity > 0, self.closes],
            "price": number(self.fill.price),
            "feeCurrency": self.fill.asset,
            "category": CATEGORIES.get(self.fill.reason, LIMIT),
        }


def list_deals(fills: Iterable[ContractFill]) -> list[Deal]:
    """The deals of `fills`, in their order."""
    return [deal for fill in fills for deal in _split(fill)]


def _split(fill: ContractFill) -> list[Deal]:
    fee = (fill.commission * fill.closed / fill.quantity).quantize(SMALLEST)
    parts = ((fill.closed, True, fee), (fill.quantity - fill.closed, False, fill.commission - fee))
    return [Deal(fill=fill, quantity=part, closes=closes, fee=charged) for part, closes, charged in parts if part]


def order_deals(asked: Asked) -> Any:
    """GET /api/v1/private/order/list/order_deals: of a contract, newest first, within ninety days."""
    symbol = find_symbol(asked)
    since, until = _window(asked)
    fills = [fill for fill in asked.account.contract_fills if fill.symbol == symbol and since <= fill.at <= until]
    size, page = read_paging(asked)
    found = list_deals(fills)[::-1]
    return enveloped([_deal(deal) for deal in found[(page - 1) * size : page * size]])


def _window(asked: Asked) -> tuple[datetime, datetime]:
    until = asked.time("end_time") or asked.now
    since = asked.time("start_time") or datetime.fromtimestamp(0, UTC)
    if asked.parameters.get("start_time") and until - since > FILL_WINDOW:
        raise Refusal(600, "The time range can't exceed 90 days", 200)
    return since, until


def _deal(deal: Deal) -> dict[str, Any]:
    return deal.tell() | {
        "id": deal.number,
        "vol": number(deal.volume),
        "fee": number(deal.fee),
        "timestamp": milliseconds(deal.fill.at),
        "profit": number(deal.profit),
        "isTaker": True,
        "orderId": deal.order,
    }


def history_orders(asked: Asked) -> Any:
    """GET /api/v1/private/order/list/history_orders: of every contract, newest first, within ninety days."""
    since, until = _window(asked)
    orders: dict[int, list[Deal]] = {}
    for deal in list_deals(asked.account.contract_fills):
        orders.setdefault(deal.order, []).append(deal)
    parts = {one.id: one for one in asked.account.contract_orders}
    size, page = read_paging(asked)
    told = [_order(deals, parts.get(number // 2)) for number, deals in orders.items()]
    told += [write_waiting(one) for one in list_waiting(asked) if one.state == "cancelled"]
    name = asked.parameters.get("symbol", "")
    rows = [
        row
        for row in sorted(told, key=lambda row: -row["createTime"])
        if milliseconds(since) <= row["createTime"] <= milliseconds(until) and name in ("", row["symbol"])
    ]
    return enveloped(rows[(page - 1) * size : page * size])


def _order(deals: list[Deal], part: ContractOrder | None) -> dict[str, Any]:
    volume = sum((deal.volume for deal in deals), ZERO)
    unit = deals[0].volume / abs(deals[0].quantity)
    state = DONE if part is None else RUNNING if part.is_running else CANCELLED if part.is_cancelled else DONE
    return deals[0].tell() | {
        "orderId": str(deals[0].order),
        "profit": number(sum((deal.profit for deal in deals), ZERO)),
        "vol": number(volume + (part.left * unit if part else ZERO)),
        "dealAvgPrice": number(sum((deal.volume * deal.fill.price for deal in deals), ZERO) / volume),
        "dealVol": number(volume),
        "takerFee": number(sum((deal.fee for deal in deals), ZERO)),
        "makerFee": 0,
        "orderType": 5,
        "openType": 2,
        "state": state,
        "createTime": milliseconds(deals[0].fill.at),
        "updateTime": milliseconds(deals[-1].fill.at),
    }


def history_positions(asked: Asked) -> Any:
    """GET /api/v1/private/position/list/history_positions: newest first, of one contract or of all; fees are positive."""
    symbol = find_symbol(asked) if asked.parameters.get("symbol") else ""
    size, page = read_paging(asked)
    found = [one for one in list_closed(asked.account) if symbol in ("", one.symbol)][::-1]
    return enveloped([_position(one) for one in found[(page - 1) * size : page * size]])


def _position(one: ClosedPosition) -> dict[str, Any]:
    entry, leaving = (number(one.average(parts)) for parts in (one.entries, one.exits))
    volume = one.quantity / (1 if is_inverse(one.symbol) else size_of(one.symbol))
    return {
        "positionId": one.number,
        "symbol": name_contract(one.symbol),
        "positionType": SHORT if one.is_short else LONG,
        "openType": 2,
        "state": 3,
        **dict.fromkeys(("holdVol", "frozenVol", "liquidatePrice", "oim", "im"), 0),
        "closeVol": number(volume),
        **dict.fromkeys(("holdAvgPrice", "openAvgPrice", "newOpenAvgPrice"), entry),
        **dict.fromkeys(("closeAvgPrice", "newCloseAvgPrice"), leaving),
        "holdFee": number(one.funding),
        "realised": number(one.net),
        "closeProfitLoss": number(one.profit),
        "fee": number(one.open_fee + one.close_fee),
        "leverage": 20,
        "createTime": milliseconds(one.opened_at),
        "updateTime": milliseconds(one.closed_at),
        "autoAddIm": False,
        "positionShowStatus": "CLOSED",
    }
