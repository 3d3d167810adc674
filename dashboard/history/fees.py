"""Fees: what was paid for trading, borrowing, holding and withdrawing, in coins and in USDT."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from dashboard.history.members import IN_VIEW, member
from sql.rows import Db, load_rows

NEWEST: LiteralString = "f.at desc, f.id desc"
COLUMNS: Mapping[str, LiteralString] = {
    "at": "f.at",
    "type": "f.type",
    "asset": "f.asset",
    "quantity": "f.quantity",
    "value": "f.value",
    "symbol": "f.symbol",
    "account": "a.label",
}
# Those of the hours that Explain adds up; network fees of withdrawals, which are part of their flows; and of a portfolio, to
# which what goes from account to account is no flow, the network fees of that.
OF_PERIOD: LiteralString = f"""
    hours as materialized (
      select e.account_id, e.hour
      from explanations e
      where {IN_VIEW} and e.hour > %(since)s and e.hour <= %(until)s
    ), paid as (
      select f.*
      from hours
      join fees f using (account_id, hour)
      union all
      select f.*
      from fees f
      where f.hour is null and f.at > %(since)s and f.at <= %(until)s and {member("f", "f.at")}
        and not exists (select from transfers t where t.portfolio_id = %(id)s and f.row = 'd' || t.out_id)
      union all
      select o.account_id, f.at, f.row, 'TRANSFER', f.transaction_type, f.asset, f.quantity, f.value, f.trade_id, f.symbol,
        f.order_id, f.hour, f.id
      from fees f
      join flow_revisions o on o.transaction_id = substr(f.row, 2)::bigint
      where f.account_id = %(id)s and f.account_id <= 0 and f.type = 'WITHDRAWAL' and f.hour > %(since)s and f.hour <= %(until)s
    )
    """
FOUND: LiteralString = """
    strpos(
      lower(concat_ws(' ', to_char(f.at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI'), f.type, f.asset, f.symbol, f.trade_id,
        f.order_id, a.label, a.exchange)),
      lower(%(find)s)
    ) > 0
    """


class FeeSum(NamedTuple):
    """What was paid of one type, at one exchange, in a month of UTC, in one coin; what was got back is negative."""

    type: str
    exchange: str
    month: datetime
    asset: str
    fees: int
    quantity: Decimal
    value: Decimal  # of those with a price
    unpriced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFee:
    """One fee, and the trade whose result it lowers."""

    id: str
    account_id: int
    label: str
    exchange: str
    at: datetime
    hour: datetime | None  # None: a withdrawal's
    type: str
    asset: str
    quantity: Decimal
    value: Decimal | None
    symbol: str
    trade_id: str | None


def load_fee_sums(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[FeeSum, ...]:
    """The fees of the hours after `since` up to `until`."""
    return load_rows(
        db,
        FeeSum,
        f"""
        with {OF_PERIOD}
        select f.type, a.exchange, date_trunc('month', f.at, 'UTC') as month, f.asset, count(*) as fees,
          sum(f.quantity) as quantity, coalesce(sum(f.value), 0) as value, count(*) filter (where f.value is null) as unpriced
        from paid f
        join accounts a using (account_id)
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        """,
        {"id": account_id, "since": since, "until": until},
    )


def load_fee_list(
    db: Db,
    account_id: int,
    since: datetime,
    until: datetime,
    *,
    find: str,
    order: LiteralString,
    limit: int,
    skip: int,
    zone: str,
) -> tuple[ListedFee, ...]:
    """Those that contain the text `find`, in the `order` of a statement."""
    return load_rows(
        db,
        ListedFee,
        f"""
        with {OF_PERIOD}
        select f.id, f.account_id, a.label, a.exchange, f.at, f.hour, f.type, f.asset, f.quantity, f.value, f.symbol, f.trade_id
        from paid f
        join accounts a using (account_id)
        where %(find)s = '' or {FOUND}
        order by {order}
        limit %(limit)s offset %(skip)s
        """,
        {
            "id": account_id,
            "since": since,
            "until": until,
            "find": find,
            "limit": limit,
            "skip": skip,
            "zone": zone,
        },
    )
