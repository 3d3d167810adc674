"""The explanations of a portfolio's hours, made of its accounts': with gains and trades as if they were one account.

What happened in an account's hour is found as its own explanation found it; hours in which only prices moved are not looked
into. An hour looks at as much, however long history is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, groupby, pairwise

from finance.attribution.events import Standing
from finance.attribution.explanation import Explanation, sum_amounts
from finance.attribution.together import Between, Held, explain_together, stand_together
from finance.basis import begin_costs
from finance.decimals import ZERO
from finance.portfolios import Transfer
from monitor.ledger.store.standings import load_standings
from monitor.ledger.store.transfers import load_transfers
from monitor.performance.explanations import AT_ONCE, add_gains, explain_account
from monitor.performance.store.basis import load_basis
from monitor.performance.store.explanations import load_explanations
from monitor.performance.store.members import Member, load_members
from monitor.performance.store.together import load_explained, load_flow_worths, load_holdings, load_portfolio_rows
from monitor.performance.store.valued_hours import load_last_valued
from monitor.performance.transit import value_transit
from sql.rows import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A portfolio's hour: who is part of it, and what each and all of them held."""

    members: Mapping[int, Member]
    held: Mapping[int, Sequence[Held]]
    standing: Standing
    underway: Sequence[Held]


def explain_portfolio(
    db: Db, number: int, hours: Sequence[datetime], hour_before: Explanation | None
) -> Iterator[list[Explanation]]:
    """The explanations of a portfolio's valued `hours` but the first, a stretch at a time; nothing is written.

    `hour_before` explains the first of `hours`, if anything does.
    """
    for start in range(0, len(hours) - 1, AT_ONCE):
        stretch = _explain_stretch(db, number, hours[start : start + AT_ONCE + 1], hour_before)
        hour_before = stretch[-1]
        yield stretch


def begin_portfolio(db: Db, number: int, hour: datetime) -> tuple[Standing, dict[str, Decimal]]:
    """What a portfolio held at its first hour and what that had cost: its worth then, but where an account begins with the
    same hour and its owner says what its coins had cost."""
    reading, _ = _load_readings(db, number, [hour])
    costs = [reading[hour].standing.list_worths()]
    for account_id, member in reading[hour].members.items():
        stated = load_basis(db, account_id)
        if stated and not load_last_valued(db, account_id, taken_until=member.taken_at, before=hour):
            own = load_standings(db, account_id, [hour])[hour]
            costs += [begin_costs(own, stated), _negate(begin_costs(own, {}))]
    return reading[hour].standing, sum_amounts(costs)


def load_portfolio_standing(db: Db, number: int, hour: datetime) -> Standing:
    """What a portfolio held at a valued hour, what was on its way included."""
    readings, _ = _load_readings(db, number, [hour])
    return readings[hour].standing


def _explain_stretch(
    db: Db, number: int, hours: Sequence[datetime], hour_before: Explanation | None
) -> list[Explanation]:
    readings, transfers = _load_readings(db, number, hours)
    begin = min((one.taken_at for one in readings[hours[0]].members.values()), default=hours[0])
    own = {f"d{one.in_number}": ZERO for one in transfers} | {f"d{one.out_number}": one.cost for one in transfers}
    values = load_flow_worths(db, number, begin, readings[hours[-1]].standing.taken_at)
    happened = _explain_accounts(db, readings, hours)
    costs = None if hour_before else begin_portfolio(db, number, hours[0])[1]
    explanations = []
    for earlier, later in pairwise(hours):
        before, after = readings[earlier], readings[later]
        stay = before.members.keys() & after.members.keys()
        between = Between(
            accounts=[_list_within(happened[account], earlier, later) for account in sorted(stay)],
            joined=[*_list_held(after, stay), *(_take(one) for one in _list_held(before, stay))],
            own=own,
            underway={one.asset for one in after.underway},
            values=values,
        )
        found = explain_together(before.standing, after.standing, between)
        hour_before = add_gains(found, before.standing, after.standing, hour_before, costs)
        explanations.append(hour_before)
    return explanations


def _load_readings(
    db: Db, number: int, hours: Sequence[datetime]
) -> tuple[dict[datetime, Reading], tuple[Transfer, ...]]:
    """A portfolio's valued `hours`, and the transfers between its accounts since the first."""
    members = load_members(db, number, hours[0], hours[-1])
    parts = {hour: {one.account_id: one for one in members.get(hour, ())} for hour in hours}
    held: defaultdict[int, list[Held]] = defaultdict(list)
    snapshots = {one.snapshot_id for part in parts.values() for one in part.values()}
    for one in load_holdings(db, snapshots):
        held[one.snapshot_id].append(Held(one.asset, one.quantity, one.worth))
    transfers = load_transfers(db, number, min((one.taken_at for one in parts[hours[0]].values()), default=hours[0]))
    moments = [{one.account_id: one.taken_at for one in parts[hour].values()} for hour in hours]
    underway = value_transit(db, None, transfers, moments)
    rows = load_portfolio_rows(db, number, hours)
    readings = {}
    for hour, on_its_way in zip(hours, underway, strict=True):
        found = {account: held[one.snapshot_id] for account, one in parts[hour].items()}
        everything = [*chain(*found.values()), *on_its_way]
        standing = stand_together(hour, rows[hour].taken_at, rows[hour].nav, everything)
        readings[hour] = Reading(members=parts[hour], held=found, standing=standing, underway=on_its_way)
    return readings, transfers


def _explain_accounts(
    db: Db, readings: Mapping[datetime, Reading], hours: Sequence[datetime]
) -> defaultdict[int, dict[datetime, Explanation]]:
    """The hours of the accounts in which anything happened, by account, each explained as it is stored, with its changes."""
    found: defaultdict[int, dict[datetime, Explanation]] = defaultdict(dict)
    accounts = {account for one in readings.values() for account in one.members}
    for account, group in groupby(load_explained(db, accounts, hours[0], hours[-1]), lambda one: one.account_id):
        rows = list(group)
        busy = [number for number, one in enumerate(rows) if one.is_busy]
        if not busy:
            continue
        chosen = rows[busy[0] : busy[-1] + 1]
        own = [chosen[0].from_hour, *(one.hour for one in chosen)]
        before = next(iter(load_explanations(db, account, own[0], own[0])), None)
        explained = chain.from_iterable(explain_account(db, account, own, before))
        found[account] = {one.hour: one for one in explained if one.changes}
    return found


def _list_within(hours: Mapping[datetime, Explanation], earlier: datetime, later: datetime) -> list[Explanation]:
    return [one for hour, one in hours.items() if earlier < hour <= later]


def _list_held(reading: Reading, stay: Collection[int]) -> Iterator[Held]:
    """What the accounts of a reading held that are not part of both ends."""
    for account, held in reading.held.items():
        if account not in stay:
            yield from held


def _take(held: Held) -> Held:
    return Held(held.asset, -held.quantity, -held.worth)


def _negate(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: -amount for name, amount in amounts.items()}
