"""Sales of coins for bank money: which of two amounts is the coin's, and whether it can be true.

The documentation says that `obtainAmount` is the coin's amount, of sales as well; no sale was ever recorded publicly,
and mirrored it would be the bank's. So of the two readings the one counts whose coins were worth the other amount, within
20 %, at the sale's minute; where the prices don't decide, the documented one. A sale whose money stayed in the account
is a trade. One of more than the account can have held is not booked: it waits, and keeps the hour incomplete.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.flow_values import Basis
from finance.ledger_entries import FlowKey, LedgerEntry
from finance.moments import minute_of
from finance.observed import WalletState
from finance.prices import name_pair
from finance.records import FillMarket, FillRecord, FlowRecord, FlowState, Sale
from finance.valuation import sum_quantities
from monitor.accounts.client import AccountRun
from monitor.ledger.store.entries import load_flows_between
from monitor.ledger.store.events import load_moves
from monitor.market.known_prices import Fetched, PriceKey, ValuationPrices, find_prices
from monitor.performance.store.members import load_members
from monitor.performance.store.valued_hours import load_last_valued
from monitor.snapshots.snapshot import Snapshot
from monitor.snapshots.store.observations import load_basis
from sql.rows import Db

LARGEST_SHARE = Decimal("0.2")  # that a sale's worth may differ from what was paid for it
ARRIVED = Decimal("0.9")  # of the money, less a fee, is in the account: it was paid into it
BEYOND = "(more than was held)"
UNREAD = "(waits for a complete reading)"
STAYED = "(paid into the account)"
READING = "reading"  # what a booked sale's raw row says of the choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Sales as they are to be booked."""

    flows: tuple[FlowRecord, ...] = ()
    fills: tuple[FillRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an account had at its last reading before a sale, and what is known to have moved since."""

    basis: Basis
    moved: tuple[tuple[datetime, str, Decimal], ...]

    def quantities(self, until: datetime) -> Mapping[str, Decimal]:
        """What is expected just before `until`."""
        moved = ((asset, quantity) for at, asset, quantity in self.moved if at < until)
        return sum_quantities([*self.basis.quantities.items(), *moved])


def settle_sales(
    run: AccountRun,
    fetched: Fetched,
    records: Iterable[FlowRecord],
    known: Mapping[FlowKey, LedgerEntry],
    snapshot: Snapshot | None,
) -> Settled:
    """`records` with the sales among them settled; without a `snapshot` (of the past) their money went to a bank.

    Raises PricesNeeded. What was settled before stays as it is.
    """
    flows = []
    new = []
    for record in records:
        before = known.get((record.kind, record.exchange_id))
        if record.sale is None or record.state is not FlowState.COUNTED:
            flows.append(record)
        elif before and READING in before.raw and before.state is not FlowState.PENDING:
            flows.append(_repeat(record, before))
        else:
            new.append((record, before, _load_held(run.db, run.account_id, _second(record), snapshot)))
    prices = find_prices(run.db, fetched, {key for record, _, held in new for key in _list_keys(record, held)})
    settled = [_settle(record, before, held, snapshot, _at(record, prices)) for record, before, held in new]
    return Settled(flows=(*flows, *(flow for flow, _ in settled)), fills=tuple(fill for _, fill in settled if fill))


def _second(sold: FlowRecord) -> datetime:
    return (sold.completed_at or sold.requested_at).replace(microsecond=0)


def _list_keys(sold: FlowRecord, held: Held | None) -> set[PriceKey]:
    minute, currency = minute_of(_second(sold)), sold.sale.currency if sold.sale else ""
    return {(asset, minute) for asset in {sold.asset, currency, *(held.quantities(_second(sold)) if held else ())}}


def _at(sold: FlowRecord, prices: ValuationPrices) -> dict[str, Decimal]:
    minute = minute_of(_second(sold))
    return {asset: price.value for (asset, at), price in prices.items() if at == minute}


def _repeat(record: FlowRecord, before: LedgerEntry) -> FlowRecord:
    state = FlowState.VOID if before.exchange_status.endswith(STAYED) else record.state
    return replace(record, amount=before.amount, state=state, exchange_status=before.exchange_status, raw=before.raw)


def _settle(
    sold: FlowRecord,
    before: LedgerEntry | None,
    held: Held | None,
    snapshot: Snapshot | None,
    prices: Mapping[str, Decimal],
) -> tuple[FlowRecord, FillRecord | None]:
    sale = sold.sale
    assert sale  # only sales are settled
    coins, money, reading = _choose(sold.asset, sale, prices)
    booked = replace(sold, amount=coins, raw=sold.raw | {READING: reading})
    if before and before.state is FlowState.COUNTED:
        return booked, None  # booked by an earlier version: what was a flow stays one
    if snapshot and any(wallet.state is WalletState.FAILED for wallet in snapshot.reading.wallets):
        return _wait(booked, UNREAD), None
    if held and not _can_have_held(booked, held.quantities(_second(booked)), {**held.basis.prices, **prices}):
        return _wait(booked, BEYOND), None
    surplus = _find_surplus(sale.currency, held, snapshot) if held and snapshot else ZERO
    if sale.is_paid_in or (sale.is_paid_in is None and surplus >= ARRIVED * (money - sale.fee) > ZERO):
        void = replace(booked, state=FlowState.VOID, exchange_status=f"{booked.exchange_status} {STAYED}")
        return void, _trade(booked, sale.currency, money, surplus)
    return booked, None


def _wait(sold: FlowRecord, why: str) -> FlowRecord:
    return replace(sold, state=FlowState.PENDING, exchange_status=f"{sold.exchange_status} {why}")


def _load_held(db: Db, account_id: int, at: datetime, snapshot: Snapshot | None) -> Held | None:
    last = load_last_valued(db, account_id, taken_until=at) if snapshot else None
    if last is None or snapshot is None:
        return None
    until = snapshot.taken_at
    members = load_members(db, account_id, last.hour, last.hour).get(last.hour, ())
    moves = [(move.at, move.asset, move.quantity) for move in load_moves(db, account_id, last.taken_at, until)]
    flows = load_flows_between(db, [account_id], last.taken_at, until)
    return Held(
        basis=load_basis(db, [member.snapshot_id for member in members]),
        moved=(*moves, *((flow.second, flow.asset, flow.quantity) for flow in flows)),
    )


@exact
def _choose(coin: str, sale: Sale, prices: Mapping[str, Decimal]) -> tuple[Decimal, Decimal, str]:
    """The coin's amount, the bank's, and which reading that is."""
    documented, mirrored = (sale.obtained, sale.given), (sale.given, sale.obtained)
    if coin not in prices or sale.currency not in prices:
        return *documented, "obtainAmount is the coin's: documented, no price to compare with"
    fits = [_fits(coins * prices[coin], money * prices[sale.currency]) for coins, money in (documented, mirrored)]
    if fits == [False, True]:
        return *mirrored, "sourceAmount is the coin's: only that fits the minute's price"
    how = "and fits the minute's price" if fits[0] else "though neither fits the minute's price"
    return *documented, f"obtainAmount is the coin's: documented, {how}"


def _fits(worth: Decimal, paid: Decimal) -> bool:
    return abs(worth - paid) <= LARGEST_SHARE * paid


@exact
def _can_have_held(sold: FlowRecord, quantities: Mapping[str, Decimal], prices: Mapping[str, Decimal]) -> bool:
    """Whether the account had the coins, or enough of others to have bought them since its last reading."""
    if quantities.get(sold.asset, ZERO) >= sold.amount:
        return True
    all_of_it = sum((max(q, ZERO) * prices.get(asset, ZERO) for asset, q in quantities.items()), ZERO)
    return ZERO < sold.amount * prices.get(sold.asset, ZERO) <= all_of_it


@exact
def _find_surplus(currency: str, held: Held, snapshot: Snapshot) -> Decimal:
    """How much more of a currency the account has than everything known gives."""
    found = sum((b.quantity for w in snapshot.reading.wallets for b in w.balances if b.asset == currency), ZERO)
    return found - held.quantities(snapshot.taken_at).get(currency, ZERO)


@exact
def _trade(sold: FlowRecord, currency: str, money: Decimal, surplus: Decimal) -> FillRecord:
    """The coins against the money; what did not arrive of it is the fee."""
    fee = money - surplus if ZERO < surplus < money else ZERO
    return FillRecord(
        market=FillMarket.CONVERT,
        symbol=name_pair(sold.asset, currency),
        exchange_id=f"payment sale {sold.exchange_id}",
        base_asset=sold.asset,
        base_quantity=-sold.amount,
        quote_asset=currency,
        quote_quantity=money,
        fee_asset=currency if fee else "",
        fee=fee,
        occurred_at=_second(sold),
        raw=sold.raw,
    )


def describe_waiting(entry: LedgerEntry) -> str:
    """Why a sale that waits keeps an hour incomplete, and what ends that."""
    return (
        f"the card sale of {entry.amount.normalize():f} {entry.asset} at {entry.requested_at:%Y-%m-%d %H:%M} UTC is more than the "
        f"account held and is not booked ({entry.raw.get(READING, '')}). Compare it with the exchange's page, then: "
        f'python -m monitor flow void {entry.id} --note "...", and flow add --out for what was really sold'
    )
