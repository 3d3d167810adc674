"""Why a portfolio's NAV changed: what its accounts' hours are explained by, booked as if they were one account.

A withdrawal of one account that is the deposit of another is no event here but for what the network took, which is a fee;
what is on its way meanwhile is held. An account that joins or leaves is a flow of all that it holds, at its worth then.
Each account has prices of its own, so worths are added up and never multiplied, and what prices did is the rest of a change.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import NamedTuple

from finance.attribution.booking import Booking
from finance.attribution.events import Standing
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
from finance.inventory import take_share
from finance.moments import EPOCH

WITHDRAWAL_FEE = "withdrawal_fee"
MISSING = "missing"  # the kind of what no account's hour has


class Held(NamedTuple):
    """Units of an asset, and what they are worth."""

    asset: str
    quantity: Decimal
    worth: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """What happened between two hours of a portfolio."""

    accounts: Sequence[Sequence[Explanation]]  # the hours in which anything happened, of each that is part of both ends
    joined: Sequence[
        Held
    ] = ()  # what accounts brought that are part of the later end alone; negative of the earlier alone
    own: Mapping[str, Decimal]  # records of transfers between accounts: what the network took of it; 0 where it arrived
    underway: Collection[str] = ()  # what is on its way at the later end
    values: Mapping[str, Decimal]  # of the other flows, by record, as the portfolio's units count them


def stand_together(hour: datetime, taken_at: datetime, nav: Decimal, held: Sequence[Held]) -> Standing:
    """What a portfolio held, of what its accounts did and what was on its way between them."""
    units = sum_amounts({one.asset: one.quantity} for one in held)
    return Standing(
        hour=hour,
        taken_at=taken_at,
        nav=nav,
        quantities={asset: quantity for asset, quantity in units.items() if quantity},
        prices={},
        unrealised={},
        combined=sum_amounts({one.asset: one.worth} for one in held),
    )


def explain_together(before: Standing, after: Standing, between: Between) -> Explanation:
    """Why a portfolio's NAV went from `before` to `after`."""
    with localcontext(UNROUNDED):
        changes = _merge(_book_account(hours, between) for hours in between.accounts)
        changes += _book_joined(between, after.taken_at)
        changes += _book_missing(before, after, changes)
        assets = _explain_assets(before, after, changes, between)
        parts, beyond = sum_parts(assets, after.nav - before.nav)
        states = [one.state for hours in between.accounts for one in hours]
        is_missing = beyond or any(one.kind == MISSING for one in changes)
        return Explanation(
            from_hour=before.hour,
            hour=after.hour,
            nav_before=before.nav,
            nav_after=after.nav,
            parts=parts,
            income=sum_kinds(changes, Part.INCOME),
            fees=sum_kinds(changes, Part.FEES),
            assets=assets,
            state=State.UNEXPLAINED if is_missing else max(states, key=list(State).index, default=State.EXPLAINED),
            through=after.taken_at,
            booking=min((one.booking for hours in between.accounts for one in hours), default=Booking.MINUTE),
            changes=tuple(changes),
        )


def _merge(accounts: Iterable[Iterable[tuple[datetime, Change]]]) -> list[Change]:
    """The changes of all accounts in time order; those of one account stay in its own."""
    found = [one for account in accounts for one in account]
    return [change for _, change in sorted(found, key=lambda one: one[0])]


def _book_account(hours: Sequence[Explanation], between: Between) -> Iterator[tuple[datetime, Change]]:
    """The changes of an account as the portfolio sees them, each with the moment up to which it waits for others'.

    What an hour books without a record comes at its end, and the profit of open positions before all else.
    """
    latest = EPOCH
    for hour in hours:
        for change in hour.changes:
            is_first = change.at is None and change.part is Part.POSITIONS
            latest = max(latest, hour.from_hour if is_first else change.at or hour.through)
            if seen := _see(change._replace(at=change.at or hour.through), between):
                yield latest, seen


def _see(change: Change, between: Between) -> Change | None:
    """A change as the portfolio books it; None where it is none."""
    if change.part is not Part.FLOWS:
        return change
    if (cost := between.own.get(change.row)) is not None:
        if not cost or not change.quantity:
            return None
        value = take_share(change.value, -cost, change.quantity)
        return change._replace(quantity=-cost, value=value, part=Part.FEES, kind=WITHDRAWAL_FEE)
    return change._replace(value=between.values.get(change.row, change.value))


def _book_joined(between: Between, at: datetime) -> list[Change]:
    units = sum_amounts({one.asset: one.quantity} for one in between.joined)
    worths = sum_amounts({one.asset: one.worth} for one in between.joined)
    return [
        Change(asset=asset, quantity=units[asset], value=worth, part=Part.FLOWS, at=at)
        for asset, worth in sorted(worths.items())
        if worth or units[asset]
    ]


def _negate(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: -amount for name, amount in amounts.items()}


def _book_missing(before: Standing, after: Standing, changes: Iterable[Change]) -> list[Change]:
    """Units that are held and that nothing booked brought, or the other way round: none where nothing is lost on its way."""
    booked = sum_amounts([before.quantities, *({one.asset: one.quantity} for one in changes)])
    missing = sum_amounts([after.quantities, _negate(booked)])
    found = []
    for asset, units in sorted(missing.items()):
        if units:
            end = after if after.quantities.get(asset) else before
            held = end.quantities.get(asset, ZERO)
            value = take_share(end.list_worths()[asset], units, held) if held else ZERO
            at = after.taken_at
            found.append(Change(asset=asset, quantity=units, value=value, part=Part.RESIDUAL, kind=MISSING, at=at))
    return found


def _explain_assets(
    before: Standing, after: Standing, changes: Iterable[Change], between: Between
) -> tuple[AssetExplanation, ...]:
    units: defaultdict[str, defaultdict[Part, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    value: defaultdict[str, defaultdict[Part, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    events: defaultdict[str, int] = defaultdict(int)
    for change in changes:
        events[change.asset] += 1
        units[change.asset][change.part] += change.quantity
        value[change.asset][Part.EXCHANGED if change.part is Part.TRADING else change.part] += change.value
    for one in (one for hours in between.accounts for hour in hours for one in hour.assets):
        if Part.TRADING in one.value:
            value[one.asset][Part.TRADING] += one.value[Part.TRADING]
    old, new = before.list_worths(), after.list_worths()
    found = []
    for asset in sorted({*old, *new, *units}):
        worth, held = new.get(asset, ZERO), after.quantities.get(asset, ZERO)
        value[asset][Part.PRICE_EFFECT] = worth - old.get(asset, ZERO) - sum(value[asset].values(), ZERO)
        one = AssetExplanation(
            asset=asset,
            before=before.quantities.get(asset, ZERO),
            after=held,
            price=take_share(worth, ONE, held) if held else ZERO,
            units={part: amount for part, amount in units[asset].items() if amount},
            value={part: amount for part, amount in value[asset].items() if amount},
            events=events[asset],
            combined=worth,
            is_stored=bool(units[asset] or value[asset].keys() - {Part.PRICE_EFFECT} or asset in between.underway),
        )
        if one.value or one.units:
            found.append(one)
    return tuple(found)
