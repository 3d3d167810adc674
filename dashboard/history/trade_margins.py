"""On what margin a trade `t` in a contract was opened: by the orders that entered it, and the first reading while it was open."""

from typing import LiteralString

_OF_ENTRIES: LiteralString = """
    from trade_moves m
    join orders o on o.account_id = m.account_id and o.market = t.market and o.symbol = t.asset and o.exchange_id = m.order_id
    where m.account_id = t.account_id and m.trade_id = t.id and m.effect = 'entry' and m.order_id <> ''
    """
_FIRST_READ: LiteralString = """
    from positions p
    where p.account_id = t.account_id
      and p.hour >= case t.opened_by when 'opening' then date_trunc('hour', t.opened_at, 'UTC') else t.opened_at end and p.hour < coalesce(t.closed_at, 'infinity')
      and p.symbol = t.asset and p.side = t.position_side and (p.quantity < 0) = (t.side = 'SHORT')
    order by p.hour
    limit 1
    """
# The greatest that was open of it, at its entries, in what it settles in; who is long of an inverse one owes dollars for coins.
_GREATEST_COST: LiteralString = """
    select max(cost)
    from (
      select sum(case when m.effect = 'entry' then m.settled_value
        when (t.side = 'SHORT') = t.is_inverse then m.settled_gain - m.settled_value
        else -m.settled_gain - m.settled_value end) over (order by m.hour, m.number) as cost
      from trade_moves m
      where m.account_id = t.account_id and m.trade_id = t.id
    ) held
    """
OF_MARGIN: LiteralString = f"""
    t.contract_size,
    case when t.settle is not null then ({_GREATEST_COST}) end as greatest_cost,
    case when t.settle is not null then (
      select case when min(leverage) = max(leverage) then min(leverage) end
      from ((select o.leverage {_OF_ENTRIES}) union all (select p.leverage {_FIRST_READ})) known
    ) end as leverage,
    case when t.settle is not null then coalesce(
      (select nullif(o.margin_mode, '') {_OF_ENTRIES} order by m.hour, m.number limit 1), (select p.margin_mode {_FIRST_READ})
    ) end as margin_mode,
    case when t.settle is not null then (
      select array[p.initial_margin, abs(p.quantity), p.mark_price] {_FIRST_READ}
    ) end as margin_read,
    case when t.settle is not null and t.opened_by = 'opening' then (select p.entry_price {_FIRST_READ}) end as exchange_entry
    """
