-- Of each order who says it, and its parent by an older system's word where the exchange has none.
create or replace view reading.orders as
    select id, account_id, market, symbol, exchange_id, client_id, base_asset, quote_asset, side, type, position_side, reduces,
        quantity, quote_quantity, price, trigger_price, executed_quantity, executed_quote,
        executed_quote / nullif(executed_quantity, 0) as average_price, state, coalesce(nullif(parent_id, ''), (
            select t.exchange_id from monitor.order_revisions t
            where t.became_id <> '' and (t.account_id, t.market, t.became_id) = (r.account_id, r.market, r.exchange_id)
            order by t.id desc limit 1), (
            select l.parent_id from monitor.legacy_orders l
            where (l.account_id, l.symbol, l.exchange_id) = (r.account_id, r.symbol, r.exchange_id)), '') as parent_id,
        list_id, ordered_at, updated_at, take_profit, stop_loss, leverage, margin_mode, became_id, source
    from monitor.order_revisions r
    where not exists (
        select from monitor.order_revisions later
        where (later.account_id, later.market, later.symbol, later.exchange_id)
            = (r.account_id, r.market, r.symbol, r.exchange_id) and later.id > r.id);

create or replace view reading.open_orders as
    select r.*
    from reading.orders r
    join monitor.open_orders o using (account_id, market, symbol, exchange_id);
