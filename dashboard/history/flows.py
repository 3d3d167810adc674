"""Money in and out."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from dashboard.history.members import member
from dashboard.history.rates import USDT, per
from sql.rows import Db, Row, load_row

# What came before an account's first valued hour was there when it was read: the opening has it, nothing else values it.
IN_OPENING = (
    "(f.state = 'counted' and f.treatment = 'flow' and f.kind <> 'opening' and f.occurred_at < coalesce((select"
    " date_trunc('second', n.taken_at) from nav n where n.account_id = f.account_id and n.unit_price is not null"
    " order by n.hour limit 1), '-infinity'))"
)

MEMBER = member("f", "coalesce(f.occurred_at, f.requested_at)")
NEWEST: LiteralString = "coalesce(f.occurred_at, f.requested_at) desc, f.transaction_id desc"
COLUMNS: Mapping[str, LiteralString] = {
    "at": "coalesce(f.occurred_at, f.requested_at)",
    "account": "a.label",
    "flow": "f.kind",
    "asset": "f.asset",
    "quantity": "f.quantity",
    "fee": "f.fee",
    "price": "f.price",
    "value": "f.value",
    "units": "f.units",
    "state": "f.status",
    "network": "nullif(f.network, '')",
    "exchange": "a.exchange",
}
# A text within what the reader sees of a flow, and the exchange's number of it.
FOUND: LiteralString = """
    strpos(
      lower(concat_ws(' ', to_char(coalesce(f.occurred_at, f.requested_at) at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'),
        a.label, replace(f.kind, '_', ' '), f.asset, f.exchange_id, f.state, f.treatment, f.price_source, f.reason, f.note,
        f.status, f.network, f.address, f.transaction, a.exchange)),
      lower(%(find)s)
    ) > 0
"""


def hour_of_flow(row: LiteralString, at: LiteralString, early: LiteralString = "interval '0'") -> LiteralString:
    """An expression: the first valued hour of its account that contains a flow of the moment `at`, else the one it was in.

    A flow in the second of a reading is not in it, one that is an interval `early` is.
    """
    return f"""coalesce(
            (
              select min(n.hour)
              from nav n
              where n.account_id = {row}.account_id
                and n.unit_price is not null
                and n.hour >= date_trunc('hour', {at}, 'UTC')
                and date_trunc('second', n.taken_at) + {early} > date_trunc('second', {at})
            ),
            date_trunc('hour', {at}, 'UTC')
          )"""


def in_currency(currency: str) -> LiteralString:
    """Columns: the value and the price of a flow `f` in a currency, at the rate of the first hour that contains it."""
    at: LiteralString = "coalesce(f.occurred_at, f.requested_at)"
    is_there: LiteralString = "case when f.kind = 'opening' then interval '1 second' else interval '0' end"
    rate = per(hour_of_flow("f", at, is_there), currency)
    return f"f.value{rate} as value, f.price{rate} as price"


def load_flows(
    db: Db,
    account_id: int,
    since: datetime,
    until: datetime | None = None,
    *,
    limit: int = 100,
    skip: int = 0,
    with_void: bool = True,
    find: str = "",
    order: LiteralString = NEWEST,
    currency: str = USDT,
    zone: str = "UTC",
) -> list[Row]:
    """Flows since a time that contain the text `find`, in the `order` of a statement; `in_opening`: the opening has it.

    An opening that moved, because the time before it was rebuilt, is left out: the one that counts says when it is.
    """
    return db.execute(
        f"""
        select f.*, a.label, a.exchange, coalesce(f.occurred_at, f.requested_at) as at, {IN_OPENING} as in_opening,
          {in_currency(currency)}
        from flows f
        join accounts a using (account_id)
        where {MEMBER}
          and coalesce(f.occurred_at, f.requested_at) >= %(since)s
          and (%(until)s::timestamptz is null or coalesce(f.occurred_at, f.requested_at) <= %(until)s)
          and (f.state <> 'void' or (%(with_void)s and f.kind <> 'opening'))
          and {FOUND}
        order by {order}
        limit %(limit)s offset %(skip)s
        """,
        {
            "id": account_id,
            "since": since,
            "until": until,
            "limit": limit,
            "skip": skip,
            "with_void": with_void,
            "find": find,
            "currency": currency,
            "zone": zone,
        },
    ).fetchall()


def load_flow_marks(db: Db, account_id: int, since: datetime, until: datetime) -> list[Row]:
    """Moment and value of the flows that bought or redeemed units in a period, openings left out; the 200 largest."""
    return db.execute(
        """
        select p.occurred_at as at, p.value
        from flow_points p
        join flow_revisions r using (transaction_id)
        where p.account_id = %(id)s and r.kind <> 'opening' and p.occurred_at between %(since)s and %(until)s
        order by abs(p.value) desc
        limit 200
        """,
        {"id": account_id, "since": since, "until": until},
    ).fetchall()


class Sums(NamedTuple):
    """Money that came and went, in USDT."""

    paid_in: Decimal
    paid_out: Decimal  # negative
    pend: int  # how many flows have no value yet


def load_sums(db: Db, account_id: int, since: datetime, until: datetime | None, currency: str = USDT) -> Sums:
    """What came in and went out in a period.

    Of a portfolio, what came and went over its own border: not what moved between its accounts.
    """
    sums = load_row(
        db,
        Sums,
        f"""
        with points as (
          select p.value{per(hour_of_flow("p", "p.occurred_at"), currency)} as value
          from flow_points p
          join flow_revisions r using (transaction_id)
          where p.account_id = %(id)s
            and r.kind <> 'opening'
            and p.occurred_at >= %(since)s
            and (%(until)s::timestamptz is null or p.occurred_at <= %(until)s)
        )
        select (select coalesce(sum(value), 0) from points where value > 0) as paid_in,
          (select coalesce(sum(value), 0) from points where value < 0) as paid_out, count(*) as pend
        from flows f
        where {MEMBER}
          and treatment = 'flow'
          and kind <> 'opening'
          and (state = 'pending' or (state = 'counted' and value is null and not {IN_OPENING}))
          and coalesce(occurred_at, requested_at) >= %(since)s
          and (%(until)s::timestamptz is null or coalesce(occurred_at, requested_at) <= %(until)s)
        """,
        {"id": account_id, "since": since, "until": until, "currency": currency},
    )
    assert sums
    return sums


def load_revisions(db: Db, account_id: int, since: datetime, limit: int = 50) -> list[Row]:
    """All revisions of corrected flows, the newest of each first, with the label of their account; no moved openings."""
    return db.execute(
        f"""
        select r.*, a.label
        from flow_revisions r
        join accounts a using (account_id)
        where {member("r", "coalesce(r.occurred_at, r.first_seen_at)")}
          and r.first_seen_at >= %(since)s
          and r.kind <> 'opening'
          and exists (
            select 1
            from flow_revisions l
            where l.account_id = r.account_id
              and l.kind = r.kind
              and l.exchange_id = r.exchange_id
              and l.revision > 1
          )
        order by r.exchange_id, r.account_id, r.revision desc
        limit %(limit)s
        """,
        {"id": account_id, "since": since, "limit": limit},
    ).fetchall()
