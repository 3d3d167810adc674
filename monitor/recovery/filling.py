"""Writing rebuilt hours: priced at their full hours, part by part, each part as a whole with all that follows from it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from finance.contracts import OpenContract
from finance.decimals import ZERO
from finance.flow_values import KnownPrice
from finance.valuation import Valuation
from monitor.accounts.client import ExchangeClient
from monitor.accounts.registry import TrackedAccount
from monitor.accounts.store.benchmarks import load_configs
from monitor.accounts.store.portfolios import ALL_ACCOUNTS
from monitor.database import Db
from monitor.exchanges.public import Ticker
from monitor.market.closure import find_closures
from monitor.market.past_prices import find_hour_prices, find_minute_prices
from monitor.market.price_rounds import fetch_fills
from monitor.market.scope import PriceKey, PricesNeeded, Scope
from monitor.market.store.minute_prices import load_minute_prices, record_minute_prices
from monitor.performance.derivation import derive_history
from monitor.performance.openings import move_opening
from monitor.performance.store.changes import record_changed_hours
from monitor.performance.store.history import load_shown
from monitor.recovery.depths import Tell, keep_silent
from monitor.recovery.rebuilding import Quantities, value_rebuilt
from monitor.recovery.store.rebuilt import load_hour_prices, record_hour_prices, record_left_open, record_rebuilt_hour

SECOND = timedelta(seconds=1)
REBUILT = "hours before were rebuilt from the exchange's records"
FIRST_PART = 720  # hours; later parts are as long as what is done, so that deriving all of it stays in proportion
PRICES_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilder:
    """Whose history is rebuilt, and with what."""

    db: Db
    client: ExchangeClient
    ticker: Ticker
    account: TrackedAccount
    now: datetime  # the exchange's clock
    is_again: bool = False  # read also what an earlier call has read
    current_hour: datetime | None = None  # the run's own hour: nobody has seen it yet
    tell: Tell = keep_silent

    def scope(self, account_id: int) -> Scope:
        """For deriving an account's history."""
        return Scope(account_id=account_id, exchange=self.client.exchange, fetched={})


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


async def fill_stretch(work: Rebuilder, stretch: Stretch) -> Filled:
    """Write the hours that have all prices; the others stay open with the reason. Raises ExchangeError.

    Parts are written from the newest to the oldest: what is interrupted has a shorter history, and no broken one.
    """
    done: set[datetime] = set()
    left_open = dict(stretch.left_open)
    count = len(stretch.hours) + len(left_open)
    for part in _parts(sorted(stretch.hours)):
        valuations = await _value(work, stretch, part)
        left_open |= {hour: "; ".join(v.problems) for hour, v in valuations.items() if v.problems}
        known = {hour: valuation for hour, valuation in valuations.items() if not valuation.problems}
        if known:
            await _write_part(work, stretch, known, left_open)
        done |= known.keys()
        work.tell(f"history {min(count, len(done) + len(left_open))}/{count} hours")
    if stretch.is_first:
        left_open = {hour: reason for hour, reason in left_open.items() if done and hour > min(done)}
    else:
        record_left_open(work.db, work.account.id, left_open)
    return Filled(hours=tuple(sorted(done)), left_open=left_open)


def _parts(hours: Sequence[datetime]) -> Iterator[Sequence[datetime]]:
    end = len(hours)
    while end:
        start = max(0, end - max(FIRST_PART, len(hours) - end))
        yield hours[start:end]
        end = start


async def _value(work: Rebuilder, stretch: Stretch, part: Iterable[datetime]) -> dict[datetime, Valuation]:
    configs = (*load_configs(work.db, work.account.id), *load_configs(work.db, ALL_ACCOUNTS))
    basket = {asset for config in configs for asset in config.assets}
    settled = {hour: {contract.margin_asset for contract in open_then} for hour, open_then in stretch.contracts.items()}
    # A basket's price is needed as much as that of a holding, and that of what a position settles in.
    held = {hour: {**dict.fromkeys(basket | settled.get(hour, set()), ZERO), **stretch.hours[hour]} for hour in part}
    prices = await _price(work, {(asset, hour) for hour, assets in held.items() for asset in assets})
    closed = await find_closures(work.client.market, held)
    return {
        hour: value_rebuilt(
            held[hour],
            {asset: prices.get((asset, hour)) for asset in held[hour]},
            closed_since=closed.get(hour),
            unpriced=stretch.unpriced,
            contracts=stretch.contracts.get(hour, ()),
        )
        for hour in held
    }


async def _price(work: Rebuilder, keys: set[PriceKey]) -> dict[PriceKey, KnownPrice]:
    known = load_hour_prices(work.db, work.client.exchange, keys)
    fetched = await find_hour_prices(work.db, work.client, work.ticker, keys - known.keys())
    found = {key: price for key, price in fetched.items() if price}
    record_hour_prices(work.db, work.client.exchange, found)
    return known | found


async def _write_part(
    work: Rebuilder, stretch: Stretch, known: Mapping[datetime, Valuation], left_open: Mapping[datetime, str]
) -> None:
    first = min(known)
    db, account_id, scope = work.db, work.account.id, work.scope(work.account.id)

    def write() -> None:
        for hour, valuation in known.items():
            record_rebuilt_hour(db, account_id, hour, valuation, stretch.contracts.get(hour, ()))
        record_left_open(db, account_id, {hour: reason for hour, reason in left_open.items() if hour > first})
        if stretch.is_first:
            move_opening(db, account_id, first, known[first].nav or ZERO, work.now)
        derive_shown(work, scope, first, REBUILT)

    await write_past(work, scope, write)


def derive_shown(work: Rebuilder, scope: Scope, first: datetime, reason: str) -> None:
    """Derive the account's hours from `first` on, and tell for what `reason` those have changed that were shown."""
    shown = load_shown(work.db, scope.account_id, first, work.current_hour)
    derive_history(work.db, scope, since=first - SECOND)
    figures = load_shown(work.db, scope.account_id, first, work.current_hour)
    changed = [hour for hour in shown if shown[hour] != figures[hour]]
    record_changed_hours(work.db, scope.account_id, changed, reason=reason, at=work.now)


async def write_past(work: Rebuilder, scope: Scope, write: Callable[[], None]) -> None:
    """Do `write` in one transaction, again with the prices and fills of the past that it asks for.

    Raises ExchangeError.
    """
    while needed := _try(work.db, write):
        scope.fetched.update(dict.fromkeys(needed.keys) | await learn_minute_prices(work, needed.keys))
        scope.fills.update(await fetch_fills(work.client, needed.fills))


def _try(db: Db, write: Callable[[], None]) -> PricesNeeded | None:
    try:
        with db.transaction():
            write()
    except PricesNeeded as needed:
        return needed
    return None


async def learn_minute_prices(work: Rebuilder, keys: Collection[PriceKey]) -> dict[PriceKey, KnownPrice]:
    """Those of the prices at past minutes that exist; what is fetched is recorded at once, some at a time."""
    known = load_minute_prices(work.db, work.client.exchange, keys)
    missing = sorted(set(keys) - known.keys())
    for start in range(0, len(missing), PRICES_AT_ONCE):
        batch = missing[start : start + PRICES_AT_ONCE]
        fetched = await find_minute_prices(work.db, work.client, work.ticker, batch)
        found = {key: price for key, price in fetched.items() if price}
        record_minute_prices(work.db, work.client.exchange, found)
        known |= found
    return known
