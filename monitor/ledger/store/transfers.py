"""Which withdrawals of a portfolio's accounts are deposits of others. Derived from the ledger: matched anew at will."""

from datetime import datetime, timedelta

from finance.hour_status import VALUED
from finance.transfers import Transfer
from monitor.ledger.store.entries import NEWEST
from sql.rows import Db, load_rows, load_values

LONGEST_WAY = timedelta(days=30)
MEMBER = "from member_hours h where h.portfolio_id = %(portfolio)s and h.status = any(%(valued)s)"
WHOLE = "from nav_history whole where whole.account_id = %(portfolio)s and whole.status = any(%(valued)s)"
# Whether who gets it (i) was part of the whole when it left (o) and in every row until it arrived.
EXPECTED = f"""
    exists (select {MEMBER} and h.account_id = i.account_id and h.taken_at <= o.occurred_at)
      and not exists (
        select {WHOLE}
          and whole.hour between o.occurred_at - interval '2 hours' and i.occurred_at
          and whole.taken_at > o.occurred_at
          and whole.taken_at <= i.occurred_at
          and not exists (
            select {MEMBER}
              and h.account_id = i.account_id
              and h.hour = whole.hour
              and h.taken_at <= whole.taken_at
          )
      )
    """


def _is_part(end: str) -> str:
    """A condition: the account of one end is part of the row before its moment, and of every row until it is read again."""
    return f"""
      exists (select {MEMBER} and h.account_id = {end}.account_id and h.taken_at <= {end}.occurred_at)
      and not exists (
        select {WHOLE}
          and whole.hour > (
            select max(h.hour) {MEMBER} and h.account_id = {end}.account_id and h.taken_at <= {end}.occurred_at
          )
          and whole.hour < coalesce(
            (select min(h.hour) {MEMBER} and h.account_id = {end}.account_id and h.taken_at > {end}.occurred_at),
            'infinity'
          )
      )
    """


def match_transfers(db: Db, portfolio_id: int) -> datetime | None:
    """Match what can be matched of a portfolio, and undo pairs that a correction has broken.

    Returns the earliest moment changed. Both ends name the same transaction, asset and amount; equal ones are paired in
    order. Both accounts must have been part of the portfolio when it left, and be part of its row when it touched them:
    what an account brings along when it joins is a flow, and so is what one sends that was disabled or left meanwhile,
    or what arrives at one that joined meanwhile.
    """
    asked = {"portfolio": portfolio_id, "ids": _load_standing(db), "valued": VALUED, "longest": LONGEST_WAY}
    broken = load_values(
        db,
        f"""
        delete from matched_transfers m
        using processed_transactions o, processed_transactions i
        where m.portfolio_id = %(portfolio)s
          and o.id = m.out_id
          and i.id = m.in_id
          and not (
            m.out_id = any(%(ids)s) and m.in_id = any(%(ids)s) and {EXPECTED} and {_is_part("o")} and {_is_part("i")}
          )
        returning o.occurred_at
        """,
        asked,
    )
    made = load_values(
        db,
        f"""
        with standing as (
          select t.*,
            row_number() over (partition by t.reference, t.asset, t.amount, t.quantity < 0 order by t.id) as n
          from processed_transactions t
          where t.id = any(%(ids)s)
            and t.reference <> ''
            and {_is_part("t")}
        ) insert into matched_transfers (portfolio_id, out_id, in_id)
        select %(portfolio)s, o.id, i.id
        from standing o
        join standing i
          on i.reference = o.reference
          and i.asset = o.asset
          and i.amount = o.amount
          and i.n = o.n
          and i.quantity > 0
          and o.quantity < 0
          and i.account_id <> o.account_id
          and i.occurred_at between o.occurred_at - interval '1 minute' and o.occurred_at + %(longest)s
          and {EXPECTED}
        on conflict do nothing
        returning (select occurred_at from processed_transactions where id = out_id)
        """,
        asked,
    )
    if made:
        _forget_values(db, portfolio_id)
    changed: list[datetime] = [*broken, *made]
    return min(changed).replace(microsecond=0) if changed else None


def _forget_values(db: Db, portfolio_id: int) -> None:
    """What was booked as flows of the whole before its other end was known is none."""
    db.execute(
        """
        delete from flow_valuations v
        using matched_transfers m
        where m.portfolio_id = %(portfolio)s
          and v.account_id = m.portfolio_id
          and v.transaction_id in (m.out_id, m.in_id)
        """,
        {"portfolio": portfolio_id},
    )
    db.execute(
        """
        delete from benchmark_flows f
        using matched_transfers m, benchmark_configs c
        where m.portfolio_id = %(portfolio)s
          and c.account_id = m.portfolio_id
          and c.id = f.benchmark_id
          and f.transaction_id in (m.out_id, m.in_id)
        """,
        {"portfolio": portfolio_id},
    )


def _load_standing(db: Db) -> list[int]:
    """The newest revisions that count as flows, of accounts that have shared a reference."""
    return load_values(
        db,
        f"""
        select t.id
        from processed_transactions t
        where t.state = 'counted'
          and t.treatment = 'flow'
          and t.reference in (
            select reference
            from processed_transactions
            where reference <> ''
            group by reference
            having count(distinct account_id) > 1
          )
          and {NEWEST}
        """,
    )


def load_transfers(db: Db, portfolio_id: int, since: datetime) -> tuple[Transfer, ...]:
    """A portfolio's matched transfers that were not over before `since`."""
    return load_rows(
        db,
        Transfer,
        """
        select m.out_id, m.in_id, o.account_id as out_account, i.account_id as in_account, i.asset, i.amount,
          o.amount + o.fee - i.amount as cost,
          date_trunc('second', o.occurred_at) as left_at, date_trunc('second', i.occurred_at) as arrived_at
        from matched_transfers m
        join processed_transactions o on o.id = m.out_id
        join processed_transactions i on i.id = m.in_id
        where m.portfolio_id = %(portfolio)s and greatest(i.occurred_at, o.occurred_at) >= %(since)s
        order by o.occurred_at, m.out_id
        """,
        {"portfolio": portfolio_id, "since": since},
    )
