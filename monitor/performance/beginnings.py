"""What an account or a portfolio held at its valued hours, and what that had cost at the first: what its explanations, gains
and trades begin with, and go on from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain

from finance.attribution.events import Standing
from finance.attribution.explanation import sum_amounts
from finance.attribution.together import Held, stand_together
from finance.basis import begin_costs
from finance.portfolios import Transfer, is_portfolio
from monitor.ledger.store.standings import load_standings
from monitor.ledger.store.transfers import load_transfers
from monitor.performance.store.basis import load_basis
from monitor.performance.store.members import Member, load_members
from monitor.performance.store.together import load_holdings, load_portfolio_rows
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


def load_standing(db: Db, account_id: int, hour: datetime) -> Standing:
    """What was held at a valued hour; of a portfolio what was on its way included."""
    if is_portfolio(account_id):
        return load_readings(db, account_id, [hour])[0][hour].standing
    return load_standings(db, account_id, [hour])[hour]


def load_costs(db: Db, account_id: int, start: Standing) -> dict[str, Decimal]:
    """What all that was held at the first valued hour had cost, by asset: its worth then, but for what its owner says.

    Of a portfolio, where an account begins with the same hour and its owner says what its coins had cost.
    """
    if not is_portfolio(account_id):
        return begin_costs(start, load_basis(db, account_id))
    costs = [start.list_worths()]
    for member in load_members(db, account_id, start.hour, start.hour).get(start.hour, ()):
        stated = load_basis(db, member.account_id)
        if stated and not load_last_valued(db, member.account_id, taken_until=member.taken_at, before=start.hour):
            own = load_standings(db, member.account_id, [start.hour])[start.hour]
            costs += [begin_costs(own, stated), _negate(begin_costs(own, {}))]
    return sum_amounts(costs)


def load_readings(
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


def _negate(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: -amount for name, amount in amounts.items()}
