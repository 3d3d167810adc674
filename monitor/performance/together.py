"""The explanations of a portfolio's hours, made of its accounts': with gains and trades as if they were one account.

What happened in an account's hour is found as its own explanation found it; hours in which only prices moved are not looked
into. An hour looks at as much, however long history is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise

from finance.attribution.explanation import Explanation
from finance.attribution.together import Between, Held, explain_together
from finance.decimals import ZERO
from monitor.performance.beginnings import Reading, load_readings
from monitor.performance.explanations import AT_ONCE, ExplainedHour, explain_account
from monitor.performance.store.explanations import load_explanations
from monitor.performance.store.together import load_explained, load_flow_worths
from sql.rows import Db


def explain_portfolio(db: Db, number: int, hours: Sequence[datetime]) -> Iterator[list[ExplainedHour]]:
    """The explanations of a portfolio's valued `hours` but the first, a stretch at a time; nothing is written."""
    for start in range(0, len(hours) - 1, AT_ONCE):
        yield _explain_stretch(db, number, hours[start : start + AT_ONCE + 1])


def _explain_stretch(db: Db, number: int, hours: Sequence[datetime]) -> list[ExplainedHour]:
    readings, transfers = load_readings(db, number, hours)
    begin = min((one.taken_at for one in readings[hours[0]].members.values()), default=hours[0])
    own = {f"d{one.in_number}": ZERO for one in transfers} | {f"d{one.out_number}": one.cost for one in transfers}
    values = load_flow_worths(db, number, begin, readings[hours[-1]].standing.taken_at)
    happened = _explain_accounts(db, readings, hours)
    explained = []
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
        explained.append(ExplainedHour(found, before.standing, after.standing))
    return explained


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
        explained = (one.found for stretch in explain_account(db, account, own, before) for one in stretch)
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
