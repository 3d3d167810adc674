"""/futures/{settle}/position_close: fees and what was paid are negative; the average prices are those of buying and of selling."""

from datetime import timedelta
from typing import Any

from paper.stories.closed import ClosedPosition, list_closed
from paper.stories.futures import margin_asset
from paper.wire.gate.contracts import TEXTS, list_contracts, name_contract, plain_size, units_of
from paper.wire.gate.request import Asked, milliseconds, plain

SIDES = ("long", "short")


def positions(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/position_close: newest first."""
    since, until = asked.window(longest=timedelta(days=3650), usual=timedelta(days=3650))
    name, side = asked.parameters.get("contract"), asked.parameters.get("side")
    symbol = list_contracts(asked, settle).get(name, "?") if name else ""
    found = [
        one
        for one in reversed(list_closed(asked.account))
        if margin_asset(one.symbol).lower() == settle
        and symbol in ("", one.symbol)
        and side in (None, SIDES[one.is_short])
        and since <= one.closed_at <= until
    ]
    return [_position(one) for one in asked.page(found)]


def _position(one: ClosedPosition) -> dict[str, Any]:
    bought, sold = (one.exits, one.entries) if one.is_short else (one.entries, one.exits)
    contracts = str(plain_size(one.quantity / units_of(one.symbol)))
    return {
        "time": milliseconds(one.closed_at) // 1000,
        "contract": name_contract(one.symbol),
        "side": SIDES[one.is_short],
        "pnl": plain(one.net),
        "pnl_pnl": plain(one.profit),
        "pnl_fund": plain(one.funding),
        "pnl_fee": plain(-one.open_fee - one.close_fee),
        "text": TEXTS.get(one.reason, "api"),
        "max_size": contracts,
        "accum_size": contracts,
        "first_open_time": milliseconds(one.opened_at) // 1000,
        "long_price": plain(one.average(bought)),
        "short_price": plain(one.average(sold)),
    }
