"""The trades in contracts of an account, out of its fills and of what its wallets booked of them, hour after hour.

A trade opens with what leaves zero and closes with what comes back to it; in hedge mode each side of a contract has its own,
and no fill leads through zero. Commissions and profits go to the trades of their fill, by quantity where it is in two; what
names no fill, as funding does, goes to the trade that is open then, or was closed in that second. Our gains come from prices
alone: the exchange's profit stands beside them.

What a reading finds open beyond the trades is of fills that nobody knows: the next ones are of it first, and of no trade. What
it lacks has left its trade without a record, at its cost. The next hour goes on from open trades and the last reading alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, localcontext

from finance.contract_hours import Booked, ContractHour, ContractSums, OpenSide, Reading, Side, Sides, sum_up
from finance.contract_openings import find_openings
from finance.contract_trades import REASONS, Contract, ContractMove, ContractTrade
from finance.contracts import InverseSizes
from finance.decimals import ONE, UNROUNDED, ZERO
from finance.inventory import Inventory, share_out, take_share
from finance.moments import SECOND, second_of
from finance.records import ContractFill, IncomeKind
from finance.trades import Effect, Fee, MoveKind, OpenedBy

Parts = Mapping[str, Decimal]  # by a trade's id
COSTS = (IncomeKind.FUTURES_COMMISSION, IncomeKind.LIQUIDATION_FEE, IncomeKind.FUNDING_FEE)
KINDS = (*COSTS, IncomeKind.REALISED_PROFIT)
SIGNS = {"long": False, "short": True}


class ContractBook:
    """An account's trades in contracts from a reading on."""

    def __init__(
        self,
        sizes: InverseSizes,
        start: Reading,
        open_trades: Iterable[ContractTrade] = (),
        begins_at: Mapping[str, Decimal] | None = None,
    ) -> None:
        """Goes on from `open_trades`, those that were open at `start`; or a history begins there, at these prices of what contracts
        settle in."""
        self.moves: list[ContractMove] = []
        self.trades: dict[str, ContractTrade] = {one.id: one for one in open_trades}  # open, or changed in the hour
        self.bearers: dict[str, Parts] = {}  # by the record of a cost: the trades whose it is, in parts
        self._sizes = sizes
        self._reading, self._begins_at = start, begins_at
        self._open = {one.contract.key: one.id for one in self.trades.values()}
        self._inventories = {one.contract.key: one.open_inventory() for one in self.trades.values()}
        self._changed: set[str] = set()
        self._closed: dict[Side, str] = {}  # the last trade of each that was closed in the hour
        self._filled: dict[tuple[str, str], Parts] = {}  # what each fill of the hour moved of trades
        self._exits: dict[tuple[str, str], int] = {}  # where among the moves that is which it took out
        self._before: dict[Side, Decimal] = {}
        self._unmatched: list[ContractFill] = []

    def book(self, hour: ContractHour) -> ContractSums:
        """Take in an hour. Its costs are shared out as `bearers` say, and taken in by `pay`."""
        self._begin(hour)
        before, moved = self._find_open(self._reading, hour.fills), len(self.moves)
        self._before = {side: one.unknown for side, one in before.items() if one.unknown}
        self._closed, self._filled, self._exits, self.bearers, self._unmatched = {}, {}, {}, {}, []
        fills = [one for one in hour.fills if self._reading.through <= one.occurred_at < hour.reading.through]
        liquidated = hour.find_liquidated(fills)
        with localcontext(UNROUNDED):
            for one in hour.list_happened(fills):
                if isinstance(one, Booked):
                    self._charge(one)
                else:
                    self._fill(one, hour.price_of(one.settle), is_liquidated=one.order_id in liquidated)
            for side, found in self._find_open(hour.reading, hour.fills).items():
                self._let_go(side, found, hour)
            after = self._find_open(hour.reading, hour.fills)
        self._reading = hour.reading
        moves = [(self.trades[one.trade].contract.symbol, one) for one in self.moves[moved:]]
        return sum_up(hour, (before, after), moves, self._unmatched)

    def _begin(self, hour: ContractHour) -> None:
        """Of a history that begins, take in what was open before its first `hour`."""
        openings = find_openings(self._reading, hour, self._sizes, self._begins_at) if self._begins_at else ()
        for trade, move in openings:
            self.moves.append(move)
            self.trades[trade.id], self._open[trade.contract.key] = trade, trade.id
            self._inventories[trade.contract.key] = trade.open_inventory()
            self._changed.add(trade.id)
        self._begins_at = None

    def take_rows(self) -> tuple[list[ContractMove], list[ContractTrade]]:
        """The moves since the rows were taken last, and the trades that have changed."""
        taken = self.moves, [one for name, one in self.trades.items() if name in self._changed]
        self.moves, self._changed = [], set()
        self.trades = {name: self.trades[name] for name in self._open.values()}
        return taken

    def pay(self, fee: Fee) -> None:
        """Take in what was paid for a trade, or got."""
        if fee.trade in self.trades:
            self.trades[fee.trade] = self.trades[fee.trade].with_rows([], [fee])
            self._changed.add(fee.trade)

    def _find_open(self, reading: Reading, fills: Sequence[ContractFill]) -> Sides:
        """What a reading and the trades say is open of each side."""
        return {
            side: OpenSide.find(
                reading,
                side,
                self.trades[self._open[side]] if side in self._open else None,
                [one for one in fills if (one.symbol, one.side) == side],
            )
            for side in sorted({*self._open, *reading.positions})
        }

    def _fill(self, fill: ContractFill, price: Decimal, *, is_liquidated: bool) -> None:
        if not price:  # of a trade that counts for nothing, every figure would be a zero
            self._unmatched.append(fill)
            return
        contract = Contract.of((fill.symbol, fill.side), fill.settle, self._sizes)
        inventory = self._inventories.setdefault(contract.key, Inventory())
        left = self._close_before(fill)
        moved: dict[str, Decimal] = {"": abs(fill.quantity - left) * contract.size} if left != fill.quantity else {}
        for units, value in inventory.split(*contract.settle_fill(left, fill.price)) if left else ():
            is_entry = not inventory.quantity or inventory.quantity.is_signed() == units.is_signed()
            if is_entry and SIGNS.get(fill.side, fill.quantity < 0) is not (fill.quantity < 0):
                self._unmatched.append(fill)
                break
            gain = inventory.book(units, value)
            name = self._open.get(contract.key) or self._open_trade(contract, fill)
            kind = MoveKind.LIQUIDATION if is_liquidated else MoveKind.MANUAL
            move = ContractMove(
                trade=name,
                at=fill.occurred_at,
                effect=Effect.ENTRY if is_entry else Effect.EXIT,
                kind=MoveKind.MANUAL if is_entry else REASONS[fill.reason] if fill.reason else kind,
                row=f"c{fill.number}",
                order=fill.order_id,
                quantity=abs(units),
                value=abs(value) * price,
                gain=gain * price,
                worth=abs(take_share(value, inventory.quantity, units)) * price,
                settled_value=abs(value),
                settled_gain=gain,
            )
            if not is_entry:
                self._exits[fill.symbol, fill.exchange_id] = len(self.moves)
            self._take(move)
            moved[name] = abs(units)
            if not inventory.quantity:
                self._close(contract.key, fill.occurred_at)
        self._filled[fill.symbol, fill.exchange_id] = moved

    def _close_before(self, fill: ContractFill) -> Decimal:
        """What a fill leaves once it has enlarged or closed what nobody knows the fills of."""
        held = self._before.get((fill.symbol, fill.side), ZERO)
        if not held:
            return fill.quantity
        self._unmatched.append(fill)
        after = held + fill.quantity
        is_through = held * after < 0
        self._before[fill.symbol, fill.side] = ZERO if is_through else after
        return after if is_through else ZERO

    def _let_go(self, side: Side, found: OpenSide, hour: ContractHour) -> None:
        """What the reading lacks of a trade has left it, nobody knows when and how: at its cost, which gains nothing."""
        if found.trade is None or not (lacking := found.lacking):
            return
        if not (price := hour.price_of(found.trade.contract.settle)):  # it leaves in an hour that has one
            return
        trade, inventory = found.trade, self._inventories[side]
        units = -lacking * trade.contract.size * (-ONE if trade.contract.is_inverse else ONE)
        cost = -Inventory(quantity=inventory.quantity, cost=inventory.cost).book(units, ZERO)
        inventory.book(units, -cost)
        move = ContractMove(
            trade=trade.id,
            at=hour.reading.through,
            effect=Effect.EXIT,
            kind=MoveKind.UNEXPLAINED,
            row="",
            order="",
            quantity=abs(units),
            value=abs(cost) * price,
            gain=ZERO,
            worth=abs(inventory.cost) * price,
            settled_value=abs(cost),
            settled_gain=ZERO,
        )
        self._take(move)
        if not inventory.quantity:
            self._close(side, hour.reading.through)

    def _take(self, move: ContractMove) -> None:
        self.moves.append(move)
        self.trades[move.trade] = self.trades[move.trade].with_settled(move)
        self._changed.add(move.trade)

    def _open_trade(self, contract: Contract, fill: ContractFill) -> str:
        name = f"c{fill.number}"
        self.trades[name] = ContractTrade(
            id=name,
            asset=contract.symbol,
            contract=contract,
            market=fill.wallet,
            is_short=fill.quantity < 0,
            opened_by=OpenedBy.FILL,
            opened_at=fill.occurred_at,
        )
        self._open[contract.key] = name
        return name

    def _close(self, side: Side, at: datetime) -> None:
        name = self._closed[side] = self._open.pop(side)
        self.trades[name] = replace(self.trades[name], closed_at=at)

    def _charge(self, booked: Booked) -> None:
        """Note whose it is: of a cost by its record, of a profit with the move that made it."""
        parts = self._find_parts(booked)
        if booked.kind in COSTS:
            self.bearers[booked.row] = parts
            return
        for name, (amount,) in share_out((booked.amount,), parts):
            if name:
                self._state(name, booked, amount)

    def _state(self, name: str, booked: Booked, profit: Decimal) -> None:
        """Add a profit by the exchange's account to the exit that it is of, or to the last one of its trade."""
        place = self._exits.get((booked.symbol, booked.fill)) if booked.fill else self._find_exit(name, booked)
        if place is not None:
            self.moves[place] = replace(self.moves[place], stated=self.moves[place].stated + profit)
            self.trades[name] = self.trades[name].with_stated(profit)

    def _find_exit(self, name: str, booked: Booked) -> int | None:
        """The last of a trade's exits in the hour that was there by then."""
        end = second_of(booked.at) + SECOND
        places = (place for place in self._exits.values() if self.moves[place].trade == name)
        return max((place for place in places if self.moves[place].at < end), default=None)

    def _find_parts(self, booked: Booked) -> Parts:
        """The trades that something is of, by the parts of it that are theirs; one without a name where it is none's."""
        if booked.fill:
            parts = self._filled.get((booked.symbol, booked.fill)) or {"": ONE}
            is_profit = booked.kind is IncomeKind.REALISED_PROFIT  # of a fill through zero only what it closed made any
            return dict(list(parts.items())[:1]) if is_profit else parts
        ours = [self.trades[name] for (symbol, _), name in self._open.items() if symbol == booked.symbol]
        if not ours:
            closed = [self.trades[name] for (symbol, _), name in self._closed.items() if symbol == booked.symbol]
            ours = [one for one in closed if one.closed_at and one.closed_at >= second_of(booked.at)]
        if len(ours) == 1:
            return {ours[0].id: ONE}
        if booked.kind is IncomeKind.FUNDING_FEE and sum((one.open_quantity for one in ours), ZERO):
            return {one.id: one.open_quantity for one in ours}  # each side's is as large as it is, and has its sign
        return {"": ONE}
