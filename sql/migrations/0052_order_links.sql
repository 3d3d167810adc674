-- What orders are linked by and were given with, orders of contracts, and orders that only their trigger makes one.
alter table monitor.order_revisions
    drop constraint order_revisions_market_check,
    add constraint order_revisions_market_check check (market <> ''),  -- of contracts the wallet of their position
    drop constraint order_revisions_state_check,
    add constraint order_revisions_state_check check (state in ('open', 'partially_filled', 'filled', 'triggered', 'cancelled',
        'expired', 'rejected', 'gone')),
    add column take_profit monitor.amount check (take_profit > 0),  -- price at which it was to be closed again
    add column stop_loss   monitor.amount check (stop_loss > 0),
    add column leverage    monitor.amount check (leverage > 0),
    add column margin_mode text not null default '' check (margin_mode in ('', 'cross', 'isolated')),
    add column became_id   text not null default '';    -- of the order that it became once its trigger was reached
update monitor.order_revisions set margin_mode = case raw ->> 'account' when 'margin' then 'isolated' else 'cross' end
    where raw ->> 'account' in ('margin', 'cross_margin');
create index order_revisions_became on monitor.order_revisions (account_id, market, became_id) where became_id <> '';

create or replace view reading.orders as
    select id, account_id, market, symbol, exchange_id, client_id, base_asset, quote_asset, side, type, position_side, reduces,
        quantity, quote_quantity, price, trigger_price, executed_quantity, executed_quote,
        executed_quote / nullif(executed_quantity, 0) as average_price, state, coalesce(nullif(parent_id, ''), (
            select t.exchange_id from monitor.order_revisions t
            where t.became_id <> '' and (t.account_id, t.market, t.became_id) = (r.account_id, r.market, r.exchange_id)
            order by t.id desc limit 1), '') as parent_id, list_id, ordered_at, updated_at, take_profit, stop_loss, leverage,
        margin_mode, became_id
    from monitor.order_revisions r
    where not exists (
        select from monitor.order_revisions later
        where (later.account_id, later.market, later.symbol, later.exchange_id)
            = (r.account_id, r.market, r.symbol, r.exchange_id) and later.id > r.id);

create or replace view reading.open_orders as
    select r.*
    from reading.orders r
    join monitor.open_orders o using (account_id, market, symbol, exchange_id);
