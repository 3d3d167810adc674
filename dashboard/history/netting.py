"""Coins that are held and at the same time owed or sold short: what stands against each other, and what is left."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

from dashboard.history.members import own
from dashboard.history.open_contracts import Contract
from dashboard.history.open_trades import NEWEST
from finance.decimals import UNROUNDED, ZERO
from sql.rows import Db, load_rows

SMALLEST = Decimal(1)  # in the valuation asset, that stands against each other: less is dust and a minute's interest
QUOTES = r"[_-]?(USDT|USDC|FDUSD|BUSD|USD|PERP)([_-].*)?"  # behind the coin in a contract's symbol


class Netted(NamedTuple):
    """A coin that is held, less what is owed of it on margin and what is short of it in contracts."""

    asset: str
    held: Decimal
    owed: Decimal
    short: Decimal  # in contracts, in coins
    net: Decimal


class _Held(NamedTuple):
    asset: str
    held: Decimal
    owed: Decimal
    price: Decimal


def load_netted(db: Db, account_id: int, contracts: Iterable[Contract], exchange: str = "") -> list[Netted]:
    """Those of what is shown, by name; `contracts` are its open positions. Of money, of which there are no trades, none."""
    found = load_rows(
        db,
        _Held,
        f"""
        with {NEWEST}
        select h.asset, sum(h.quantity + coalesce(h.owed, 0)) as held, sum(coalesce(h.owed, 0)) as owed, max(h.price) as price
        from newest n
        join holdings h using (snapshot_id)
        where h.asset in (select t.asset from trades t where {own("t")} and t.settle is null)
        group by h.asset
        having sum(h.quantity + coalesce(h.owed, 0)) > 0 and max(h.price) is not null
        order by h.asset
        """,
        {"id": account_id, "exchange": exchange, "together": True},
    )
    shorts = [one for one in contracts if one.side == "SHORT"]
    return [netted for one in found if (netted := _net(one, shorts))]


def _net(one: _Held, shorts: Sequence[Contract]) -> Netted | None:
    with localcontext(UNROUNDED):
        short = sum((_count_coins(it) for it in shorts if _is_of(it.symbol, one.asset)), ZERO)
        against = one.owed + short
        if min(one.held, against) * one.price < SMALLEST:
            return None
        return Netted(one.asset, one.held, one.owed, short, one.held - against)


def _is_of(symbol: str, asset: str) -> bool:
    return bool(re.fullmatch(re.escape(asset) + QUOTES, symbol))


def _count_coins(position: Contract) -> Decimal:
    """A position in coins: an inverse contract is so many dollars of them at its mark. None are counted of an unknown size."""
    if position.contract_size is None or not position.mark_price:
        return ZERO
    units = position.quantity * position.contract_size
    return (units / position.mark_price).quantize(Decimal("1e-8")) if position.is_inverse else units
