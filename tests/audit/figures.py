"""Units, unit price, benchmark and parts of the change of NAV, by the definitions, in fractions without rounding."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from tests.audit.book import NOTHING, Change
from tests.audit.life import Sight
from tests.audit.wild import WildMarket

HALF = Fraction(1, 2)
AT_MINUTE = ("income", "fees")


@dataclass(slots=True, kw_only=True)
class Basket:
    """Bitcoin and ether, bought and sold with each flow; what it can't pay it owes."""

    fee: Fraction = NOTHING
    coins: dict[str, Fraction] = field(default_factory=lambda: {"BTC": NOTHING, "ETH": NOTHING})
    owed: Fraction = NOTHING

    def worth(self, prices: dict[str, Fraction]) -> Fraction:
        """Coins less debt."""
        return sum((q * prices[c] for c, q in self.coins.items()), NOTHING) - self.owed

    def receive(self, flow: Fraction, prices: dict[str, Fraction]) -> None:
        """One flow."""
        if flow >= 0:
            spent = flow - min(flow, self.owed)
            self.owed -= flow - spent
            for coin in self.coins:
                self.coins[coin] += spent * HALF * (1 - self.fee) / prices[coin]
            return
        gross = sum((q * prices[c] for c, q in self.coins.items()), NOTHING)
        needed = -flow / (1 - self.fee)
        if needed < gross:
            self.coins = {coin: q * (1 - needed / gross) for coin, q in self.coins.items()}
        else:
            self.coins = dict.fromkeys(self.coins, NOTHING)
            self.owed += -flow - gross * (1 - self.fee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row's or flow's figures."""

    at: datetime
    nav: Fraction  # of a flow: just before it
    unit_price: Fraction
    value: Fraction = NOTHING  # of the flow
    basket: Fraction = NOTHING


def account_rows(market: WildMarket, sights: list[Sight], changes: Iterable[Change]) -> tuple[list[Row], list[Row]]:
    """Rows of readings and flows."""
    flows = [c for c in changes if c.part == "flows"]
    units, price, rows, booked, basket = NOTHING, Fraction(100), [], [], Basket()
    for before, sight in zip([None, *sights], sights, strict=False):
        if before is None:
            units = sight.worth / price
            basket.receive(sight.worth, _coins(market, sight.at))
            rows.append(
                Row(at=sight.at, nav=sight.worth, unit_price=price, basket=basket.worth(_coins(market, sight.at)))
            )
            continue
        for flow in (f for f in flows if before.at <= f.at < sight.at):
            value = flow.quantity * market.price(flow.asset, flow.at)
            price = flow.before / units
            units += value / price
            basket.receive(value, _coins(market, flow.at))
            booked.append(Row(at=flow.at, nav=flow.before, unit_price=price, value=value))
        price = sight.worth / units
        rows.append(Row(at=sight.at, nav=sight.worth, unit_price=price, basket=basket.worth(_coins(market, sight.at))))
    return rows, booked


def _coins(market: WildMarket, at: datetime) -> dict[str, Fraction]:
    return {coin: market.price(coin, at) for coin in ("BTC", "ETH")}


def explain(market: WildMarket, before: Sight, after: Sight, changes: Iterable[Change]) -> dict[str, Fraction]:
    """The parts of the change of NAV between two readings, fees and income at the prices of their minutes."""
    parts: dict[str, Fraction] = defaultdict(Fraction)

    def close(asset: str) -> Fraction:
        return market.price(asset, after.at)

    for asset, quantity in before.held.items():
        parts["price_effect"] += quantity * (close(asset) - market.price(asset, before.at))
    for change in (c for c in changes if before.at <= c.at < after.at):
        own = market.price(change.asset, change.at) if change.part in AT_MINUTE else close(change.asset)
        counted = change.quantity * (own if change.price is None else change.price)
        parts[change.part] += counted
        parts["price_effect"] += change.quantity * close(change.asset) - counted
    for asset in {*before.profits, *after.profits}:
        parts["positions"] += (after.profits.get(asset, NOTHING) - before.profits.get(asset, NOTHING)) * close(asset)
    return parts
