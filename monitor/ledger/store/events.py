"""What an account held at its hours, and every event in between: what explanations are computed from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from finance.attribution.hour import Event, Flow, Income, Standing
from finance.decimals import ONE, ZERO, total
from finance.flow_values import Move
from finance.observed import COUNTED
from finance.prices import VALUATION_ASSET
from finance.records import FillMarket, FillRecord, IncomeKind
from monitor.database import Db, Row
from monitor.ledger.store.deferred import load_counted_values
from monitor.ledger.store.entries import NEWEST

LOANS = "loans"  # the wallet of debts whose interest no history tells
DEBTS = ("borrowed", "repaid")  # what is owned and what is owed change together


def load_standings(db: Db, account_id: int, hours: Sequence[datetime]) -> dict[datetime, Standing]:
    """What the account held at each of its valued `hours`."""
    asked = {"account": account_id, "hours": list(hours), "loans": LOANS, "counted": COUNTED}
    held: defaultdict[datetime, list[Row]] = defaultdict(list)
    for row in db.execute(
        "select n.hour, h.asset, sum(h.free + h.locked - h.owed) as quantity, sum(h.unrealised) as unrealised,"
        " coalesce(sum(h.owed) filter (where h.wallet = %(loans)s), 0) as loaned, coalesce(sum(h.free - h.owed)"
        " filter (where starts_with(h.wallet, %(counted)s)), 0) as counted, max(h.price) as price from nav_history n join holdings h on h.snapshot_id = n.snapshot_id"
        " where n.account_id = %(account)s and n.hour = any(%(hours)s) group by n.hour, h.asset",
        asked,
    ):
        held[row["hour"]].append(row)
    prices: defaultdict[datetime, dict[str, Decimal]] = defaultdict(dict)
    for row in db.execute(
        "select n.hour, p.asset, p.price from nav_history n join accounts a on a.id = n.account_id"
        " join ticker_prices p on p.exchange = a.exchange and p.at = n.prices_at"
        " where n.account_id = %(account)s and n.hour = any(%(hours)s)",
        asked,
    ):
        prices[row["hour"]][row["asset"]] = row["price"]
    rows = db.execute(
        "select hour, taken_at, nav from nav_history where account_id = %(account)s and hour = any(%(hours)s)", asked
    )
    return {row["hour"]: _standing(row, held[row["hour"]], prices[row["hour"]]) for row in rows}


def _standing(row: Row, held: Iterable[Row], prices: dict[str, Decimal]) -> Standing:
    valued = {asset["asset"]: asset["price"] or ZERO for asset in held}  # without a price it counts as nothing
    return Standing(
        hour=row["hour"],
        taken_at=row["taken_at"],
        nav=row["nav"],
        quantities={asset["asset"]: asset["quantity"] for asset in held if asset["quantity"]},
        prices={VALUATION_ASSET: ONE} | prices | valued,
        unrealised={asset["asset"]: asset["unrealised"] for asset in held if asset["unrealised"]},
        loaned={asset["asset"]: asset["loaned"] for asset in held if asset["loaned"]},
        counted=total(asset["counted"] for asset in held),
    )


def load_flows(db: Db, account_id: int, since: datetime, until: datetime) -> list[Event]:
    """Every entry of the ledger that took effect in [since, until) and is no move between own wallets, in time order.

    What the owner calls income is income.
    """
    rows = db.execute(
        "select t.asset, t.quantity, t.treatment, t.occurred_at, case when d.kind is null then v.value else 0 end as value"
        " from processed_transactions t left join deferred_flows d using (account_id, kind, exchange_id)"
        " left join flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id"
        " where t.account_id = %(account)s and t.occurred_at >= %(since)s and t.occurred_at < %(until)s"
        f" and t.state = 'counted' and t.kind <> 'opening' and t.treatment <> 'internal' and {NEWEST}"
        " order by t.occurred_at, t.id",
        {"account": account_id, "since": since, "until": until},
    ).fetchall()
    # What nothing priced came without a value, which came later without anything.
    later = [Flow(**row, quantity=ZERO) for row in load_counted_values(db, account_id, since, until)]
    return sorted([*map(_flow, rows), *later], key=lambda event: event.occurred_at)


def _flow(row: Row) -> Event:
    at, asset, quantity = row["occurred_at"], row["asset"], row["quantity"]
    if row["treatment"] == "income":
        return Income(kind=IncomeKind.OTHER, asset=asset, quantity=quantity, occurred_at=at)
    return Flow(asset=asset, quantity=quantity, value=row["value"], occurred_at=at)


def load_happenings(db: Db, account_id: int, since: datetime, until: datetime) -> list[Event]:
    """Fills and income of [since, until), in time order."""
    asked = {"account": account_id, "since": since, "until": until}
    income = db.execute(
        "select kind, asset, amount, occurred_at from income where account_id = %(account)s"
        " and occurred_at >= %(since)s and occurred_at < %(until)s order by occurred_at, id",
        asked,
    )
    fills = db.execute(
        "select market, symbol, exchange_id, base_asset, base_quantity, quote_asset, quote_quantity, fee_asset, fee,"
        " occurred_at from fills where account_id = %(account)s and occurred_at >= %(since)s"
        " and occurred_at < %(until)s order by occurred_at, id",
        asked,
    )
    events: list[Event] = [_income(row) for row in income if row["kind"] not in DEBTS]
    events += [FillRecord(**(row | {"market": FillMarket(row["market"])})) for row in fills]
    return sorted(events, key=lambda event: event.occurred_at)


def _income(row: Row) -> Income:
    kind = IncomeKind(row["kind"])
    return Income(kind=kind, asset=row["asset"], quantity=row["amount"], occurred_at=row["occurred_at"])


def load_moves(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[Move, ...]:
    """Everything in [since, until) that changed the account's quantities and was no flow, in time order.

    What is stamped in the seconds of a reading at either moment and was explained as part of it belongs to that reading.
    """
    begin, end = (_count_through(db, account_id, moment) for moment in (since, until))
    rows = db.execute(
        "select at, asset, quantity from ("
        " select account_id, occurred_at as at, base_asset as asset, base_quantity as quantity from fills union all"
        " select account_id, occurred_at, quote_asset, quote_quantity from fills union all"
        " select account_id, occurred_at, fee_asset, -fee from fills where fee <> 0 union all"
        " select account_id, occurred_at, asset, amount from income where kind <> all(%(debts)s)) moves"
        " where account_id = %(account)s and at >= %(begin)s and at < %(end)s union all"
        " select occurred_at, asset, quantity from processed_transactions t where account_id = %(account)s"
        " and occurred_at >= %(since)s and occurred_at < %(until)s"
        " and state = 'counted' and treatment = 'income' and not exists (select from processed_transactions n"
        " where n.account_id = t.account_id and n.kind = t.kind and n.exchange_id = t.exchange_id"
        " and n.revision > t.revision) order by at",
        {
            "account": account_id,
            "since": since,
            "until": until,
            "begin": begin,
            "end": end,
            "debts": list(DEBTS),
        },
    )
    return tuple(Move(at=row["at"], asset=row["asset"], quantity=row["quantity"]) for row in rows)


def _count_through(db: Db, account_id: int, taken_at: datetime) -> datetime:
    """Up to when what is stamped after `taken_at` is in the reading of that moment."""
    row = db.execute(
        "select greatest(e.through, n.taken_at) as through from nav_history n join explanations e using (account_id, hour)"
        " where n.account_id = %(account)s and n.taken_at = %(at)s and n.hour between %(at)s - interval '2 hours' and %(at)s",
        {"account": account_id, "at": taken_at},
    ).fetchone()
    return row["through"] if row and row["through"] else taken_at


def load_earliest_move(db: Db, account_id: int, run_id: int | None) -> datetime | None:
    """When the earliest fill or income took place that the run added, of those since the account's first valued hour."""
    row = db.execute(
        "select min(occurred_at) as earliest from ("
        " select occurred_at from fills where account_id = %(account)s and run_id = %(run)s union all"
        " select occurred_at from income where account_id = %(account)s and run_id = %(run)s) added"
        " where occurred_at >= (select taken_at from nav_history where account_id = %(account)s"
        " and status in ('COMPLETE', 'RECONSTRUCTED') order by hour limit 1)",
        {"account": account_id, "run": run_id},
    ).fetchone()
    return row["earliest"] if row else None
