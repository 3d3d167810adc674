-- Orders of one number at two accounts of a portfolio are told apart: each order of a trade says which account gave it.
alter table monitor.trade_orders add column placed_by bigint references monitor.accounts;
update monitor.trade_orders set placed_by = account_id where account_id > 0 and market <> '';
-- A portfolio's are grouped anew by the next run; until then they are of one of its accounts that has such an order.
update monitor.trade_orders g
set placed_by = (
    select min(o.account_id)
    from monitor.order_revisions o
    where (o.market, o.symbol, o.exchange_id) = (g.market, g.symbol, g.order_id)
        and o.account_id in (select m.account_id from monitor.memberships m where m.portfolio_id = g.account_id))
where g.account_id <= 0 and g.market <> '';
update monitor.trades set grouped_by = null where account_id <= 0;

create or replace view reading.trade_orders as
    select account_id, trade_id, number, market, symbol, order_id, role as kind, upper(role) || coalesce(level::text, '') as role,
        source, price, is_preset, placed_by
    from monitor.trade_orders;
