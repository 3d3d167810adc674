"""Whole tables of trading, row by row, oldest first, as `dashboard.history.tables` has the others."""

from typing import LiteralString

from dashboard.history.groups import NOTE, ROLE, ROLE_SOURCE
from dashboard.history.members import member

ACCOUNT: LiteralString = "%(account)s"
# Of a portfolio its accounts', but of what went from one to another only its network fee, as its own book has it.
FEES = f"""
    select *
    from (
      select f.id, f.account_id, a.exchange, f.at, f.hour, f.type, f.transaction_type, f.asset, f.quantity, f.value, f.symbol,
        f.trade_id, f.order_id, f.row as record, 'USDT' as currency
      from fees f
      join accounts a using (account_id)
      where {member("f", "f.at", "", ACCOUNT)} and not (
        f.hour is null and exists (select from transfers t where t.portfolio_id = {ACCOUNT} and f.row = 'd' || t.out_id)
      )
      union all
      select f.id, o.account_id, a.exchange, f.at, f.hour, 'TRANSFER', f.transaction_type, f.asset, f.quantity, f.value, f.symbol,
        f.trade_id, f.order_id, f.row, 'USDT'
      from fees f
      join flow_revisions o on o.transaction_id = substr(f.row, 2)::bigint
      join accounts a on a.account_id = o.account_id
      where f.account_id = {ACCOUNT} and f.account_id <= 0 and f.type = 'WITHDRAWAL' and f.hour is not null
    ) f
    where (at, id) > (%(at)s, %(id)s) and at <= %(until)s
    order by at, id
    limit %(limit)s
    """
DAYS: LiteralString = """
    select d.*, 'USDT' as currency
    from daily_snapshots d
    where d.account_id = %(account)s and (hour, account_id) > (%(at)s, %(id)s) and hour >= %(at)s and hour <= least(
        %(until)s,
        ( -- what the view knows of a day is looked up for these alone: two more, for the first and last may lie outside
          select max(page.hour)
          from (
            select max(n.hour) as hour
            from nav n
            where n.account_id = %(account)s and n.unit_price is not null and n.hour >= %(at)s
            group by (n.hour at time zone 'UTC')::date
            order by 1
            limit %(limit)s::bigint + 2
          ) page
        )
      )
    order by hour, account_id
    limit %(limit)s
    """
FILLS = f"""
    select id, account_id, market, symbol, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
      fee_asset, fee, occurred_at, liquidity, source, standing
    from fills f
    where {member("f", "f.occurred_at", "", ACCOUNT)}
      and occurred_at >= %(at)s
      and (occurred_at, id) > (%(at)s, %(id)s)
      and occurred_at <= %(until)s
    order by occurred_at, id
    limit %(limit)s
    """
ORDERS = f"""
    select *
    from (
      select concat_ws('/', o.account_id, o.market, o.symbol, o.exchange_id) as key, o.account_id, a.label, o.market,
        o.symbol, o.exchange_id, o.client_id, o.base_asset, o.quote_asset, o.side, o.type, o.position_side, o.reduces,
        o.quantity, o.quote_quantity, o.price, o.trigger_price, o.executed_quantity, o.executed_quote,
        o.average_price, o.state, o.parent_id, o.list_id, o.became_id, o.take_profit, o.stop_loss,
        o.leverage, o.margin_mode, {ROLE} as role, {ROLE_SOURCE} as role_source, o.source,
        {NOTE} as note, o.ordered_at, o.updated_at
      from orders o
      join accounts a using (account_id)
      where {member("o", "o.ordered_at", "", ACCOUNT)} and o.ordered_at >= %(at)s and o.ordered_at <= %(until)s
    ) o
    where (ordered_at, key) > (%(at)s, %(id)s) and (%(states)s::text[] is null or state = any(%(states)s))
    order by ordered_at, key
    limit %(limit)s
    """
