"""The proof that trades and NAV agree: the hours of an account or a portfolio gone through again from the first, by every method.

In every hour and of every asset, what is held is what was booked, and price effect and trading are the gains plus the
change of what is unrealised. What is stored of the hour, by average cost, is the same. All trades and what was realised
beside them are everything that was realised, and what each order was given for is what is known of it. Nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from itertools import chain
from typing import NamedTuple

from finance.attribution.events import Standing
from finance.attribution.explanation import AssetExplanation, Change, Explanation, Gain, Gains, Part
from finance.attribution.gains import book_changes, open_inventories
from finance.contract_hours import ContractSums
from finance.contract_trades import ContractTrade
from finance.decimals import UNROUNDED, ZERO
from finance.inventory import Inventory, Method
from finance.trades import Trade
from monitor.performance.beginnings import load_costs, load_standing
from monitor.performance.explaining import compute_explanations
from monitor.performance.store.explanations import load_explanations
from monitor.performance.store.recorded_trades import BookedHour
from monitor.performance.store.trades import load_contract_hours
from monitor.performance.trades import HourlyBooks
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodTotal:
    """What a whole history comes to by one method, in the valuation asset."""

    gains: Mapping[Gain, Decimal]
    unrealised: Decimal

    @property
    def total(self) -> Decimal:
        """The same by every method: price effect and trading, and what was unrealised at the beginning."""
        with localcontext(UNROUNDED):
            return sum(self.gains.values(), self.unrealised)


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOut:
    """How trades and NAV of an account agree; `failure` names the first hour in which they don't, and how."""

    first: datetime
    last: datetime
    hours: int  # between `first` and `last`, or up to the failure
    unrealised_before: Decimal  # at `first`: not zero where the owner says what coins had cost
    price_effect_and_trading: Decimal
    methods: Mapping[Method, MethodTotal]
    failure: str = ""


class _Books:
    """One account's inventories by one method, and what they have gained so far."""

    def __init__(self, method: Method, start: Standing, costs: Mapping[str, Decimal]) -> None:
        self.inventories: defaultdict[str, Inventory] = open_inventories(start, costs, method)
        self.method = method
        self.gains: defaultdict[Gain, Decimal] = defaultdict(Decimal)
        self.unrealised = {asset: worth - self.inventories[asset].cost for asset, worth in start.list_worths().items()}

    def book(self, changes: Sequence[Change]) -> Mapping[str, Mapping[Gain, Decimal]]:
        found = book_changes(self.inventories, changes)
        for gains in found.values():
            for gain, amount in gains.items():
                self.gains[gain] += amount
        return found

    def revalue(self, asset: AssetExplanation) -> Decimal:
        """How much more of an asset is unrealised than an hour ago."""
        before = self.unrealised.get(asset.asset, ZERO)
        after = asset.worth - self.inventories[asset.asset].cost
        self.unrealised[asset.asset] = after
        return after - before

    def total(self) -> MethodTotal:
        return MethodTotal(gains=dict(self.gains), unrealised=sum(self.unrealised.values(), ZERO))


def prove(db: Db, account_id: int, hours: Sequence[datetime]) -> TieOut | None:
    """Go through the valued `hours`; None where they are fewer than two, between which nothing lies."""
    if len(hours) < 2:
        return None
    start = load_standing(db, account_id, hours[0])
    costs = load_costs(db, account_id, start)
    with localcontext(UNROUNDED):
        books = [_Books(method, start, costs) for method in Method]
        before = sum(books[0].unrealised.values(), ZERO)
    again = HourlyBooks(db, account_id, hours[0])
    count, moved, by_trades, failure = 0, ZERO, ZERO, ""
    with localcontext(UNROUNDED):
        for one in _go_through(db, account_id, hours, again):
            computed, sums = one.computed.explained, one.computed.contracts
            wrong = _find_wrong_contracts(computed, sums, one.stored_sums)
            if failure := next(chain(_find_failures(books, computed, one.stored), wrong), ""):
                break
            by_trades += _sum_gross(trade for trade in one.computed.trades if trade.closed_at)
            count += 1
            moved += computed.parts[Part.PRICE_EFFECT] + computed.parts[Part.TRADING]
        by_trades += _sum_gross(again.open) + again.rest
        if not failure and by_trades != (realised := books[0].gains[Gain.REALISED]):
            failure = f"Trades and what was realised beside them are {by_trades:f}, all that was realised {realised:f}"
        return TieOut(
            first=hours[0],
            last=hours[-1],
            hours=count,
            unrealised_before=before,
            price_effect_and_trading=moved,
            methods={one.method: one.total() for one in books},
            failure=failure,
        )


class _Hour(NamedTuple):
    """An hour computed again with its changes, and as it is stored."""

    computed: BookedHour
    stored: Explanation | None
    stored_sums: ContractSums


def _go_through(db: Db, account_id: int, hours: Sequence[datetime], again: HourlyBooks) -> Iterator[_Hour]:
    for stretch in compute_explanations(db, account_id, hours):
        asked = db, account_id, stretch[0].found.hour, stretch[-1].found.hour
        stored = {one.hour: one for one in load_explanations(*asked)}
        sums = load_contract_hours(*asked)
        for computed in again.prepare(stretch):
            hour = computed.explained.hour
            yield _Hour(computed, stored.get(hour), sums.get(hour, ContractSums()))


def _find_failures(books: Sequence[_Books], computed: Explanation, stored: Explanation | None) -> Iterator[str]:
    at = f"{computed.hour:%Y-%m-%d %H:%M} UTC"
    parts = (Part.PRICE_EFFECT, Part.TRADING)
    if stored is None or stored.gains is None:
        yield f"{at}: no gains are stored. The next run computes them; then verify again."
        return
    if [stored.parts[part] for part in parts] != [computed.parts[part] for part in parts]:
        yield f"{at}: price effect and trading are stored as other amounts than the records give"
    if stored.gains != computed.gains:
        yield f"{at}: gains or costs are stored as other amounts than the records give{_describe(stored.gains, computed.gains)}"
    for one in books:
        gains = one.book(computed.changes)
        for asset in computed.assets:
            expected = sum((asset.value.get(part, ZERO) for part in parts), ZERO)
            found = sum(gains.get(asset.asset, {}).values(), one.revalue(asset))
            if found != expected:
                yield f"{at}, {asset.asset}, {one.method}: gains and unrealised are {found:f}, price effect and trading {expected:f}"
            if (held := one.inventories[asset.asset].quantity) != asset.after:
                yield f"{at}, {asset.asset}, {one.method}: {held:f} were booked, {asset.after:f} are held"


def _sum_gross(trades: Iterable[Trade]) -> Decimal:
    """What trades in coins have gained."""
    return sum((one.gross for one in trades if not isinstance(one, ContractTrade)), ZERO)


def _find_wrong_contracts(computed: Explanation, sums: ContractSums, stored: ContractSums) -> Iterator[str]:
    """What positions made is what trades made and a rest; of contracts whose fills are all known, what is rounded."""
    at = f"{computed.hour:%Y-%m-%d %H:%M} UTC"
    if stored != sums:
        yield f"{at}: trades in contracts are stored with other amounts than the records give"
    for one in sums.disagreements:
        yield (
            f"{at}, {one.symbol}: trades made {one.ours:f} {one.settle}, by the exchange's account it is {one.theirs:f}"
        )


def _describe(stored: Gains, computed: Gains | None) -> str:
    if computed is None:
        return ""
    amounts = [(str(gain), stored.amounts[gain], computed.amounts[gain]) for gain in Gain]
    amounts += [("unrealised", stored.unrealised, computed.unrealised)]
    amounts += [
        (f"cost of {asset}", stored.costs.get(asset, ZERO), computed.costs.get(asset, ZERO))
        for asset in sorted({*stored.costs, *computed.costs})
    ]
    name, is_stored, is_computed = next(found for found in amounts if found[1] != found[2])
    return f": {name.replace('_', ' ')} {is_stored:f} instead of {is_computed:f}"
