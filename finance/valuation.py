"""What wallets are worth: every balance priced, NAV the exact sum, or no NAV at all and the reason.

NAV is unknown as soon as one wallet was not read or one asset that matters has no price; it is never a smaller number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact, total
from finance.observed import Balance, WalletReading, WalletState
from finance.prices import AssetPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A balance with its price; `price` and `value` are None when no price was found."""

    wallet: str
    balance: Balance
    price: Decimal | None
    route: str
    value: Decimal | None  # in the valuation asset

    @property
    def asset(self) -> str:
        """The asset held."""
        return self.balance.asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """All holdings of an account at one moment."""

    holdings: tuple[Holding, ...]
    nav: Decimal | None  # None: something is unknown, `problems` says what
    problems: tuple[str, ...]
    estimates: tuple[str, ...] = ()  # why NAV is an estimate; none: it is exact

    def quantities(self) -> dict[str, Decimal]:
        """Quantity of every asset over all wallets."""
        return sum_quantities((h.asset, h.balance.quantity) for h in self.holdings)


@exact
def sum_quantities(parts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Quantities added up by asset, without the assets that come to nothing."""
    totals: dict[str, Decimal] = {}
    for asset, quantity in parts:
        totals[asset] = totals.get(asset, ZERO) + quantity
    return {asset: quantity for asset, quantity in totals.items() if quantity}


@exact
def value_holdings(wallets: Iterable[WalletReading], prices: Mapping[str, AssetPrice]) -> tuple[Holding, ...]:
    """Everything that `wallets` hold, at `prices` (by asset)."""
    return tuple(
        _value(wallet.wallet, balance, prices.get(balance.asset))
        for wallet in wallets
        for balance in wallet.balances
        if balance.free or balance.locked or balance.owed
    )


def value_account(
    wallets: Iterable[WalletReading], holdings: Sequence[Holding], problems: Iterable[str], estimates: Iterable[str]
) -> Valuation:
    """NAV of `holdings` in the valuation asset: what has no price counts as nothing, unless `problems` say otherwise."""
    unread = [f"{w.wallet} wallet was not read: {w.problem}" for w in wallets if w.state is WalletState.FAILED]
    found = (*unread, *problems)
    nav = None if found else total(holding.value for holding in holdings if holding.value is not None)
    return Valuation(holdings=tuple(holdings), nav=nav, problems=found, estimates=tuple(estimates))


@exact
def value_by_wallet(holdings: Iterable[Holding]) -> dict[str, Decimal]:
    """What the holdings that have a price come to, by wallet."""
    values: dict[str, Decimal] = {}
    for holding in holdings:
        values[holding.wallet] = values.get(holding.wallet, ZERO) + (holding.value or ZERO)
    return values


def _value(wallet: str, balance: Balance, price: AssetPrice | None) -> Holding:
    if price is None:
        return Holding(wallet=wallet, balance=balance, price=None, route="", value=None)
    return Holding(
        wallet=wallet,
        balance=balance,
        price=price.value,
        route=price.route_name,
        value=balance.quantity * price.value,
    )


def describe_closure(closed_since: datetime | None) -> tuple[str, ...]:
    """Why figures of a closed market are estimates; nothing while it is open."""
    if closed_since is None:
        return ()
    return (f"the market has been closed since {closed_since:%Y-%m-%d %H:%M} UTC, valued at the last traded prices",)


def describe_old(assets: Iterable[str]) -> tuple[str, ...]:
    """Why figures are estimates in which `assets` have the price of an earlier trade."""
    named = ", ".join(sorted(assets))
    return (f"nothing is traded in {named}, valued at the last traded price",) if named else ()
