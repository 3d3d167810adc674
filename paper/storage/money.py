"""Places, entries, moves and balances as rows."""

from paper.storage.arrays import Table

PLACES = Table(
    """
    insert into places (id, account, owner, bucket, may_owe)
    select * from unnest(%s::integer[], %s::integer[], %s::text[], %s::text[], %s::boolean[])
    """,
    frozenset([2, 3]),
)
ENTRIES = Table(
    """
    insert into entries (id, kind, actor, reason, at)
    select * from unnest(%s::bigint[], %s::text[], %s::integer[], %s::text[], %s::timestamptz[])
    """,
    frozenset([1, 3]),
)
MOVES = Table(
    """
    insert into moves (entry, asset, amount, debit, credit, why)
    select * from unnest(%s::bigint[], %s::text[], %s::numeric[], %s::integer[], %s::integer[], %s::text[])
    """,
    frozenset([1, 5]),
)
NEW_BALANCES = Table(
    """
    insert into balances (place, asset, amount, may_owe)
    select b.place, b.asset, b.amount, p.may_owe
    from unnest(%s::integer[], %s::text[], %s::numeric[]) as b (place, asset, amount)
    join places p on p.id = b.place
    """,
    frozenset([1]),
)
CHANGED_BALANCES = Table(
    """
    update balances b
    set amount = b.amount + c.amount
    from unnest(%s::integer[], %s::text[], %s::numeric[]) as c (place, asset, amount)
    where b.place = c.place and b.asset = c.asset
    """,
    frozenset([1]),
)
