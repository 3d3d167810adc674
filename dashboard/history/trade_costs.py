"""What closed trades paid by type, and how much of them was traded as a maker and as a taker."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from dashboard.history.trade_rows import WITH_WORDS, WORDS
from dashboard.history.trades import Wanted
from finance.decimals import total
from finance.trade_metrics import ClosedTrade
from finance.trades import UNSOLD
from sql.rows import Db, load_rows

PAID, TRADED, NOT_SAID = "paid", "traded", ""
Amounts = Mapping[tuple[str, str], Mapping[tuple[str, str], Decimal]]


class Costs(NamedTuple):
    """Of closed trades together; amounts in the valuation asset."""

    fees: Mapping[str, Decimal]  # and interest and funding, by type; what was got is negative
    maker: Decimal
    taker: Decimal
    not_said: Decimal  # what was traded of which the exchange does not say as which


class _Amount(NamedTuple):
    account: str
    trade: str
    what: str
    kind: str
    value: Decimal


def load_costs(db: Db, wanted: Wanted) -> Amounts:
    """What each of them paid and traded, by the label of its account and its id."""
    found = load_rows(
        db,
        _Amount,
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
    amounts: defaultdict[tuple[str, str], dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for one in found:
        amounts[one.account, one.trade][one.what, one.kind] = one.value
    return amounts


def add_costs(amounts: Amounts, trades: Iterable[ClosedTrade]) -> Costs:
    """Those of some trades."""
    sums: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for one in trades:
        for kind, value in amounts.get((one.account, one.id), {}).items():
            sums[kind].append(value)
    return Costs(
        {kind: total(values) for (what, kind), values in sorted(sums.items()) if what == PAID},
        *(total(sums[TRADED, kind]) for kind in ("maker", "taker", NOT_SAID)),
    )
