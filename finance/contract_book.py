"""The trades in contracts of an account, out of its fills and of what its wallets booked of them.

A trade opens with what leaves zero and closes with what comes back to it; in hedge mode each side of a contract has its own,
and no fill leads through zero. Commissions and profits go to the trades of their fill, by quantity where it is in two; what
names no fill, as funding does, goes to the trade that is open then, or was closed in that second. Our gains come from prices
alone: the exchange's profit stands beside them, and all of it that is no trade's is `rest`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext

from finance.contract_trades import REASONS, Contract, ContractMove, ContractTrade
from finance.contracts import InverseSizes
from finance.decimals import CONTEXT, ONE, UNROUNDED, ZERO
from finance.inventory import Inventory, share_out
from finance.moments import SECOND
from finance.records import ContractFill, IncomeKind
from finance.trades import Effect, Fee, MoveKind, OpenedBy

Side = tuple[str, str]  # a contract's symbol and side
Parts = Mapping[str, Decimal]  # by a trade's id
COSTS = (IncomeKind.FUTURES_COMMISSION, IncomeKind.LIQUIDATION_FEE, IncomeKind.FUNDING_FEE)
KINDS = (*COSTS, IncomeKind.REALISED_PROFIT)
SIGNS = {"long": False, "short": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What a wallet's history has of a contract: a commission, funding, or the exchange's own profit."""

    at: datetime
    symbol: str
    kind: IncomeKind  # one of KINDS
    asset: str
    amount: Decimal  # + is got
    value: Decimal  # in the valuation asset
    row: str  # the record: i7 income
    fill: str = ""  # the exchange's id of the fill that it is of; empty where it names none


class ContractBook:
    """An account's trades in contracts, stretch after stretch of its history."""

    def __init__(
        self,
        sizes: InverseSizes,
        open_trades: Iterable[ContractTrade] = (),
        before: Mapping[Side, Decimal] | None = None,
    ) -> None:
        """Goes on from `open_trades`; `before` is what else was open, whose beginning is not known: it makes no trades."""
        self.moves: list[ContractMove] = []
        self.fees: list[Fee] = []
        self.rest: defaultdict[str, Decimal] = defaultdict(
            Decimal
        )  # the exchange's profit that is no trade's, by asset
        self.unmatched: list[ContractFill] = []  # that close what no fill had opened
        self.trades: dict[str, ContractTrade] = {one.id: one for one in open_trades}
        self._sizes = sizes
        self._before = dict(before or {})
        self._open = {one.contract: one.id for one in self.trades.values()}
        self._inventories = {one.contract: one.open_inventory() for one in self.trades.values()}
        self._closed: dict[Contract, str] = {}  # the last trade of each
        self._filled: dict[tuple[str, str], Parts] = {}  # what each fill of a contract moved of trades

    def book(
        self, fills: Iterable[ContractFill], booked: Iterable[Booked], prices: Mapping[str, Decimal] | None = None
    ) -> None:
        """Take in a stretch of time: all of its fills, and all that was booked; `prices` of what contracts settle in."""
        fills, booked = list(fills), list(booked)
        orders = self._find_liquidated(fills, booked)
        happened: list[tuple[datetime, int, ContractFill | Booked]] = [(one.occurred_at, 0, one) for one in fills]
        happened += [_rank(one) for one in booked]
        with localcontext(UNROUNDED):
            for _, _, one in sorted(happened, key=lambda ranked: ranked[:2]):
                if isinstance(one, Booked):
                    self._charge(one)
                else:
                    self._fill(one, (prices or {}).get(one.settle, ONE), is_liquidated=one.order_id in orders)

    @staticmethod
    def _find_liquidated(fills: Iterable[ContractFill], booked: Iterable[Booked]) -> set[str]:
        """The orders of fills in whose second a liquidation fee was taken of their contract."""
        taken = {(one.symbol, _second(one.at)) for one in booked if one.kind is IncomeKind.LIQUIDATION_FEE}
        found = {f.order_id for f in fills if (f.symbol, _second(f.occurred_at)) in taken}
        return found - {""}

    def _fill(self, fill: ContractFill, price: Decimal, *, is_liquidated: bool) -> None:
        contract = Contract.of(fill, self._sizes)
        inventory = self._inventories.setdefault(contract, Inventory())
        left = self._close_before(fill)
        moved: dict[str, Decimal] = {"": abs(fill.quantity - left) * contract.size} if left != fill.quantity else {}
        for units, value in inventory.split(*contract.settle_fill(left, fill.price)) if left else ():
            is_entry = not inventory.quantity or inventory.quantity.is_signed() == units.is_signed()
            if is_entry and SIGNS.get(fill.side, fill.quantity < 0) is not (fill.quantity < 0):
                self.unmatched.append(fill)
                break
            gain = inventory.book(units, value)
            name = self._open.get(contract) or self._open_trade(contract, fill)
            held = abs(CONTEXT.divide(CONTEXT.multiply(value, inventory.quantity), units))
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
                worth=CONTEXT.multiply(held, price),
                settled_value=abs(value),
                settled_gain=gain,
            )
            self.moves.append(move)
            self.trades[name] = self.trades[name].with_settled(move)
            moved[name] = abs(units)
            if not inventory.quantity:
                self._close(contract, fill.occurred_at)
        self._filled[fill.symbol, fill.exchange_id] = moved

    def _close_before(self, fill: ContractFill) -> Decimal:
        """What a fill leaves once it has enlarged or closed what was open before everything that is known."""
        held = self._before.get((fill.symbol, fill.side), ZERO)
        if not held:
            return fill.quantity
        self.unmatched.append(fill)
        after = held + fill.quantity
        is_through = held * after < 0
        self._before[fill.symbol, fill.side] = ZERO if is_through else after
        return after if is_through else ZERO

    def _open_trade(self, contract: Contract, fill: ContractFill) -> str:
        name = f"c{fill.number}"
        self.trades[name] = ContractTrade(
            id=name,
            asset=contract.symbol,
            contract=contract,
            is_short=fill.quantity < 0,
            opened_by=OpenedBy.FILL,
            opened_at=fill.occurred_at,
        )
        self._open[contract] = name
        return name

    def _close(self, contract: Contract, at: datetime) -> None:
        name = self._open.pop(contract)
        self.trades[name] = replace(self.trades[name], closed_at=at)
        self._closed[contract] = name

    def _charge(self, booked: Booked) -> None:
        """Share out what was booked to the trades whose it is; what is none's stands for itself."""
        for name, (amount, value) in share_out((booked.amount, booked.value), self._find_parts(booked)):
            self._pay(booked, amount, value, name)

    def _pay(self, booked: Booked, amount: Decimal, value: Decimal, name: str) -> None:
        if booked.kind in COSTS:
            fee = Fee(
                at=booked.at,
                row=booked.row,
                kind=str(booked.kind),
                asset=booked.asset,
                quantity=-amount,
                value=-value,
                trade=name,
            )
            self.fees.append(fee)
            if name:
                self.trades[name] = self.trades[name].with_paid(fee)
        elif name:
            self.trades[name] = self.trades[name].with_stated(amount)
        else:
            self.rest[booked.asset] += amount

    def _find_parts(self, booked: Booked) -> Parts:
        """The trades that something is of, by the parts of it that are theirs; one without a name where it is none's."""
        if booked.fill:
            parts = self._filled.get((booked.symbol, booked.fill)) or {"": ONE}
            is_profit = booked.kind is IncomeKind.REALISED_PROFIT  # of a fill through zero only what it closed made any
            return dict(list(parts.items())[:1]) if is_profit else parts
        ours = [self.trades[name] for contract, name in self._open.items() if contract.symbol == booked.symbol]
        if not ours:
            closed = [self.trades[name] for contract, name in self._closed.items() if contract.symbol == booked.symbol]
            ours = [one for one in closed if one.closed_at and one.closed_at >= _second(booked.at)]
        if len(ours) == 1:
            return {ours[0].id: ONE}
        if booked.kind is IncomeKind.FUNDING_FEE and sum((one.open_quantity for one in ours), ZERO):
            return {one.id: one.open_quantity for one in ours}  # each side's is as large as it is, and has its sign
        return {"": ONE}


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _rank(booked: Booked) -> tuple[datetime, int, Booked]:
    """Funding is of what is open at its time; what is of a fill comes after all fills of its second, however it is cut."""
    if booked.kind is IncomeKind.FUNDING_FEE:
        return booked.at, 1, booked
    return _second(booked.at) + SECOND, -1, booked
