"""What closed trades paid by type, and traded as a maker and as a taker."""

from collections.abc import Collection

from finance.trade_metrics.costs import NOT_SAID, PAID, TRADED, Cost
from finance.trades import UNSOLD
from sql.rows import Db, load_rows


def load_costs(db: Db, account_id: int, label: str, trades: Collection[str]) -> tuple[Cost, ...]:
    """What each of these trades of an account or a portfolio paid and traded. Fees are called what pages call them."""
    return load_rows(
        db,
        Cost,
        f"""
        select %(label)s as account, f.trade_id as trade, '{PAID}' as what, f.type as kind, sum(f.value) as value
        from reading.fees f
        where f.account_id = %(account)s and f.trade_id = any(%(trades)s)
        group by f.trade_id, f.type
        union all
        select %(label)s, m.trade_id, '{TRADED}', coalesce(f.liquidity, '{NOT_SAID}'), sum(m.value)
        from trade_moves m
        left join fills f on f.id = case when m.row ~ '^f[0-9]+$' then substr(m.row, 2)::bigint end
        where m.account_id = %(account)s and m.trade_id = any(%(trades)s) and m.kind <> all(%(unsold)s)
        group by m.trade_id, 4
        """,
        {"account": account_id, "label": label, "trades": list(trades), "unsold": list(UNSOLD)},
    )
