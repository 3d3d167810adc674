"""Why NAV went from one valued hour to the next: pure, and exact to the last digit.

For each asset the quantity after is the quantity before plus fills, flows, income, fees, profit of positions and a
residual, which is what no history shows. Every change d of a quantity is booked with a value v; what its price did
from then to the hour is a price effect (of a fill: trading). With quantities q, prices p and the residual e,

    q1 p1 - q0 p0  =  q0 (p1 - p0)  +  sum (d p1 - v)  +  sum v  +  e p1

holds whatever values are booked; `finance.attribution.booked` says which. What has no moment of its own (the profit
that is open, interest that no history shows) counts at the hour's closing price.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from finance.attribution.booked import HourPrices, Minute, MinutePrices, Prices, book_event, list_minutes, value_at_fill
from finance.attribution.counted import SMALLEST_VALUE, find_moved
from finance.attribution.events import Event, Income, Standing
from finance.attribution.explanation import (
    AssetExplanation,
    Change,
    Explanation,
    Part,
    State,
    sum_amounts,
    sum_kinds,
    sum_parts,
)
from finance.decimals import ONE, UNROUNDED, ZERO
from finance.moments import SECOND, minute_of
from finance.prices import VALUATION_ASSET
from finance.records import FillRecord

SMALLEST_UNIT = Decimal("1e-8")  # what an event may be rounded by, in units of its asset
LATE = timedelta(minutes=1)
MOST_LATE = 50
RESOLUTION = timedelta(microseconds=1)
LOAN_INTEREST = "loan_interest"
LARGEST_LOAN_INTEREST = Decimal("0.001")  # of the debt, an hour
HOUR_SECONDS = 3600
SCALES = [Decimal(10) ** power for power in range(1, 7)]
TWICE = 2  # by how much a price may move, beside the scale, while nobody trades


def explain_hour(
    before: Standing,
    after: Standing,
    events: Sequence[Event],
    late: Sequence[Event] = (),
    minutes: MinutePrices | None = None,
) -> Explanation:
    """Why NAV went from `before` to `after`, given every known event in between, in time order.

    `late` are the events of the minute after the reading, in time order: reading takes seconds, so the balances may
    have the first ones already. As many of them as explain the hour are counted in it, all of one moment or none. With `minutes` the hour is booked
    by the minute if they have every price that it takes (`find_minutes`): one rule holds for all of it.
    """
    plain = _explain(before, after, events, after.taken_at, minutes)
    if plain.state is not State.UNEXPLAINED:
        return plain
    for count, last in enumerate(late[:MOST_LATE], 1):
        if count < len(late) and late[count].occurred_at == last.occurred_at:
            continue
        more = _explain(before, after, (*events, *late[:count]), last.occurred_at + RESOLUTION, minutes)
        if more.state is not State.UNEXPLAINED:
            return more
    return plain


def find_minutes(before: Standing, after: Standing, events: Sequence[Event]) -> set[Minute]:
    """Asset and minute of every price that it takes to book `events` of an hour by the minute."""
    is_asked = any(isinstance(one, Income) for one in events)  # nothing else asks what its coin is worth
    return set(list_minutes(events, _closing_prices(before, after, events, {}) if is_asked else {}))


def _explain(
    before: Standing, after: Standing, events: Sequence[Event], through: datetime, minutes: MinutePrices | None
) -> Explanation:
    with localcontext(UNROUNDED):
        prices = _choose_prices(before, after, events, minutes)
        closing = prices.closing
        changes = list(_book_unrealised(before, after, closing))
        changes += [change for event in events for change in book_event(event, prices)]
        changes += list(_book_loan_interest(before, after, changes, closing))
        changes += list(_book_counted(before, after, changes, closing))
        changes += list(_book_residual(before, after, changes, closing))
        assets = _explain_assets(before, after, changes, closing)
        # NAV is quantities times prices; should it ever be more, that is unexplained too.
        parts, beyond = sum_parts(assets, after.nav - before.nav)
        return Explanation(
            from_hour=before.hour,
            hour=after.hour,
            nav_before=before.nav,
            nav_after=after.nav,
            parts=parts,
            income=sum_kinds(changes, Part.INCOME),
            fees=sum_kinds(changes, Part.FEES),
            assets=tuple(asset for asset in assets if asset.value or asset.units),
            state=_judge(assets, beyond),
            through=through,
            booking=prices.booking,
            changes=tuple(changes),
        )


def _choose_prices(
    before: Standing, after: Standing, events: Sequence[Event], minutes: MinutePrices | None
) -> HourPrices:
    closing = _closing_prices(before, after, events, {})
    if minutes is None or any(one not in minutes for one in list_minutes(events, closing)):
        return HourPrices(closing)
    return HourPrices(_closing_prices(before, after, events, minutes), minutes)


def _closing_prices(
    before: Standing, after: Standing, events: Iterable[Event], minutes: MinutePrices
) -> dict[str, Decimal]:
    """Prices at the hour; an asset that came and went within it has the price of its last fill."""
    closing = {**before.prices, **after.prices}
    for fill in events:
        if not isinstance(fill, FillRecord):
            continue
        at_minute = minutes.get((fill.quote_asset, minute_of(fill.occurred_at))) if minutes else None
        quote_price = closing.get(fill.quote_asset, ZERO) if at_minute is None else at_minute
        if fill.quote_asset not in after.prices and at_minute is not None:
            closing[fill.quote_asset] = at_minute
        if fill.base_asset not in after.prices and fill.base_quantity:
            closing[fill.base_asset] = value_at_fill(fill, ONE, quote_price)
    return closing


def _book_unrealised(before: Standing, after: Standing, closing: Prices) -> Iterator[Change]:
    for asset in sorted({*before.unrealised, *after.unrealised}):
        change = after.unrealised.get(asset, ZERO) - before.unrealised.get(asset, ZERO)
        yield Change(asset=asset, quantity=change, value=change * closing.get(asset, ZERO), part=Part.POSITIONS)


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
            value = -growth * closing.get(asset, ZERO)
            yield Change(asset=asset, quantity=-growth, value=value, part=Part.FEES, kind=LOAN_INTEREST)


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


def _book_residual(before: Standing, after: Standing, changes: Sequence[Change], closing: Prices) -> Iterator[Change]:
    """What came or went without a record, at the end of the hour and its price.

    Where an exchange gave a coin another scale, all of it goes and comes back at what it was worth: with the price of new
    units for all that came, and the old price's fall for all that was there, its trade would show a loss nobody made.
    """
    left = defaultdict(Decimal, after.quantities)
    for asset, quantity in (*before.quantities.items(), *((change.asset, change.quantity) for change in changes)):
        left[asset] -= quantity
    for asset, missing in sorted(left.items()):
        if not missing:
            continue
        old, price = before.quantities.get(asset, ZERO), closing.get(asset, ZERO)
        if old > 0 and _is_rescaled(old, old + missing, before.prices[asset], price):
            worth = old * before.prices[asset]
            yield Change(asset=asset, quantity=-old, value=-worth, part=Part.RESIDUAL)
            yield Change(asset=asset, quantity=old + missing, value=worth, part=Part.RESIDUAL)
        else:
            yield Change(asset=asset, quantity=missing, value=missing * price, part=Part.RESIDUAL)


def _is_rescaled(old: Decimal, new: Decimal, price: Decimal, new_price: Decimal) -> bool:
    """Whether there are ten, a hundred, a thousand ... times as many units as before or as many times fewer, and a unit is
    worth that many times less or more, but for what its price does meanwhile."""
    is_scaled = any(new in (old * scale, old / scale) for scale in SCALES)
    return is_scaled and old * price < TWICE * new * new_price < TWICE * TWICE * old * price


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
    units: dict[Part, Decimal] = {}
    value: dict[Part, Decimal] = {}
    for change in changes:
        units[change.part] = units.get(change.part, ZERO) + change.quantity
        value[change.part] = value.get(change.part, ZERO) + change.value
    price_effect = held * (closing - before.prices[name]) if held else ZERO
    for part, amount in units.items():
        effect = amount * closing - value[part]  # of the price since the changes
        if part is Part.TRADING:
            value[Part.EXCHANGED], value[part] = value[part], effect
        else:
            price_effect += effect
    value[Part.PRICE_EFFECT] = price_effect
    return AssetExplanation(
        asset=name,
        before=held,
        after=found,
        price=closing,
        units={part: amount for part, amount in units.items() if amount},
        value={part: amount for part, amount in value.items() if amount},
        events=sum(change.part is not Part.RESIDUAL for change in changes),
    )


def _judge(assets: Iterable[AssetExplanation], beyond: Decimal) -> State:
    missing = [asset for asset in assets if asset.residual]
    if not missing and not beyond:
        return State.EXPLAINED
    is_small = abs(beyond) <= SMALLEST_VALUE and all(
        abs(asset.residual) <= SMALLEST_UNIT * max(asset.events, 1) and abs(asset.residual_value) <= SMALLEST_VALUE
        for asset in missing
    )
    return State.TOLERANCE if is_small else State.UNEXPLAINED
