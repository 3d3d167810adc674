-- What exchanges round takes no trade out of the win rate.
-- A trade's symbol is that of the fill that opened it; one that no fill opened has its coin's.
create or replace view reading.trades as
    select t.account_id, t.id, t.asset, coalesce(f.symbol, t.asset) as symbol, coalesce(f.market, 'spot') as market,
        t.side, t.opened_by, t.opened_at, t.closed_at, t.closed_hour, t.entered, t.entry_value, t.exited, t.exit_value,
        t.gross, t.transferred, t.transferred_units, t.greatest_value, t.fees, t.interest, t.net, t.fills, t.ended_by,
        t.closed_at is not null and t.opened_by = 'fill' and t.transferred_units * t.exit_value < t.exited as is_counted
    from monitor.trades t
    left join monitor.fills f on f.id = case when t.opened_by = 'fill' and t.id like 'f%' then
        substr(split_part(t.id, '.', 1), 2)::bigint end;
