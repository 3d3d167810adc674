"""Which withdrawals of a portfolio's accounts are deposits of others. Derived from the ledger: matched anew at will.

Both ends name the same transaction, in the spelling of their exchange. Where one of them names none, a withdrawal is the
deposit of the same amount after the network fee that arrives soon enough, if no other fits either of them; what is not
that clear waits for the owner's word (`flow match`, `flow separate`), which stands in the reference of both ends.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from finance.hour_status import VALUED
from finance.portfolios import Transfer
from monitor.ledger.store.entries import NEWEST
from monitor.ledger.store.transfer_ends import EXPECTED, is_part, stands
from monitor.ledger.store.transfers_by_amount import LONGEST_WAY, OWNERS, match_by_amount
from sql.rows import Db, load_rows, load_values

SHORTEST_NAMED_WAY = timedelta(days=-1)  # a deposit counts before the sender has seen enough confirmations
# A transaction's id as both ends have it: exchanges differ in case, the prefix 0x, and the number of the output.
KEY = "lower(regexp_replace(regexp_replace({}.reference, '^0x', '', 'i'), ':[0-9]+$', ''))"


def match_transfers(db: Db, portfolio_id: int) -> datetime | None:
    """Match what can be matched of a portfolio, and undo pairs that a correction has broken.

    Returns the earliest moment changed. Both ends name the same transaction, asset and amount, and equal ones are paired
    in order; or they fit by asset, amount and time, and no others do. Both accounts must have been part of the portfolio
    when it left, and be part of its row when it touched them: what an account brings along when it joins is a flow, and
    so is what one sends that was disabled or left meanwhile, or what arrives at one that joined meanwhile.
    """
    asked = {
        "portfolio": portfolio_id,
        "ids": _load_named(db),
        "valued": VALUED,
        "named": SHORTEST_NAMED_WAY,
        "longest": LONGEST_WAY,
        "owners": OWNERS,
    }
    broken = _undo_broken(db, asked)
    made = [*_match_named(db, asked), *match_by_amount(db, asked)]
    if made:
        _forget_values(db, portfolio_id)
    changed: list[datetime] = [*broken, *made]
    return min(changed).replace(microsecond=0) if changed else None


def _undo_broken(db: Db, asked: Mapping[str, object]) -> list[datetime]:
    """Undo pairs that a correction has broken; returns when each left."""
    if not load_values(db, "select 1 from matched_transfers where portfolio_id = %(portfolio)s limit 1", asked):
        return []  # to plan what follows takes longer than most statements' work
    return load_values(
        db,
        f"""
        delete from matched_transfers m
        using processed_transactions o, processed_transactions i
        where m.portfolio_id = %(portfolio)s
          and o.id = m.out_id
          and i.id = m.in_id
          and not ({stands("o")} and {stands("i")} and {EXPECTED} and {is_part("o")} and {is_part("i")})
        returning o.occurred_at
        """,
        asked,
    )


def _match_named(db: Db, asked: Mapping[str, object]) -> list[datetime]:
    """Match ends that name the same transaction; returns when each left."""
    if not asked["ids"]:
        return []
    return load_values(
        db,
        f"""
        with standing as (
          select t.*, {KEY.format("t")} as key,
            row_number() over (partition by {KEY.format("t")}, t.asset, t.amount, t.quantity < 0 order by t.id) as n
          from processed_transactions t
          where t.id = any(%(ids)s)
            and {is_part("t")}
        ) insert into matched_transfers (portfolio_id, out_id, in_id)
        select %(portfolio)s, o.id, i.id
        from standing o
        join standing i
          on i.key = o.key
          and i.asset = o.asset
          and i.n = o.n
          and i.quantity > 0
          and o.quantity < 0
          and i.account_id <> o.account_id
          and (
            i.reference like %(owners)s
            or i.amount = o.amount
              and i.occurred_at between o.occurred_at + %(named)s and o.occurred_at + %(longest)s
          )
          and {EXPECTED}
        on conflict do nothing
        returning (select occurred_at from processed_transactions where id = out_id)
        """,
        asked,
    )


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


def _load_named(db: Db) -> list[int]:
    """The newest revisions that count as flows, of accounts that have named the same transaction."""
    return load_values(
        db,
        f"""
        select t.id
        from processed_transactions t
        where t.state = 'counted'
          and t.treatment = 'flow'
          and t.reference <> ''
          and {KEY.format("t")} in (
            select {KEY.format("s")}
            from processed_transactions s
            where s.reference <> ''
            group by 1
            having count(distinct s.account_id) > 1
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
          date_trunc('second', o.occurred_at) as left_at, date_trunc('second', i.occurred_at) as arrived_at,
          (
            select id from processed_transactions f
            where (f.account_id, f.kind, f.exchange_id) = (o.account_id, o.kind, o.exchange_id) and f.revision = 1
          ) as out_number,
          (
            select id from processed_transactions f
            where (f.account_id, f.kind, f.exchange_id) = (i.account_id, i.kind, i.exchange_id) and f.revision = 1
          ) as in_number
        from matched_transfers m
        join processed_transactions o on o.id = m.out_id
        join processed_transactions i on i.id = m.in_id
        where m.portfolio_id = %(portfolio)s and greatest(i.occurred_at, o.occurred_at) >= %(since)s
        order by o.occurred_at, m.out_id
        """,
        {"portfolio": portfolio_id, "since": since},
    )
