"""Why NAV went from one valued hour to the next: pure, and exact to the last digit.

For each asset the quantity after is the quantity before plus fills, flows, income, fees, profit of positions and a
residual, which is what no history shows. Every change d of a quantity is booked with a value v; what its price did
from then to the hour is a price effect (of a fill: trading). With quantities q, prices p and the residual e,

    q1 p1 - q0 p0  =  q0 (p1 - p0)  +  sum (d p1 - v)  +  sum v  +  e p1

holds whatever values are booked: a flow at its minute's price; the base of a fill at what was given for it; a fee in
its base at the fill's price; all else at the hour's closing price, without a request (so it has the move since then).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import NotRequired, TypedDict

from finance.attribution.counted import SMALLEST_VALUE, find_moved
from finance.attribution.events import Event, Flow, Income, Standing
from finance.attribution.explanation import PARTS, AssetExplanation, Change, Explanation, Part, State, sum_amounts
from finance.decimals import UNROUNDED, ZERO, exact, stored
from finance.moments import SECOND
from finance.prices import VALUATION_ASSET
from finance.records import FillRecord, IncomeKind, OrderRole

SMALLEST_UNIT = Decimal("1e-8")  # what an event may be rounded by, in units of its asset
LATE = timedelta(minutes=1)
MOST_LATE = 50
RESOLUTION = timedelta(microseconds=1)
TRADING_FEE = "trading_commission"
LOAN_INTEREST = "loan_interest"
LARGEST_LOAN_INTEREST = Decimal("0.001")  # of the debt, an hour
HOUR_SECONDS = 3600
COSTS = (IncomeKind.FUTURES_COMMISSION, IncomeKind.LIQUIDATION_FEE, IncomeKind.MARGIN_INTEREST)


Prices = Mapping[str, Decimal]


def explain_hour(before: Standing, after: Standing, events: Sequence[Event], late: Sequence[Event] = ()) -> Explanation:
    """Why NAV went from `before` to `after`, given every known event in between, in time order.

    `late` are the events of the minute after the reading, in time order: reading takes seconds, so the balances may
    have the first ones already. As many of them as explain the hour are counted in it.
    """
    plain = _explain(before, after, events, after.taken_at)
    if plain.state is not State.UNEXPLAINED:
        return plain
    for count, last in enumerate(late[:MOST_LATE], 1):
        more = _explain(before, after, (*events, *late[:count]), last.occurred_at + RESOLUTION)
        if more.state is not State.UNEXPLAINED:
            return more
    return plain


def _explain(before: Standing, after: Standing, events: Sequence[Event], through: datetime) -> Explanation:
    with localcontext(UNROUNDED):
        closing = _closing_prices(before, after, events)
        changes = list(_book_unrealised(before, after, closing))
        changes += [change for event in events for change in _book(event, closing)]
        changes += list(_book_loan_interest(before, after, changes, closing))
        changes += list(_book_counted(before, after, changes, closing))
        assets = _explain_assets(before, after, changes, closing)
        parts: dict[Part, Decimal] = {
            part: sum((asset.value.get(part, ZERO) for asset in assets), ZERO) for part in PARTS
        }
        # NAV is quantities times prices; should it ever be more, that is unexplained too.
        beyond = after.nav - before.nav - sum(parts.values())
        parts[Part.RESIDUAL] += beyond
        return Explanation(
            from_hour=before.hour,
            hour=after.hour,
            nav_before=before.nav,
            nav_after=after.nav,
            parts=parts,
            income=_by_kind(changes, Part.INCOME),
            fees=_by_kind(changes, Part.FEES),
            assets=tuple(asset for asset in assets if asset.value or asset.units),
            state=_judge(assets, beyond),
            through=through,
            changes=(*changes, *_book_residual(assets)),
        )


def _closing_prices(before: Standing, after: Standing, events: Iterable[Event]) -> dict[str, Decimal]:
    """Prices at the hour; an asset that came and went within it has the price of its last fill."""
    closing = {**before.prices, **after.prices}
    for fill in events:
        if isinstance(fill, FillRecord) and fill.base_asset not in after.prices and fill.base_quantity:
            closing[fill.base_asset] = value_at_fill(fill, Decimal(1), closing.get(fill.quote_asset, ZERO))
    return closing


@exact
def value_at_fill(fill: FillRecord, quantity: Decimal, quote_price: Decimal) -> Decimal:
    """The value of `quantity` units of the fill's base at the fill's own price, to 18 decimals."""
    return stored(quantity * abs(fill.quote_quantity) / abs(fill.base_quantity) * quote_price)


def _book_unrealised(before: Standing, after: Standing, closing: Prices) -> Iterator[Change]:
    for asset in sorted({*before.unrealised, *after.unrealised}):
        change = after.unrealised.get(asset, ZERO) - before.unrealised.get(asset, ZERO)
        yield _at_closing(asset, change, closing, Part.POSITIONS)


def _book_loan_interest(
    before: Standing, after: Standing, changes: Sequence[Change], closing: Prices
) -> Iterator[Change]:
    """The growth of a loan's debt, where exactly that is missing: what was borrowed would have come in somewhere."""
    seconds = (after.taken_at - before.taken_at) // SECOND
    for asset, owed in sorted(before.loaned.items()):
        growth = after.loaned.get(asset, ZERO) - owed
        known = sum((change.quantity for change in changes if change.asset == asset), ZERO)
        missing = after.quantities.get(asset, ZERO) - before.quantities.get(asset, ZERO) - known
        is_little = growth * HOUR_SECONDS <= owed * LARGEST_LOAN_INTEREST * seconds
        if growth > 0 and is_little and missing == -growth:
            yield _at_closing(asset, -growth, closing, Part.FEES, LOAN_INTEREST)


def _book_counted(before: Standing, after: Standing, changes: Sequence[Change], closing: Prices) -> Iterator[Change]:
    if not (grown := after.counted - before.counted):
        return
    known = [{change.asset: -change.quantity} for change in changes]
    held = {asset: -quantity for asset, quantity in before.quantities.items()}
    missing = sum_amounts([after.quantities, held, *known, {VALUATION_ASSET: -grown}])
    moved = find_moved(grown, missing, closing)
    given = {asset: units * closing[asset] for asset, units in sorted(moved.items()) if asset != VALUATION_ASSET}
    for asset, value in given.items():
        yield Change(asset=asset, quantity=moved[asset], value=value, part=Part.TRADING)
    for part, value in (
        (Part.TRADING, -sum(given.values(), ZERO)),
        (Part.POSITIONS, grown + sum(given.values(), moved.get(VALUATION_ASSET, ZERO))),
    ):
        if value:
            yield Change(asset=VALUATION_ASSET, quantity=value, value=value, part=part)


class _Record(TypedDict):
    """Where a change comes from, as fields of a change."""

    at: datetime
    row: str
    market: NotRequired[str]
    order: NotRequired[str]
    role: NotRequired[OrderRole | None]


def _book(event: Event, closing: Prices) -> Iterator[Change]:
    if isinstance(event, FillRecord):
        return _book_fill(event, closing)
    record = _Record(at=event.occurred_at, row=f"{'d' if isinstance(event, Flow) else 'i'}{event.number}")
    if isinstance(event, Income):
        part = _part_of(event.kind)
        return iter([_at_closing(event.asset, event.quantity, closing, part, str(event.kind), record)])
    if event.value is None:
        return iter([_at_closing(event.asset, event.quantity, closing, Part.FLOWS, "", record)])
    return iter([Change(asset=event.asset, quantity=event.quantity, value=event.value, part=Part.FLOWS, **record)])


def _part_of(kind: IncomeKind) -> Part:
    if kind is IncomeKind.REALISED_PROFIT:
        return Part.POSITIONS
    return Part.FEES if kind in COSTS else Part.INCOME


def _at_closing(
    asset: str, quantity: Decimal, closing: Prices, part: Part, kind: str = "", record: _Record | None = None
) -> Change:
    value = quantity * closing.get(asset, ZERO)
    if record is None:
        return Change(asset=asset, quantity=quantity, value=value, part=part, kind=kind)
    return Change(asset=asset, quantity=quantity, value=value, part=part, kind=kind, **record)


def _book_fill(fill: FillRecord, closing: Prices) -> Iterator[Change]:
    row, market = f"f{fill.number}", str(fill.market)
    record = _Record(at=fill.occurred_at, row=row, market=market, order=fill.order_id, role=fill.role)
    quote = _at_closing(fill.quote_asset, fill.quote_quantity, closing, Part.TRADING, "", record)
    yield quote
    yield Change(asset=fill.base_asset, quantity=fill.base_quantity, value=-quote.value, part=Part.TRADING, **record)
    if fill.fee and fill.fee_asset == fill.base_asset and fill.base_quantity:
        value = value_at_fill(fill, -fill.fee, closing.get(fill.quote_asset, ZERO))
        yield Change(asset=fill.fee_asset, quantity=-fill.fee, value=value, part=Part.FEES, kind=TRADING_FEE, **record)
    elif fill.fee:
        yield _at_closing(fill.fee_asset, -fill.fee, closing, Part.FEES, TRADING_FEE, record)


def _explain_assets(
    before: Standing, after: Standing, changes: Iterable[Change], closing: Prices
) -> list[AssetExplanation]:
    by_asset: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_asset[change.asset].append(change)
    names = sorted({*before.quantities, *after.quantities, *by_asset})
    return [_explain_asset(name, before, after, by_asset[name], closing.get(name, ZERO)) for name in names]


def _explain_asset(
    name: str, before: Standing, after: Standing, changes: Sequence[Change], closing: Decimal
) -> AssetExplanation:
    held, found = before.quantities.get(name, ZERO), after.quantities.get(name, ZERO)
    units: defaultdict[Part, Decimal] = defaultdict(Decimal)
    value: defaultdict[Part, Decimal] = defaultdict(Decimal)
    if held:
        value[Part.PRICE_EFFECT] = held * (closing - before.prices[name])
    for change in changes:
        is_fill = change.part is Part.TRADING
        units[change.part] += change.quantity
        value[Part.EXCHANGED if is_fill else change.part] += change.value
        value[Part.TRADING if is_fill else Part.PRICE_EFFECT] += change.quantity * closing - change.value
    units[Part.RESIDUAL] = found - held - sum((change.quantity for change in changes), ZERO)
    value[Part.RESIDUAL] = units[Part.RESIDUAL] * closing
    return AssetExplanation(
        asset=name,
        before=held,
        after=found,
        price=closing,
        units={part: amount for part, amount in units.items() if amount},
        value={part: amount for part, amount in value.items() if amount},
        events=len(changes),
    )


def _book_residual(assets: Iterable[AssetExplanation]) -> Iterator[Change]:
    """What came or went without a record, as changes at the end of the hour."""
    for one in assets:
        if one.residual:
            yield Change(asset=one.asset, quantity=one.residual, value=one.residual_value, part=Part.RESIDUAL)


def _by_kind(changes: Iterable[Change], part: Part) -> dict[str, Decimal]:
    return sum_amounts({change.kind: change.value} for change in changes if change.part is part)


def _judge(assets: Iterable[AssetExplanation], beyond: Decimal) -> State:
    missing = [asset for asset in assets if asset.residual]
    if not missing and not beyond:
        return State.EXPLAINED
    is_small = abs(beyond) <= SMALLEST_VALUE and all(
        abs(asset.residual) <= SMALLEST_UNIT * max(asset.events, 1) and abs(asset.residual_value) <= SMALLEST_VALUE
        for asset in missing
    )
    return State.TOLERANCE if is_small else State.UNEXPLAINED
