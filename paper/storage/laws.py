"""What holds in a database of the platform at any moment, whatever was done: `python -m paper verify`.

Each law is a statement that finds what breaks it, as sentences.
"""

from collections.abc import Iterable, Mapping
from typing import LiteralString

from paper.market.klines import Symbol
from sql.rows import Db, load_values

PAIRS = """
    with pairs as (
      select * from unnest(%(names)s::text[], %(bases)s::text[], %(quotes)s::text[]) as p (symbol, base, quote)
    ),
    """
LAWS: Mapping[str, LiteralString] = {
    "all places of an asset add up to nothing": """
        select format('all places together have %%s %%s', sum(amount), asset)
        from balances
        group by asset
        having sum(amount) <> 0
        """,
    "a balance is the sum of its moves": """
        with moved as (
          select place, asset, sum(amount) as amount
          from (
            select debit as place, asset, -amount as amount from moves
            union all
            select credit, asset, amount from moves
          ) m
          group by place, asset
        )
        select format('%%s of place %%s is %%s, its moves are %%s', coalesce(b.asset, m.asset), coalesce(b.place, m.place),
          b.amount, m.amount)
        from balances b
        full join moved m on m.place = b.place and m.asset = b.asset
        where coalesce(b.amount, 0) <> coalesce(m.amount, 0)
        """,
    "nobody has less than nothing": """
        select format('place %%s has %%s %%s', b.place, b.amount, b.asset)
        from balances b
        join places p on p.id = b.place
        where (b.amount < 0 and p.account is not null) or b.may_owe <> p.may_owe or (p.may_owe and p.account is not null)
        """,
    "what is locked is what open orders hold": PAIRS
    + """
        held as (
          select o.account, case when o.is_buy then p.quote else p.base end as asset, sum(o.held) as amount
          from orders o
          left join pairs p on p.symbol = o.symbol
          where o.is_open
          group by 1, 2
        ),
        locked as (
          select p.account, b.asset, b.amount
          from balances b
          join places p on p.id = b.place
          where p.bucket = 'locked'
        )
        select format('account %%s has %%s %%s locked, its orders hold %%s', coalesce(l.account, h.account), l.amount,
          coalesce(l.asset, h.asset), h.amount)
        from locked l
        full join held h on h.account = l.account and h.asset = l.asset
        where coalesce(l.amount, 0) <> coalesce(h.amount, 0)
        """,
    "both sides of a trade meet": """
        select format('trade %%s has %%s sides that do not meet', id, count(*))
        from fills
        group by id
        having count(*) > 2
          or count(*) = 2 and (min(price) <> max(price) or min(quantity) <> max(quantity) or min(cost) <> max(cost)
            or bool_and(is_buy) or not bool_or(is_buy) or bool_and(is_maker) or not bool_or(is_maker))
        """,
    "an order is filled by its fills": """
        select format('order %%s is filled with %%s for %%s, its fills are %%s for %%s', o.id, o.filled, o.cost, f.quantity,
          f.cost)
        from orders o
        full join (
          select "order", sum(quantity) as quantity, sum(cost) as cost, min(account) as account, max(account) as last,
            bool_and(is_buy) as is_buy, min(symbol) as symbol
          from fills
          group by "order"
        ) f on f."order" = o.id
        where coalesce(o.filled, 0) <> coalesce(f.quantity, 0) or coalesce(o.cost, 0) <> coalesce(f.cost, 0)
          or f.account <> f.last or f.account <> o.account or f.is_buy <> o.is_buy or f.symbol <> o.symbol
        """,
    "fills, deposits and withdrawals make the balances": PAIRS
    + """
        changed as (
          select f.account, case when f.is_buy then p.base else p.quote end as asset,
            case when f.is_buy then f.quantity else f.cost end as amount
          from fills f
          left join pairs p on p.symbol = f.symbol
          union all
          select f.account, case when f.is_buy then p.quote else p.base end,
            -case when f.is_buy then f.cost else f.quantity end
          from fills f
          left join pairs p on p.symbol = f.symbol
          union all
          select account, commission_asset, -commission from fills
          union all
          select account, asset, amount from deposits
          union all
          select account, asset, -amount - fee from withdrawals
        ),
        made as (
          select account, asset, sum(amount) as amount from changed group by account, asset
        ),
        has as (
          select p.account, b.asset, sum(b.amount) as amount
          from balances b
          join places p on p.id = b.place
          where p.account is not null
          group by p.account, b.asset
        )
        select format('account %%s has %%s %%s, its histories make %%s', coalesce(h.account, m.account), h.amount,
          coalesce(h.asset, m.asset), m.amount)
        from has h
        full join made m on m.account = h.account and m.asset = h.asset
        where coalesce(h.amount, 0) <> coalesce(m.amount, 0)
        """,
    "a list has its orders": """
        select format('list %%s lacks an order', l.id)
        from order_lists l
        where (
          select count(*) from orders o
          where o.list_id = l.id and o.account = l.account and (o.id = l.working or o.id = any(l.others))
        ) <> cardinality(l.others) + (l.working is not null)::integer
        """,
    "what happened has a number that was given": """
        select format('%%s is beyond the last number, %%s', n.last, e.number)
        from engine e, lateral (
          select greatest((select max(id) from orders), (select max(id) from fills), (select max(id) from order_lists)) as last
        ) n
        where n.last > e.number
        """,
}


def list_breaches(db: Db, symbols: Iterable[Symbol]) -> list[str]:
    """What breaks laws: a sentence each, in one state of the database. Nothing, if all hold."""
    pairs = tuple(symbols)
    asked = {"names": [p.name for p in pairs], "bases": [p.base for p in pairs], "quotes": [p.quote for p in pairs]}
    with db.transaction():
        db.execute("set transaction isolation level repeatable read, read only")
        db.execute("set local statement_timeout = 0")  # all there is, however long that takes
        return [f"{law}: {found}" for law, statement in LAWS.items() for found in load_values(db, statement, asked)]
