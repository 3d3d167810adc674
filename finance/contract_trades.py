"""A trade in a contract: what was open of one side of it from flat to flat, what it gained, and what it cost.

    linear contract    value = units x price          in the coin that it settles in, as USDT
    inverse contract   value = dollars / price        in the coin that it is about

The gain is the difference of the values at exit and entry: of an inverse contract turned round, because who is long of it
owes dollars for coins. So an average entry is arithmetic or harmonic, as exchanges have it, and both kinds are booked by the
same rules. What is settled is in the asset that the contract settles in; it counts in the valuation asset at that one's price.
"""

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from finance.contracts import InverseSizes, is_inverse
from finance.decimals import CONTEXT, ONE, UNROUNDED, ZERO, stored
from finance.inventory import Inventory
from finance.records import FillReason
from finance.trades import Effect, MoveKind, Trade, TradeMove

REASONS = {
    FillReason.LIQUIDATION: MoveKind.LIQUIDATION,
    FillReason.ADL: MoveKind.ADL,
    FillReason.DELIVERY: MoveKind.DELIVERY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One side of a contract: what a trade is in. Its wallet may become another one, as in portfolio margin."""

    symbol: str
    side: str  # both (one-way), long or short (hedge)
    settle: str
    size: Decimal = ONE  # of an inverse contract, in dollars; a linear one's quantity is in units already

    @classmethod
    def of(cls, key: tuple[str, str], settle: str, sizes: InverseSizes) -> "Contract":
        """The one with this symbol and side, at an exchange with these `sizes`."""
        symbol, side = key
        size = sizes.of(settle) if is_inverse(symbol, settle) else ONE
        return cls(symbol=symbol, side=side, settle=settle, size=size)

    @property
    def key(self) -> tuple[str, str]:
        """Its symbol and side, by which an account has one of it."""
        return self.symbol, self.side

    @property
    def is_inverse(self) -> bool:
        """Whether it settles in the coin that it is about."""
        return is_inverse(self.symbol, self.settle)

    def settle_fill(self, quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """The units of a fill and their value in the asset it settles in, both signed as they are booked."""
        with localcontext(UNROUNDED):
            if not self.is_inverse:
                return quantity, quantity * price
            dollars = quantity * self.size
            return -dollars, stored(CONTEXT.divide(-dollars, price))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractMove(TradeMove):
    """Units that came into a trade or left it, with what was settled, in the asset that the contract settles in."""

    settled_value: Decimal
    settled_gain: Decimal
    stated: Decimal = ZERO  # the profit of an exit by the exchange's own account


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTrade(Trade):
    """One cycle of one side of a contract; of an inverse one the units are dollars."""

    contract: Contract
    market: str  # the wallet that it was opened in
    settled_entry: Decimal = ZERO
    settled_exit: Decimal = ZERO
    settled_gross: Decimal = ZERO
    stated: Decimal = ZERO  # the profit by the exchange's own account, in the asset that the contract settles in

    def with_settled(self, move: ContractMove) -> "ContractTrade":
        """The same with another of its moves."""
        with localcontext(UNROUNDED):
            moved = self.with_rows([move], [])
            if move.effect is Effect.ENTRY:
                return replace(moved, settled_entry=moved.settled_entry + move.settled_value)
            return replace(
                moved,
                settled_exit=moved.settled_exit + move.settled_value,
                settled_gross=moved.settled_gross + move.settled_gain,
            )

    def with_stated(self, profit: Decimal) -> "ContractTrade":
        """The same with another profit of the exchange's account."""
        with localcontext(UNROUNDED):
            return replace(self, stated=self.stated + profit)

    @property
    def difference(self) -> Decimal:
        """By how much our gross is above the exchange's account, in the asset that the contract settles in."""
        with localcontext(UNROUNDED):
            return self.settled_gross - self.stated

    @property
    def units_at_risk(self) -> Decimal:
        """What gains or loses the difference of two prices; of an inverse contract the coins that its dollars were at its entry."""
        return self.settled_entry if self.contract.is_inverse else self.entered

    @property
    def entry_price(self) -> Decimal:
        """The average of all entries."""
        return self._average(self.entered, self.settled_entry)

    def price_of(self, move: TradeMove) -> Decimal:
        """At which price one of its moves took place, as the contract is priced."""
        assert isinstance(move, ContractMove)
        return self._average(move.quantity, move.settled_value)

    @property
    def exit_price(self) -> Decimal | None:
        """The average of all exits; None before the first."""
        return self._average(self.exited, self.settled_exit) if self.exited else None

    def _average(self, units: Decimal, value: Decimal) -> Decimal:
        return CONTEXT.divide(units, value) if self.contract.is_inverse else CONTEXT.divide(value, units)

    @property
    def open_quantity(self) -> Decimal:
        """What is open of it, in units or dollars; short: negative."""
        with localcontext(UNROUNDED):
            left = self.entered - self.exited
            return -left if self.is_short else left

    @property
    def open_contracts(self) -> Decimal:
        """The same in the contract's unit."""
        return CONTEXT.divide(self.open_quantity, self.contract.size)

    def open_inventory(self) -> Inventory:
        """What is open of it with its cost, as it is booked."""
        with localcontext(UNROUNDED):
            is_turned = self.is_short != self.contract.is_inverse
            gain = -self.settled_gross if is_turned else self.settled_gross
            left, cost = self.entered - self.exited, self.settled_entry - self.settled_exit + gain
            return Inventory(quantity=-left if is_turned else left, cost=-cost if is_turned else cost)


def explain_profit(difference: Decimal, *, fills: int, exited: Decimal, unknown: Decimal) -> str:
    """Why the exchange's profit of a trade is another one than ours; `unknown` units left it without a record."""
    if not exited:
        return "nothing of it was closed yet"
    if unknown:
        return "not all of its fills are known"
    if abs(difference).scaleb(8) <= fills:
        return "it rounds each profit to eight decimals"
    return "it counts from another entry price"
