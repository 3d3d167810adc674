"""What an account has, in fractions: coins in wallets and contracts; and all that ever changed it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from tests.audit.wild import WildMarket, cut

NOTHING = Fraction(0)
PERPETUAL_FEE, SPOT_FEE, SPREAD = Fraction(5, 10_000), Fraction(1, 1000), Fraction(2, 1000)
INVERSE = "USD_PERP"
SIZES = {"BTC": 100}


class TooLittle(Exception):
    """The venue would refuse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One quantity changed: by what part of the explanation, and what the account was worth just before (flows)."""

    at: datetime
    part: str
    asset: str
    quantity: Fraction
    price: Fraction | None = None  # what it counts with, where that is none of its coin
    before: Fraction = NOTHING


@dataclass(slots=True, kw_only=True)
class Book:
    """One account."""

    market: WildMarket
    wallets: dict[tuple[str, str], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    contracts: dict[tuple[str, str], tuple[Fraction, Fraction]] = field(default_factory=dict)  # quantity, entry
    changes: list[Change] = field(default_factory=list)
    hedged: bool = False

    def move(self, at: datetime, wallet: str, asset: str, quantity: Fraction, part: str, **more: Fraction) -> None:
        """Change a wallet; a part of "" is a transfer."""
        if self.wallets[wallet, asset] + quantity < 0 and wallet not in ("futures", "coin_m"):
            raise TooLittle(f"{wallet} {asset} {self.wallets[wallet, asset]} {quantity}")
        if part == "flows":
            more = {"before": self.worth(at, written=False), "price": self.market.price(asset, at)}
        self.wallets[wallet, asset] += quantity
        if part and quantity:
            self.changes.append(Change(at=at, part=part, asset=asset, quantity=quantity, **more))

    def coins(self) -> dict[str, Fraction]:
        """All wallets together."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for (_, asset), quantity in self.wallets.items():
            found[asset] += quantity
        return found

    def profits(self, at: datetime, *, written: bool = True) -> dict[str, Fraction]:
        """Open profit by the asset it is in, as the exchange writes it, or exact."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for (symbol, _), (quantity, entry) in self.contracts.items():
            coin, inverse = coin_of(symbol)
            found[coin if inverse else "USDT"] += (profit if written else _raw)(
                symbol, quantity, entry, self.market.mark(coin, at)
            )
        return found

    def worth(self, at: datetime, *, written: bool = True) -> Fraction:
        """NAV at the minute of `at`."""
        every = list(self.coins().items()) + list(self.profits(at, written=written).items())
        return sum((quantity * self.market.price(asset, at) for asset, quantity in every), NOTHING)

    def trade(self, at: datetime, symbol: str, quantity: Fraction, side: str) -> None:
        """A fill of a perpetual contract."""
        coin, inverse = coin_of(symbol)
        price, asset = self.market.price(coin, at), coin if inverse else "USDT"
        wallet = "coin_m" if inverse else "futures"
        held, entry = self.contracts.get((symbol, side), (NOTHING, price))
        if held * quantity < 0:
            closed = max(-abs(held), min(abs(held), quantity)) if quantity > 0 else -min(abs(quantity), abs(held))
            self.move(at, wallet, asset, cut(_raw(symbol, -closed, entry, price)), "positions")
        size = abs(quantity) * (SIZES.get(coin, 10) / price if inverse else price)
        self.move(at, wallet, asset, -cut(size * PERPETUAL_FEE), "fees")
        left = held + quantity
        if not left:
            self.contracts.pop((symbol, side), None)
            return
        if held * left <= 0:
            entry = price
        elif abs(left) > abs(held):
            entry = left / (held / entry + quantity / price) if inverse else (held * entry + quantity * price) / left
            entry = cut(entry, 12)
        self.contracts[symbol, side] = (left, entry)

    def swap(self, at: datetime, symbol: str, quantity: Fraction, *, is_buy: bool) -> None:
        """A fill in spot, its commission in what is received."""
        coin, price = symbol.removesuffix("USDT"), self.market.price(symbol.removesuffix("USDT"), at)
        cost, sign = cut(quantity * price), 1 if is_buy else -1
        legs = [(coin, sign * quantity), ("USDT", -sign * cost)]
        for asset, amount in sorted(legs, key=lambda leg: leg[1]):
            self.move(at, "spot", asset, amount, "trading")
        fee = ("USDT", cut(cost * SPOT_FEE)) if not is_buy else (coin, cut(quantity * SPOT_FEE))
        priced = {"price": cost / quantity} if is_buy else {}
        self.move(at, "spot", fee[0], -fee[1], "fees", **priced)

    def flows(self) -> Iterator[Change]:
        """What came and went."""
        return (change for change in self.changes if change.part == "flows")


def coin_of(symbol: str) -> tuple[str, bool]:
    """The coin of a contract, and whether it is settled in it."""
    return (symbol.removesuffix(INVERSE), True) if symbol.endswith(INVERSE) else (symbol.removesuffix("USDT"), False)


def _raw(symbol: str, quantity: Fraction, entry: Fraction, price: Fraction) -> Fraction:
    coin, inverse = coin_of(symbol)
    return quantity * SIZES.get(coin, 10) * (1 / entry - 1 / price) if inverse else quantity * (price - entry)


def profit(symbol: str, quantity: Fraction, entry: Fraction, price: Fraction) -> Fraction:
    """As the exchange writes it: of an inverse contract to 8 decimals."""
    found = _raw(symbol, quantity, entry, price)
    return cut(found) if coin_of(symbol)[1] else found
