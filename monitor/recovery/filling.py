"""Writing rebuilt hours: priced at their full hours, part by part, each part as a whole with all that follows from it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from finance.contracts import OpenContract
from finance.decimals import ZERO
from finance.flow_values import ValuationPrice
from finance.moments import SECOND
from finance.valuation import Valuation
from monitor.accounts.account_run import AccountRun
from monitor.accounts.store.benchmarks import load_configs
from monitor.accounts.store.portfolios import ALL_ACCOUNTS
from monitor.market.missing_prices import Fetched, with_prices
from monitor.market.past_prices import PriceKey, find_hour_prices
from monitor.market.ticker import find_closures
from monitor.performance.booking import move_opening
from monitor.performance.derivation import derive_history
from monitor.performance.store.changes import record_changed_hours
from monitor.performance.store.history import load_shown
from monitor.recovery.depths import Say
from monitor.recovery.reconstruction import Quantities, value_reconstructed
from monitor.recovery.store.reconstructed_hours import (
    load_hour_prices,
    record_hour_prices,
    record_left_open,
    record_reconstructed_hour,
)

REASON = "hours before were rebuilt from the exchange's records"
FIRST_PART = 720  # hours; later parts are as long as what is done, so that deriving all of it stays in proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hours to be rebuilt."""

    hours: Mapping[datetime, Quantities]  # what was held at each of them
    left_open: Mapping[datetime, str]  # hours that can't be exact, and why
    is_first: bool  # before everything that is known: the account's opening moves to its beginning
    unpriced: frozenset[str] = frozenset()  # what counts as nothing at a reading beside them
    contracts: Mapping[datetime, Sequence[OpenContract]] = field(default_factory=dict)  # what was open at them


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a rebuilding came to."""

    hours: tuple[datetime, ...] = ()
    left_open: Mapping[datetime, str] = field(default_factory=dict)
    reason: str = ""  # why not all that was asked for


async def fill_stretch(run: AccountRun, stretch: Stretch, say: Say) -> Filled:
    """Write the hours that have all prices; the others stay open with the reason. Raises ExchangeError.

    Parts are written from the newest to the oldest: what is interrupted has a shorter history, and no broken one.
    """
    done: set[datetime] = set()
    left_open = dict(stretch.left_open)
    count = len(stretch.hours) + len(left_open)
    for part in _parts(sorted(stretch.hours)):
        valuations = await _value(run, stretch, part)
        left_open |= {hour: "; ".join(v.problems) for hour, v in valuations.items() if v.problems}
        known = {hour: valuation for hour, valuation in valuations.items() if not valuation.problems}
        if known:
            await _write_part(run, stretch, known, left_open)
        done |= known.keys()
        say(f"history {min(count, len(done) + len(left_open))}/{count} hours")
    if stretch.is_first:
        left_open = {hour: reason for hour, reason in left_open.items() if done and hour > min(done)}
    else:
        record_left_open(run.db, run.account_id, left_open)
    return Filled(hours=tuple(sorted(done)), left_open=left_open)


def _parts(hours: Sequence[datetime]) -> Iterator[Sequence[datetime]]:
    end = len(hours)
    while end:
        start = max(0, end - max(FIRST_PART, len(hours) - end))
        yield hours[start:end]
        end = start


async def _value(run: AccountRun, stretch: Stretch, part: Iterable[datetime]) -> dict[datetime, Valuation]:
    configs = (*load_configs(run.db, run.account_id), *load_configs(run.db, ALL_ACCOUNTS))
    basket = {asset for config in configs for asset in config.assets}
    settled = {hour: {contract.margin_asset for contract in open_then} for hour, open_then in stretch.contracts.items()}
    # A basket's price is needed as much as that of a holding, and that of what a position settles in.
    held = {hour: {**dict.fromkeys(basket | settled.get(hour, set()), ZERO), **stretch.hours[hour]} for hour in part}
    prices = await _price(run, {(asset, hour) for hour, assets in held.items() for asset in assets})
    closed = await find_closures(run.client.market, held)
    return {
        hour: value_reconstructed(
            held[hour],
            {asset: prices.get((asset, hour)) for asset in held[hour]},
            closed_since=closed.get(hour),
            unpriced=stretch.unpriced,
            contracts=stretch.contracts.get(hour, ()),
        )
        for hour in held
    }


async def _price(run: AccountRun, keys: set[PriceKey]) -> dict[PriceKey, ValuationPrice]:
    known = load_hour_prices(run.db, run.client.exchange, keys)
    ticker = run.ticker or await run.client.market.fetch_ticker()
    fetched = await find_hour_prices(run.db, run.client, ticker, keys - known.keys())
    found = {key: price for key, price in fetched.items() if price}
    record_hour_prices(run.db, run.client.exchange, found)
    return known | found


async def _write_part(
    run: AccountRun, stretch: Stretch, known: Mapping[datetime, Valuation], left_open: Mapping[datetime, str]
) -> None:
    first = min(known)

    def write(fetched: Fetched) -> None:
        for hour, valuation in known.items():
            record_reconstructed_hour(run.db, run.account_id, hour, valuation, stretch.contracts.get(hour, ()))
        record_left_open(run.db, run.account_id, {hour: why for hour, why in left_open.items() if hour > first})
        if stretch.is_first:
            move_opening(run.db, run.account_id, first, known[first].nav or ZERO, run.now)
        derive_shown(run, fetched, first, REASON)

    await with_prices(run.db, run.client, run.ticker, write)


def derive_shown(run: AccountRun, fetched: Fetched, first: datetime, reason: str) -> None:
    """Derive the account's hours from `first` on, and record for what `reason` those have changed that were shown."""
    shown = load_shown(run.db, run.account_id, first, run.unseen_hour)
    derive_history(run.db, run.account_id, fetched, since=first - SECOND)
    figures = load_shown(run.db, run.account_id, first, run.unseen_hour)
    changed = [hour for hour in shown if shown[hour] != figures[hour]]
    record_changed_hours(run.db, run.account_id, changed, reason=reason, at=run.now)
