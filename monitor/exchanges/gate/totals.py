"""The exchange's own total of each wallet, in USDT, at most a minute old.

`amount` is a balance: like the account of futures it has neither the profit of open positions in it nor what is borrowed
taken off, and both stand beside it. In a unified account the pool is reported in parts, by where money is used, so these are added
up. Bots, warrants and whatever comes later are wallets that nobody can read: only their totals say what is in them.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.decimals import total as add
from finance.observed import WalletTotal
from monitor.exchanges.gate import earn, futures, margin, spot, unified
from monitor.exchanges.http.fields import Malformed, Row, amount, an_object, text

CURRENCY = "USDT"
EARN = (earn.LENDING, earn.DUAL, earn.STRUCTURED, earn.STAKING)
CLASSIC: Mapping[str, tuple[str, ...]] = {
    "spot": (spot.SPOT,),
    "margin": (margin.ISOLATED,),
    "cross_margin": (margin.CROSS,),
    "futures": (futures.USDT_FUTURES, futures.BTC_FUTURES),
    "delivery": (futures.DELIVERY,),
    "options": (futures.OPTIONS,),
    "finance": EARN,
}
POOL = ("spot", "cross_margin", "unified", "futures", "delivery", "options")
IN_POOL = (unified.UNIFIED, *(wallet for name in POOL for wallet in CLASSIC.get(name, ())))
SHOWN = {"finance": earn.VOUCHERS}


def read_totals(answer: object, mode: str) -> tuple[WalletTotal, ...]:
    """The totals of an account in `mode`, each with the wallets that it covers; none: nobody can read that one."""
    details = an_object(answer, "details", "total")["details"]
    if not isinstance(details, dict) or not details or not all(isinstance(row, dict) for row in details.values()):
        raise Malformed("the totals are not a list by wallet")
    values = {text({"name": name}, "name"): _read_value(row) for name, row in details.items()}
    parts = () if mode == unified.CLASSIC else tuple(name for name in POOL if name in values)
    pool = [_add_up(parts, values)] if parts else []
    return (*pool, *(_name(name, value) for name, value in values.items() if name not in parts))


def _name(name: str, value: Decimal) -> WalletTotal:
    return WalletTotal(name=name, wallets=CLASSIC.get(name, ()), value=value, shown_here=SHOWN.get(name, ()))


@exact
def _add_up(parts: Iterable[str], values: Mapping[str, Decimal]) -> WalletTotal:
    return WalletTotal(name=" + ".join(parts), wallets=IN_POOL, value=add(values[name] for name in parts))


@exact
def _read_value(row: Row) -> Decimal:
    if text(row, "currency") != CURRENCY:
        raise Malformed("a total in another currency")
    profit = amount(row, "unrealised_pnl", default=ZERO, signed=True)
    return amount(row, "amount", signed=True) + profit - amount(row, "borrowed", default=ZERO)
