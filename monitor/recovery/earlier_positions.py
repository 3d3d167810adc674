"""Which derivative positions may have been open in a time before the first reading, at whose beginning nobody read anything.

The first booking of a contract does not say whether it opened a position, enlarged one, or closed one at what it had cost. Its
fills do: what a reading found open later less all of them is what was open before the first. Where that is nothing, and
every booking is of a known fill, the position began with the first of them; else it may have been open all the time before.
Fills that cost and made nothing are booked nowhere: one that is not read leaves a rest, so that nothing is proven.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from finance.contracts import Sides
from finance.decimals import ZERO, exact, total
from finance.exposure import LATE
from finance.moments import SECOND
from finance.records import ContractFill
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError, ExchangePaused
from monitor.ledger.store.contracts_due import DueContract, load_due_contracts
from monitor.ledger.store.fills_and_income import load_contract_fills
from monitor.market.known_prices import Fetched
from monitor.market.missing_prices import with_prices
from monitor.performance.changes import take_recomputation
from monitor.performance.derivation import derive_changes
from monitor.performance.store.exposures import load_open
from monitor.performance.store.members import load_members
from monitor.recovery.contract_fills import read_contract
from monitor.recovery.reconstruction import Booking, End, OpenSpan, find_open_spans
from monitor.recovery.store.reconstructed_hours import load_bookings, load_unmatched

MOST_WEEKS = 60  # of fills that are read of a contract; a call each, a later rebuilding goes on


async def find_earlier_spans(
    run: AccountRun, since: datetime, first: datetime, end: End, *, is_empty: bool
) -> tuple[OpenSpan, ...]:
    """When positions may have been open between `since` and the `first` valued hour, whose reading is `end`.

    `is_empty`: the account held nothing at `since`, so no position was open. Raises ExchangePaused; fills that can't be read
    otherwise are logged, and prove nothing.
    """
    until = end.standing.taken_at
    bookings = load_bookings(run.db, run.account_id, since, until)
    traded = frozenset(booking.symbol for booking in bookings)
    unproven: frozenset[str] = frozenset()
    if not is_empty:
        await _read_fills(run, traded)
        unproven = (end.positions | traded) - _find_proven(run, since, first, end, bookings)
    fills = load_contract_fills(run.db, run.account_id, since, until)
    happened = sorted([*bookings, *(Booking(symbol=f.symbol, at=f.occurred_at) for f in fills)], key=lambda one: one.at)
    begun = {one.symbol: one.at for one in reversed(happened)}
    start = since - SECOND  # nobody read anything at `since`: what was open before may be so at that very moment, too
    spans = find_open_spans(happened, (start, until), before=unproven - begun.keys(), after=end.positions)
    unsure = [
        OpenSpan(symbol=symbol, since=start, until=begun[symbol], is_sure=False)
        for symbol in sorted(unproven & begun.keys())
    ]
    return (*spans, *unsure)


async def _read_fills(run: AccountRun, symbols: Collection[str]) -> None:
    """Read the fills that bookings of these contracts are of, and compute the hours again that they change."""
    contracts = load_due_contracts(run.db, run.account_id) if run.connect().contract_wallets else ()
    for due in contracts:
        if due.symbol in symbols:
            await _try_fills(run, due)

    def write(fetched: Fetched) -> None:
        derive_changes(run.db, run.account_id, fetched, take_recomputation(run.db, run.account_id), at=run.now)

    await with_prices(run.db, run.client, run.ticker, write)


async def _try_fills(run: AccountRun, due: DueContract) -> None:
    try:
        await read_contract(run, due, MOST_WEEKS)
    except ExchangePaused:
        raise
    except ExchangeError as failure:
        run.log("warning", f"Fills of {due.symbol} could not be read, the next run asks again: {failure}")


def _find_proven(
    run: AccountRun, since: datetime, first: datetime, end: End, bookings: Sequence[Booking]
) -> frozenset[str]:
    """The contracts of which nothing was open before their first booking."""
    (member,) = load_members(run.db, run.account_id, first, first)[first]
    after = load_open(run.db, member.snapshot_id).contracts
    fills = load_contract_fills(run.db, run.account_id, since, end.through + LATE)
    unmatched = load_unmatched(run.db, run.account_id, since, end.standing.taken_at)
    booked = {booking.symbol: booking.at for booking in reversed(bookings)}
    return frozenset(
        symbol
        for symbol, at in booked.items()
        if symbol not in unmatched
        and began_with_nothing([fill for fill in fills if fill.symbol == symbol], after, end.through, at)
    )


@exact
def began_with_nothing(fills: Sequence[ContractFill], after: Sides, through: datetime, booked: datetime) -> bool:
    """Whether the `fills` of one contract, in time order, led from nothing to what was open `after` all that came before `through`;
    the first of its bookings was at `booked`.

    A fill in the minute of the reading may be in its positions or not: then nothing is proven.
    """
    if not fills or fills[0].occurred_at >= booked + LATE or fills[-1].occurred_at >= through:
        return False
    sides = {side: contract.quantity for (symbol, side), contract in after.items() if symbol == fills[0].symbol}
    return all(
        total(fill.quantity for fill in fills if fill.side == side) == sides.get(side, ZERO)
        for side in {*sides, *(fill.side for fill in fills)}
    )
