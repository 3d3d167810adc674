"""In which symbol of which market trades were opened."""

from typing import NamedTuple

from sql.rows import Db, load_dict, load_rows


class Opened(NamedTuple):
    """A trade's symbol is that of the fill that opened it; one that no fill opened has its coin's."""

    trade_id: str
    symbol: str
    market: str


def load_symbols(db: Db, account_id: int) -> dict[str, Opened]:
    """Of each of the account's trades, by the trade's id."""
    found = load_rows(
        db,
        Opened,
        """
        select t.id as trade_id, coalesce(f.symbol, t.asset) as symbol, coalesce(t.market, f.market, 'spot') as market
        from trades t
        left join fills f on f.id = case when t.opened_by = 'fill' and t.id like 'f%%' then
          substr(split_part(t.id, '.', 1), 2)::bigint end
        where t.account_id = %(account)s
        """,
        {"account": account_id},
    )
    return {one.trade_id: one for one in found}


def load_contracts_of(db: Db, portfolio_id: int) -> dict[int, list[str]]:
    """The ids of closed trades in contracts that are a portfolio's, by account: each account has its own."""
    return load_dict(
        db,
        """
        select t.account_id, array_agg(t.id) as ids
        from trades t
        join memberships m on m.account_id = t.account_id and t.closed_hour >= m.since and t.closed_hour < m.until
        where m.portfolio_id = %(portfolio)s and t.settle is not null
        group by t.account_id
        """,
        {"portfolio": portfolio_id},
    )
