"""Open positions of derivatives: how fills change them, and what they are worth at a mark price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from finance.decimals import ONE, ZERO, exact, stored
from finance.records import ContractFill

SMALLEST_PROFIT = Decimal("1e-7")  # a smaller one is rounded too much to show a contract's size
NEAR = Decimal("0.05")
ROUNDED = Decimal("1e-6")  # how far two answers' entry prices of one position may be apart


@dataclass(frozen=True, slots=True, kw_only=True)
class InverseSizes:
    """What one inverse contract is worth in USD at an exchange, by its own word."""

    usual: Decimal
    by_coin: Mapping[str, Decimal] = field(default_factory=dict)  # where it is another one

    def of(self, coin: str) -> Decimal:
        """The size of a contract on `coin`."""
        return self.by_coin.get(coin, self.usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenContract:
    """An open position in a contract."""

    wallet: str
    symbol: str
    side: str  # both (one-way), long or short (hedge)
    quantity: Decimal  # signed, in the contract's unit
    entry_price: Decimal  # the average of what is open
    margin_asset: str
    unrealised: Decimal = ZERO  # as it was read
    mark_price: Decimal = ZERO

    @property
    def is_inverse(self) -> bool:
        """Whether it is settled in the coin that it is about."""
        return is_inverse(self.symbol, self.margin_asset)

    @exact
    def profit_at(self, mark: Decimal, size: Decimal) -> Decimal:
        """Its profit at a mark price, in the margin asset, to 18 decimals; `size` is that of an inverse contract."""
        if not self.is_inverse:
            return stored(self.quantity * (mark - self.entry_price))
        return stored(self.quantity * size * (mark - self.entry_price) / (self.entry_price * mark))


Sides = Mapping[tuple[str, str], OpenContract]  # by symbol and side


def is_inverse(symbol: str, margin_asset: str) -> bool:
    """Whether a contract is settled in the coin that it is about: here its name says so, whatever an exchange calls it."""
    return symbol.startswith(f"{margin_asset}USD_")


@exact
def are_alike(one: Sides, other: Sides) -> bool:
    """Whether nothing was traded from the one to the other, as far as quantities and entry prices show."""
    return one.keys() == other.keys() and all(
        one[key].quantity == other[key].quantity
        and abs(one[key].entry_price - other[key].entry_price) <= ROUNDED * other[key].entry_price
        for key in one
    )


@exact
def lead(sides: Sides, fills: Iterable[ContractFill], margin_asset: str) -> Sides:
    """`sides` after `fills` of their contract: what is enlarged has an average price, what is reduced keeps it."""
    led = dict(sides)
    for fill in fills:
        key = (fill.symbol, fill.side)
        held = led.get(key) or OpenContract(
            wallet=fill.wallet,
            symbol=fill.symbol,
            side=fill.side,
            quantity=ZERO,
            entry_price=fill.price,
            margin_asset=margin_asset,
        )
        led[key] = _trade(held, fill.quantity, fill.price)
    return led


def _trade(held: OpenContract, quantity: Decimal, price: Decimal) -> OpenContract:
    after = held.quantity + quantity
    if held.quantity * quantity >= 0 and held.quantity:
        parts = ((held.quantity, held.entry_price), (quantity, price))
        entry = _average(parts, after, is_inverse=held.is_inverse)
    elif held.quantity * after > 0:
        entry = held.entry_price
    else:
        entry = price  # opened, closed, or turned
    return replace(held, quantity=after, entry_price=entry)


def _average(parts: Iterable[tuple[Decimal, Decimal]], whole: Decimal, *, is_inverse: bool) -> Decimal:
    """The average price: of an inverse contract the harmonic one, because its profit goes with 1 / price."""
    if is_inverse:
        return whole / sum((quantity / price for quantity, price in parts), ZERO)
    return sum((quantity * price for quantity, price in parts), ZERO) / whole


@exact
def contract_size(contracts: Iterable[OpenContract], symbol: str, margin_asset: str, sizes: InverseSizes) -> Decimal:
    """What one inverse contract is worth in USD: as the exchange's `sizes` say, unless a profit in `contracts` shows another.

    It is a power of ten, so that a profit which is rounded to eight decimals shows it exactly. 1 for a linear contract.
    """
    if not is_inverse(symbol, margin_asset):
        return ONE
    for one in contracts:
        unit = one.profit_at(one.mark_price, ONE) if one.mark_price else ZERO
        if unit and abs(one.unrealised) >= SMALLEST_PROFIT and (ratio := one.unrealised / unit) > 0:
            found = Decimal(10) ** int(ratio.log10().to_integral_value())
            if abs(ratio / found - 1) <= NEAR:
                return found
    return sizes.of(margin_asset)
