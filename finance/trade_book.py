"""The trades of an account, out of the changes that explain its NAV.

A trade opens with what leaves flat and closes with what comes back to it; less than 1 USDT is flat, and such dust keeps its
cost and joins the next trade. A fill through zero closes one trade and opens the next at the same price. Costs are average.
Cash (`finance.cash`) is inventory and no trade; a fill between two coins is a piece of two trades. Rewards join what
is held and open nothing. The gross gains of all trades and a stated rest are everything that was realised, to the last digit.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import NamedTuple

from finance.attribution.booked import TRADING_FEE
from finance.attribution.events import Standing
from finance.attribution.explanation import Change, Gain, Part
from finance.attribution.gains import GAINS, open_inventories
from finance.cash import USUAL
from finance.decimals import ONE, UNROUNDED, ZERO
from finance.inventory import Inventory, Lot, share_out, take_share
from finance.records import FillMarket, IncomeKind
from finance.trades import INTEREST, Effect, Fee, MoveKind, OpenedBy, Trade, TradeMove

FUNDING = str(IncomeKind.FUNDING_FEE)
FLAT = Decimal(1)  # in the valuation asset
NOBODY: Mapping[str, Mapping[str, Decimal]] = {}
OPENERS = {Part.TRADING: OpenedBy.FILL, Part.FLOWS: OpenedBy.FLOW, Part.RESIDUAL: OpenedBy.UNEXPLAINED}
MARKETS = {str(FillMarket.CONVERT): MoveKind.CONVERT, str(FillMarket.DUST): MoveKind.DUST}
KINDS = {
    Part.FLOWS: MoveKind.TRANSFER,
    Part.RESIDUAL: MoveKind.UNEXPLAINED,
    Part.INCOME: MoveKind.INCOME,
    Part.POSITIONS: MoveKind.INCOME,
}


class _Filled(NamedTuple):
    """A fill's row, its order and moment, and what it moved of trades."""

    row: str
    done: tuple[str, datetime | None]
    moved: dict[str, Decimal]


class TradeBook:
    """An account's trades, hour after hour; `rest` is what was realised outside of them: on cash, rewards and dust."""

    def __init__(
        self, inventories: defaultdict[str, Inventory], open_trades: Iterable[Trade] = (), cash: Collection[str] = USUAL
    ) -> None:
        self.rest = ZERO
        self.moves: list[TradeMove] = []  # since the book was opened, or its rows were taken
        self.fees: list[Fee] = []
        self.trades: dict[str, Trade] = {one.id: one for one in open_trades}  # that were open or have changed since
        self.inventories = inventories
        self._cash = cash
        self._open = {one.asset: one.id for one in self.trades.values()}  # ids by coin
        self._flat: dict[str, datetime] = {}  # since when trades are closed that are to be settled
        self._last_row = ""  # of the last change
        self._filled = _Filled("", ("", None), {})  # the last one that moved trades
        self._bare = ""  # the row of the last one that moved nothing: it has but another fee of the fill before
        self._bearers: Mapping[str, Mapping[str, Decimal]] = NOBODY

    @classmethod
    def begin(
        cls, start: Standing, costs: Mapping[str, Decimal] | None = None, cash: Collection[str] = USUAL
    ) -> "TradeBook":
        """The book of a history that begins with what `start` holds, at its `costs`, or at its value then."""
        inventories = open_inventories(start, costs)
        book = cls(inventories, cash=cash)
        worths = start.list_worths()
        for asset, held in sorted(inventories.items()):
            worth = abs(worths[asset])
            if asset not in cash and worth >= FLAT:
                name = book._open_trade(f"o.{asset}", asset, OpenedBy.OPENING, start.taken_at, held.quantity < 0)
                book._add_held(name, held.quantity, held.cost, worth)
        book._settle(book.moves, [])
        return book

    def take_rows(self) -> tuple[list[TradeMove], list[Fee], list[Trade]]:
        """The moves and fees since the rows were taken last, and the trades that have changed."""
        changed = {*(move.trade for move in self.moves), *(fee.trade for fee in self.fees)}
        trades = [one for one in self.trades.values() if one.id in changed or one.closed_at]
        taken = self.moves, self.fees, trades
        self.moves, self.fees, self._filled = [], [], _Filled("", ("", None), {})
        self.trades = {name: self.trades[name] for name in self._open.values()}
        return taken

    def book(
        self, changes: Iterable[Change], at: datetime, bearers: Mapping[str, Mapping[str, Decimal]] = NOBODY
    ) -> Mapping[Gain, Decimal]:
        """Take in what an hour, read `at` its end, was explained by, in its order; returns what all that went has gained.

        Costs of contracts are of their trades: those that `bearers` name by a cost's record, in parts.
        """
        self._bearers, gains = bearers, defaultdict[Gain, Decimal](Decimal)
        moves, fees = len(self.moves), len(self.fees)
        with localcontext(UNROUNDED):
            for change in changes:
                if change.part is Part.FEES or change.kind == FUNDING:
                    self._charge(change, change.at or at)
                gains[GAINS[change.part]] += self._take_in(change, change.at or at)
                self._last_row = change.row
        self._settle(self.moves[moves:], self.fees[fees:])
        return gains

    def _settle(self, moves: Iterable[TradeMove], fees: Iterable[Fee]) -> None:
        """Let trades have the rows that were booked of them, all at once, and be closed where they are flat again."""
        rows: dict[str, tuple[list[TradeMove], list[Fee]]] = {name: ([], []) for name in self._flat}
        for move in moves:
            rows.setdefault(move.trade, ([], []))[0].append(move)
        for fee in fees:
            if fee.trade in self.trades:  # and is not one in contracts
                rows.setdefault(fee.trade, ([], []))[1].append(fee)
        for name, (its_moves, its_fees) in rows.items():
            self.trades[name] = self.trades[name].with_rows(its_moves, its_fees, self._flat.get(name))
        self._flat = {}

    def _take_in(self, change: Change, at: datetime) -> Decimal:
        """Book a change into what is held and into trades; returns what went has gained."""
        inventory = self.inventories[change.asset]
        if change.part is Part.TRADING and not change.quantity:
            self._bare = change.row
        if change.asset in self._cash or not change.quantity:
            gain = inventory.book(change.quantity, change.value)
            self.rest += gain if change.part is Part.TRADING else ZERO
            return gain
        parts = inventory.split(change.quantity, change.value)
        return sum((self._move(change, inventory, part, at) for part in parts), ZERO)

    def _move(self, change: Change, inventory: Inventory, part: Lot, at: datetime) -> Decimal:
        held, cost, (quantity, value) = inventory.quantity, inventory.cost, part
        gain = inventory.book(quantity, value)
        name = self._open.get(change.asset)
        worth = abs(take_share(value, inventory.quantity, quantity))  # of all that is held, at the price of this
        is_entry = not held or held.is_signed() == quantity.is_signed()
        if not name and is_entry and change.part in OPENERS and worth >= FLAT:
            name = self._open_trade(self._name(change, at), change.asset, OPENERS[change.part], at, quantity < 0)
            self._add_held(name, held, cost, worth)
        if not name:
            self.rest += gain if change.part is Part.TRADING else ZERO
            return gain
        if change.part is not Part.FEES and (is_entry or change.part in OPENERS):
            move = TradeMove(
                trade=name,
                at=at,
                effect=Effect.ENTRY if is_entry else Effect.EXIT,
                kind=_kind_of(change),
                row=change.row,
                order=change.order,
                quantity=abs(quantity),
                value=abs(value),
                gain=gain,
                worth=worth,
            )
            self.moves.append(move)
            if change.part is Part.TRADING:
                self._note_fill(move, change.asset)
        if not inventory.quantity or (value and worth < FLAT):
            self._flat[name] = at
            del self._open[change.asset]
        return gain

    def _name(self, change: Change, at: datetime) -> str:
        """That of the record. A fill between two coins may open a trade in each: that of its quote, whose leg is booked
        first, has its coin behind it, and so has one without a record."""
        if not change.row:
            name = f"u{at:%Y%m%d%H%M}.{change.asset}"
            while name in self.trades:  # of a portfolio: several of its accounts
                name += "'"
            return name
        is_quote = change.part is Part.TRADING and change.row != self._last_row
        return f"{change.row}.{change.asset}" if is_quote else change.row

    def _open_trade(self, name: str, asset: str, opened_by: OpenedBy, at: datetime, is_short: bool) -> str:
        self.trades[name] = Trade(id=name, asset=asset, is_short=is_short, opened_by=opened_by, opened_at=at)
        self._open[asset] = name
        return name

    def _add_held(self, name: str, quantity: Decimal, cost: Decimal, worth: Decimal) -> None:
        """What was there when the trade began is part of it, at its cost."""
        if not quantity:
            return
        move = TradeMove(
            trade=name,
            at=self.trades[name].opened_at,
            effect=Effect.ENTRY,
            kind=MoveKind.HELD,
            row="",
            order="",
            quantity=abs(quantity),
            value=abs(cost),
            gain=ZERO,
            worth=worth,
        )
        self.moves.append(move)

    def _note_fill(self, move: TradeMove, asset: str) -> None:
        """A fill's fee is that of the trade in its base, whose leg is booked last, or of its quote where the base is cash."""
        row, _, moved = self._filled
        if row == move.row and all(self.trades[name].asset == asset for name in moved):
            moved[move.trade] = moved.get(move.trade, ZERO) + move.quantity
        else:
            self._filled = _Filled(move.row, (move.order, move.at), {move.trade: move.quantity})

    def _charge(self, change: Change, at: datetime) -> None:
        """Share a fee out to the trades whose it is: a fill's to two where it went through zero, interest to the debt's."""
        for name, (quantity, value) in share_out((-change.quantity, -change.value), self._find_charged(change)):
            self._add_fee(change, at, quantity, value, name)

    def _find_charged(self, change: Change) -> Mapping[str, Decimal]:
        """The trades that bear a fee, by the parts of it that are theirs; one without a name where it is none's."""
        row, done, moved = self._filled
        if change.row in self._bearers:
            return self._bearers[change.row]
        is_another = change.row == self._bare and change.order and (change.order, change.at) == done
        if change.kind == TRADING_FEE and moved and (change.row == row or is_another):
            return moved
        name = self._open.get(change.asset, "") if change.kind in INTEREST else ""
        return {name: ONE}

    def _add_fee(self, change: Change, at: datetime, quantity: Decimal, value: Decimal, name: str) -> None:
        order = change.order if change.part is Part.FEES and not change.market else ""
        self.fees.append(Fee(at, change.row, change.kind, change.asset, quantity, value, name, order))


def _kind_of(change: Change) -> MoveKind:
    return KINDS.get(change.part) or MARKETS.get(change.market, MoveKind.MANUAL)
