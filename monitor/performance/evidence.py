"""What speaks for and against an account's reading, gathered for `finance.hour_status.judge_hour`, and what it confirms.

An hour whose reading was complete but doubted, or waited for the value of a flow, has no NAV and loses none: the next
reading that fits it gives it the NAV it had.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from finance.decimals import ZERO, exact, total
from finance.flow_values import ValuedFlow
from finance.hour_status import Evidence, HourStatus
from finance.ledger_entries import name_entry
from finance.observed import COUNTED
from finance.plausibility import SMALLEST_NOTICED, find_hidden, is_undone
from finance.prices import VALUATION_ASSET, AssetPrice
from finance.valuation import sum_quantities
from monitor.accounts.client import AccountRun
from monitor.accounts.store.benchmarks import load_configs
from monitor.ledger.store.events import load_moves
from monitor.ledger.store.standings import load_standings
from monitor.ledger.store.unsettled import load_waiting
from monitor.performance.changes import Change
from monitor.performance.intervals import (
    STALE,
    AccountState,
    find_doubt,
    load_state,
    load_state_at,
    measure_unexplained,
)
from monitor.performance.sales import describe_waiting
from monitor.performance.store.history import record_hour
from monitor.performance.store.valued_hours import ValuedHour, load_last_valued
from monitor.performance.torn_readings import may_be_torn
from monitor.snapshots.cross_checks import may_be_skipped_wrongly
from monitor.snapshots.store.cross_checks import load_differing
from monitor.snapshots.store.observations import (
    StoredReading,
    load_last_reading,
    load_open_readings,
    load_worth_by_wallet,
)
from monitor.snapshots.valued_reading import ValuedReading
from sql.rows import Db

LARGE = Decimal("0.1")  # of NAV: a large cash flow (GIPS), not valued by an estimate while more may be reported
PATIENCE = timedelta(days=1)
UNTIL_A_DAY = (
    "Left out until it is there again, or a day has shown no more; if it was money out or in, say so: python -m monitor "
    "flow add"
)
UNDONE = "what it lacked or had too much was as before at the next reading"


def collect_evidence(
    run: AccountRun,
    reading: ValuedReading,
    state: AccountState,
    flows: Sequence[ValuedFlow],
    changes: Iterable[Change],
) -> Evidence:
    """What is known of the run's reading; `flows` came or went since the last valued hour, `changes` are of the past."""
    db, account_id = run.db, run.account_id
    problems = [*reading.problems, *_missing_basket(db, account_id, reading.prices)]
    problems += [describe_waiting(entry) for entry in load_waiting(db, account_id)]
    refused = reading.refused
    hidden = _describe_hidden(run, reading, flows) if refused and not problems else ""
    doubts = [change.doubt for change in changes if change.doubt]
    is_torn = False
    if not (problems or hidden or doubts):
        last = load_last_reading(db, account_id, run.hour)
        doubts = [_doubt_reading(run, last, state) or _doubt_emptied(run, reading, state)]
        is_torn = bool(last and not reading.is_final and may_be_torn(db, account_id, last, reading, state))
    return Evidence(
        problems=problems,
        refused=refused,
        hidden=hidden,
        doubts=[doubt for doubt in doubts if doubt],
        waits=list_waits(flows, state),
        estimates=[*reading.valuation.estimates, *list_uncounted(flows)],
        may_be_found=is_torn or _is_contradicted(run, reading),
    )


def _missing_basket(db: Db, account_id: int, prices: Mapping[str, AssetPrice]) -> list[str]:
    basket = {asset for config in load_configs(db, account_id) for asset in config.assets}
    return [f"the benchmark's {asset} has no price" for asset in sorted(basket - prices.keys())]


def _is_contradicted(run: AccountRun, reading: ValuedReading) -> bool:
    """Whether the exchange's own totals say that something may be missing which a second reading would find."""
    if reading.judged.may_be_found:
        return True
    return may_be_skipped_wrongly(
        reading.judged.wallets, reading.checks, load_differing(run.db, run.account_id, run.hour)
    )


def _describe_hidden(run: AccountRun, reading: ValuedReading, flows: Iterable[ValuedFlow]) -> str:
    """What changed since the last valued hour and nothing explains, where something is refused; empty for nothing."""
    db, account_id, until, holdings = run.db, run.account_id, reading.taken_at, reading.valuation.holdings
    last = load_last_valued(db, account_id, taken_until=until)
    if last is None:
        return ""
    before = load_standings(db, account_id, [last.hour])[last.hour]
    profit = ((asset, -amount) for asset, amount in before.unrealised.items())
    held = sum_quantities([*before.quantities.items(), *profit, (VALUATION_ASSET, -before.counted)])
    counted = total(h.balance.quantity for h in holdings if h.wallet.startswith(COUNTED))
    found = sum_quantities(
        (h.asset, h.balance.quantity - h.balance.unrealised) for h in holdings if not h.wallet.startswith(COUNTED)
    )
    moves = [(flow.entry.asset, flow.entry.quantity) for flow in flows]
    moves += [(move.asset, move.quantity) for move in load_moves(db, account_id, last.taken_at, until)]
    prices = {asset: price.value for asset, price in reading.prices.items()}
    hidden = find_hidden(held, found, moves, prices, counted=total([counted, -before.counted]))
    if hidden == ZERO:
        return ""
    return (
        f"{hidden:+,.2f} {VALUATION_ASSET} came or went since {last.taken_at:%Y-%m-%d %H:%M} UTC that nothing explains; "
        "what is refused may hide it. If it was money in or out, say so: python -m monitor flow add"
    )


def list_waits(flows: Iterable[ValuedFlow], state: AccountState) -> list[str]:
    """Why the hour has to wait for the value of `flows`, and until when."""
    return [_describe_wait(flow) for flow in flows if _is_worth_waiting(flow, state)]


def list_uncounted(flows: Iterable[ValuedFlow]) -> list[str]:
    """Which `flows` do not count yet, because nothing prices their coin."""
    return [f"{name_entry(f.entry)} counts when {f.entry.asset} has a price" for f in flows if f.value is None]


@exact
def _is_worth_waiting(flow: ValuedFlow, state: AccountState) -> bool:
    """Whether it is large beside an account whose worth may become known exactly later."""
    if not flow.unsized or flow.nav_before is None or flow.value is None:
        return False
    is_large = abs(flow.value) > LARGE * min(abs(flow.nav_before), abs(state.basis.worth))
    return is_large and state.taken_at - flow.entry.first_seen_at < PATIENCE


def _describe_wait(flow: ValuedFlow) -> str:
    waiting = f"{name_entry(flow.entry)} is pending valuation: {flow.reason}"
    until = flow.entry.first_seen_at + PATIENCE
    contracts = ", ".join(flow.unsized)
    return f"{waiting}. Every run asks for the trades of {contracts}; from {until:%Y-%m-%d %H:%M} UTC on an estimate counts"


def _doubt_reading(run: AccountRun, last: StoredReading | None, state: AccountState) -> str:
    """Why the `state` that was read for the run's hour is not believed, or nothing.

    It must fit the `last` reading; where that was doubted itself, confirm it or fit the last valued hour instead.
    """
    db, account_id, hour = run.db, run.account_id, run.hour
    if last is None:
        return ""
    if not last.is_doubted:
        return find_doubt(db, account_id, _load(db, last), state)
    valued = load_last_valued(db, account_id, taken_until=state.taken_at, before=hour)
    doubt = _doubt_confirming(db, account_id, valued, last, state)
    if doubt and valued and not find_doubt(db, account_id, load_state_at(db, account_id, valued), state):
        return ""
    return doubt


def _doubt_emptied(run: AccountRun, reading: ValuedReading, state: AccountState) -> str:
    """Why wallets are not believed that held or owed something and are empty now, where no total of the exchange covers them.

    A list that is false twice is as empty the second time: what a doubted reading lacked already is believed after a day.
    """
    db, account_id = run.db, run.account_id
    covered = {wallet for one in reading.snapshot.reading.totals for wallet in one.wallets}
    empty = {wallet.wallet for wallet in reading.judged.wallets if wallet.is_empty} - covered
    doubted = [one for one in load_open_readings(db, account_id, run.hour) if one.is_doubted] if empty else []
    if doubted and state.taken_at - doubted[-1].taken_at >= PATIENCE:
        return ""
    believed = load_last_reading(db, account_id, doubted[-1].hour if doubted else run.hour)
    if believed is None or not empty:
        return ""
    before, held = _load(db, believed), load_worth_by_wallet(db, believed.snapshot_id)
    emptied = {wallet: held[wallet] for wallet in sorted(empty & held.keys()) if abs(held[wallet]) > SMALLEST_NOTICED}
    if not emptied or not is_undone(total(emptied.values()), measure_unexplained(db, account_id, before, state)):
        return ""
    names = ", ".join(f"{wallet} ({worth:,.2f} {VALUATION_ASSET})" for wallet, worth in emptied.items())
    return f"nothing is left of what was held or owed in {names}, and nothing known explains it. {UNTIL_A_DAY}"


def _doubt_confirming(
    db: Db, account_id: int, valued: ValuedHour | None, doubted: StoredReading, state: AccountState
) -> str:
    """Why the `state` that was read later does not confirm a doubted reading, or nothing.

    What is doubtful of it must not be undone for the most part, unless it is explained by now.
    """
    reading, since = _load(db, doubted), doubted.taken_at - STALE
    if valued is None:
        return find_doubt(db, account_id, reading, state, since)
    before = load_state_at(db, account_id, valued)
    if doubt := find_doubt(db, account_id, reading, state, min(since, valued.taken_at)):
        return doubt
    doubt = find_doubt(db, account_id, before, reading)
    unexplained, since_then = (
        measure_unexplained(db, account_id, *pair) for pair in ((before, reading), (reading, state))
    )
    return (doubt or UNDONE) if is_undone(unexplained, since_then) else ""


def confirm_earlier(db: Db, account_id: int, state: AccountState, hour: datetime) -> tuple[datetime, ...]:
    """Give the hours before the valued `hour` their NAV whose readings fit the `state` that was read in it.

    Returns these hours. A doubted reading must be confirmed by the next one; one that waited for the value of a flow was
    never doubted.
    """
    confirmed = []
    for reading in load_open_readings(db, account_id, hour):
        valued = load_last_valued(db, account_id, taken_until=reading.taken_at, before=reading.hour)
        if reading.is_doubted and _doubt_confirming(db, account_id, valued, reading, state):
            continue
        record_hour(
            db,
            account_id,
            reading.hour,
            status=HourStatus.COMPLETE,
            reason=reading.reason,
            snapshot_id=reading.snapshot_id,
            taken_at=reading.taken_at,
            prices_at=reading.prices_at,
            nav=reading.nav,
        )
        confirmed.append(reading.hour)
        state = _load(db, reading)
    return tuple(confirmed)


def _load(db: Db, reading: StoredReading) -> AccountState:
    return load_state(db, reading.snapshot_id, reading.taken_at)


def find_last_estimate(run: AccountRun) -> str:
    """Why the last NAV before the run's hour was an estimate: what goes on is logged when it begins."""
    last = load_last_valued(run.db, run.account_id, taken_until=run.hour, before=run.hour)
    return last.estimate if last else ""
