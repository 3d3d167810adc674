"""What closed trades paid by type, and how much of them was traded as a maker and as a taker."""

from dashboard.history.trade_rows import WITH_WORDS, WORDS
from dashboard.history.trades import Wanted
from finance.trade_metrics.costs import NOT_SAID, PAID, TRADED, Cost, Costs, collect_costs
from finance.trades import UNSOLD
from sql.rows import Db, load_rows


def load_costs(db: Db, wanted: Wanted) -> Costs:
    """What each of them paid and traded, by the label of its account and its id."""
    found = load_rows(
        db,
        Cost,
        f"""
        with {WORDS}, chosen as materialized (
          select a.label, t.account_id, t.id
          from trades t
          join accounts a using (account_id)
          {WITH_WORDS}
          where {wanted.condition}
        )
        select c.label as account, c.id as trade, '{PAID}' as what, f.type as kind, sum(f.value) as value
        from chosen c
        join fees f on f.account_id = c.account_id and f.trade_id = c.id
        group by 1, 2, 4
        union all
        select c.label, c.id, '{TRADED}', coalesce(f.liquidity, '{NOT_SAID}'), sum(m.value)
        from chosen c
        join trade_moves m on m.account_id = c.account_id and m.trade_id = c.id
        left join fills f on f.id = case when m.row ~ '^f[0-9]+$' then substr(m.row, 2)::bigint end
        where m.kind <> all(%(unsold)s)
        group by 1, 2, 4
        """,
        wanted.parameters | {"unsold": list(UNSOLD)},
    )
    return collect_costs(found)
