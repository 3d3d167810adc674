"""The trades of an account, out of the changes that explain its NAV.

A trade opens with what leaves flat and closes with what comes back to it; less than 1 USDT is flat, and such dust keeps its
cost and joins the next trade. A fill through zero closes one trade and opens the next at the same price. Costs are average.
Cash (stablecoins, bank money) is inventory and no trade; a fill between two coins is a piece of two trades. Rewards join what
is held and open nothing. The gross gains of all trades and a stated rest are everything that was realised, to the last digit.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal, localcontext

from finance.attribution.events import Standing
from finance.attribution.explanation import Change, Part
from finance.attribution.gains import open_inventories
from finance.attribution.hour import LOAN_INTEREST, TRADING_FEE
from finance.decimals import CONTEXT, UNROUNDED, ZERO
from finance.inventory import Inventory, take_share
from finance.records import FillMarket, IncomeKind
from finance.trades import Exit, ExitKind, OpenedBy, Trade

INTEREST = (LOAN_INTEREST, str(IncomeKind.MARGIN_INTEREST))
FLAT = Decimal(1)  # in the valuation asset
CASH = frozenset(
    [
        "USDT",
        "USDC",
        "FDUSD",
        "TUSD",
        "USDE",
        "USD1",
        "DAI",
        "BUSD",
        "PYUSD",
        "RLUSD",
        "EUR",
        "USD",
        "GBP",
        "TRY",
        "BRL",
        "JPY",
        "PLN",
        "UAH",
        "ARS",
        "MXN",
        "ZAR",
    ]
)
OPENERS = {Part.TRADING: OpenedBy.FILL, Part.FLOWS: OpenedBy.FLOW, Part.RESIDUAL: OpenedBy.UNEXPLAINED}
MARKETS = {str(FillMarket.CONVERT): ExitKind.CONVERT, str(FillMarket.DUST): ExitKind.DUST}
UNSOLD = {Part.FLOWS: ExitKind.TRANSFER, Part.RESIDUAL: ExitKind.UNEXPLAINED}


class _Cycle:
    """A trade while fills and their fees are booked into it."""

    def __init__(self, name: str, asset: str, opened_by: OpenedBy, at: datetime, held: Inventory) -> None:
        self.name, self.asset, self.opened_by, self.opened_at = name, asset, opened_by, at
        self.closed_at: datetime | None = None
        self.is_short = held.quantity < 0
        self.entered, self.entry_value = abs(held.quantity), abs(held.cost)
        self.exits: list[Exit] = []
        self.greatest, self.fees, self.interest = abs(held.cost), ZERO, ZERO
        self.rows: set[str] = set()  # of its fills

    def leave(self, gone: Exit) -> None:
        if self.exits and gone.order and self.exits[-1].order == gone.order:
            self.exits[-1] = self.exits[-1].with_more(gone)
        else:
            self.exits.append(gone)

    def as_trade(self) -> Trade:
        return Trade(
            id=self.name,
            asset=self.asset,
            is_short=self.is_short,
            opened_by=self.opened_by,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            entered=self.entered,
            entry_value=self.entry_value,
            exits=tuple(self.exits),
            greatest_value=self.greatest,
            fees=self.fees,
            interest=self.interest,
            fills=len(self.rows),
        )


class TradeBook:
    """An account's trades, hour after hour; `rest` is what was realised outside of them: on cash, rewards and dust."""

    def __init__(self, start: Standing, cash: Collection[str] = CASH) -> None:
        self.rest = ZERO
        self._cash = cash
        self._inventories: defaultdict[str, Inventory] = open_inventories(start)
        self._open: dict[str, _Cycle] = {}
        self._cycles: list[_Cycle] = []
        self._names: set[str] = set()
        self._filled: tuple[str, dict[_Cycle, Decimal]] = ("", {})  # the last fill's row, and what it moved of trades
        for asset, held in self._inventories.items():
            if asset not in cash and abs(held.cost) >= FLAT:
                self._begin(f"o.{asset}", asset, OpenedBy.OPENING, start.taken_at)

    @property
    def trades(self) -> tuple[Trade, ...]:
        """All trades, in the order in which they were opened."""
        return tuple(cycle.as_trade() for cycle in self._cycles)

    def book(self, changes: Iterable[Change], at: datetime) -> None:
        """Take in what an hour, read `at` its end, was explained by, in its order."""
        with localcontext(UNROUNDED):
            for change in changes:
                if change.part is Part.FEES and change.kind == TRADING_FEE:
                    self._charge(change)
                for quantity, value in self._inventories[change.asset].split(change.quantity, change.value):
                    self._move(change, quantity, value, change.at or at)

    def _move(self, change: Change, quantity: Decimal, value: Decimal, at: datetime) -> None:
        inventory = self._inventories[change.asset]
        held = inventory.quantity
        gain = inventory.book(quantity, value)
        cycle = self._open.get(change.asset)
        if change.asset in self._cash or not quantity:
            cycle = None
        elif not held or held.is_signed() == quantity.is_signed():
            cycle = self._enter(change, quantity, value, at)
        elif cycle:
            self._leave(cycle, change, Exit(at=at, order=change.order, kind=_kind_of(change), quantity=abs(quantity),
                                            value=abs(value), gain=gain))  # fmt: skip
        if cycle is None:
            self.rest += gain if change.part is Part.TRADING else ZERO
            return
        if change.part is Part.TRADING:
            self._note_fill(cycle, change, quantity)
        worth = _value_all(inventory, quantity, value)
        cycle.greatest = max(cycle.greatest, worth)
        if not inventory.quantity or (value and worth < FLAT):
            cycle.closed_at = at
            del self._open[change.asset]

    def _enter(self, change: Change, quantity: Decimal, value: Decimal, at: datetime) -> _Cycle | None:
        cycle = self._open.get(change.asset)
        if cycle:
            if change.part is Part.FEES:
                cycle.interest -= value if change.kind in INTEREST else ZERO
            else:
                cycle.entered += abs(quantity)
                cycle.entry_value += abs(value)
            return cycle
        if change.part not in OPENERS or _value_all(self._inventories[change.asset], quantity, value) < FLAT:
            return None
        name = change.row or f"u{at:%Y%m%d%H}"
        return self._begin(name, change.asset, OPENERS[change.part], at)

    def _begin(self, name: str, asset: str, opened_by: OpenedBy, at: datetime) -> _Cycle:
        """A fill between two coins may open a trade in each: the second one's name has its coin."""
        unique = f"{name}.{asset}" if name in self._names else name
        cycle = _Cycle(unique, asset, opened_by, at, self._inventories[asset])
        self._names.add(unique)
        self._cycles.append(cycle)
        self._open[asset] = cycle
        return cycle

    def _leave(self, cycle: _Cycle, change: Change, gone: Exit) -> None:
        if change.part is Part.TRADING or change.part in UNSOLD:
            cycle.leave(gone)
        elif change.kind in INTEREST:
            cycle.interest -= change.value

    def _note_fill(self, cycle: _Cycle, change: Change, quantity: Decimal) -> None:
        """A fill's fee is that of the trade in its base, whose leg is booked last, or of its quote where the base is cash."""
        cycle.rows.add(change.row)
        row, moved = self._filled
        if row == change.row and all(one.asset == cycle.asset for one in moved):
            moved[cycle] = moved.get(cycle, ZERO) + abs(quantity)
        else:
            self._filled = change.row, {cycle: abs(quantity)}

    def _charge(self, fee: Change) -> None:
        """Share a fill's fee out to the trades it is a fill of: two where it went through zero."""
        row, moved = self._filled
        if row != fee.row or not moved:
            return
        left, whole = -fee.value, sum(moved.values(), ZERO)
        for cycle, quantity in moved.items():
            part = left if quantity == whole else take_share(left, quantity, whole)
            cycle.fees += part
            left, whole = left - part, whole - quantity


def _value_all(inventory: Inventory, quantity: Decimal, value: Decimal) -> Decimal:
    """What all that is held is worth at the price of `quantity` units for `value`."""
    return abs(CONTEXT.multiply(CONTEXT.divide(value, quantity), inventory.quantity))


def _kind_of(change: Change) -> ExitKind:
    if change.part in UNSOLD:
        return UNSOLD[change.part]
    return MARKETS.get(change.market, ExitKind.MANUAL)
