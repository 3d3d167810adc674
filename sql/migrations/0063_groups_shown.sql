-- What orders were given for, as it is shown.
-- A trade's symbol is that of the fill that opened it; one that no fill opened has its coin's. It ended as what its last order
-- was given for.
create or replace view reading.trades as
    select t.account_id, t.id, t.asset, coalesce(f.symbol, t.asset) as symbol, coalesce(t.market, f.market, 'spot') as market,
        t.side, t.opened_by, t.opened_at, t.closed_at, t.closed_hour, t.entered, t.entry_value, t.exited, t.exit_value,
        t.gross, t.transferred, t.transferred_units, t.greatest_value, t.fees, t.interest, t.net, t.fills,
        coalesce(t.ended_as, t.ended_by) as ended_by,
        t.closed_at is not null and t.opened_by = 'fill' and t.transferred_units * t.exit_value < t.exited as is_counted,
        t.funding, t.position_side, t.settle, starts_with(t.asset, t.settle || 'USD_') as is_inverse, t.contract_size,
        t.settled_entry, t.settled_exit, t.settled_gross, t.stated, t.stop as known_stop, t.stop_source
    from monitor.trades t
    left join monitor.fills f on f.id = case when t.opened_by = 'fill' and t.id like 'f%' then
        substr(split_part(t.id, '.', 1), 2)::bigint end;

create view reading.trade_orders as
    select account_id, trade_id, number, market, symbol, order_id, role as kind, upper(role) || coalesce(level::text, '') as role,
        source, price, is_preset
    from monitor.trade_orders;

-- When the owner last said something about a trade or a plan: pages that were made before it are out of date.
create or replace view reading.last_trade_note as
    select max(at) as at
    from (select at from monitor.trade_notes union all select at from monitor.order_plans) words;
