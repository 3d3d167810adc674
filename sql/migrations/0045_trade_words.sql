-- The owner's words stay with their trade; what went as fees is no decision.
-- The newest word about each trade. One that was opened by an older fill, found later, keeps the word about its second: in
-- the trade of that fill's base, which has its plain name, or of its quote.
create or replace view monitor.newest_trade_notes as
    select distinct on (n.account_id, coalesce(t.id, m.trade_id, n.trade_id)) n.account_id,
        coalesce(t.id, m.trade_id, n.trade_id) as trade_id, n.revision, n.at, n.tags, n.note, n.rating, n.stop
    from monitor.trade_notes n
    left join monitor.trades t on t.account_id = n.account_id and t.id = n.trade_id
    left join lateral (
        select v.trade_id
        from monitor.trade_moves v
        join monitor.trades o on o.account_id = v.account_id and o.id = v.trade_id
        where t.id is null and v.account_id = n.account_id and v.row = split_part(n.trade_id, '.', 1)
            and split_part(n.trade_id, '.', 2) in ('', o.asset)
        order by v.hour desc, v.number desc
        limit 1
    ) m on true
    order by n.account_id, coalesce(t.id, m.trade_id, n.trade_id), n.at desc, n.revision desc;

-- A trade's symbol is that of the fill that opened it; one that no fill opened has its coin's.
create or replace view reading.trades as
    select t.account_id, t.id, t.asset, coalesce(f.symbol, t.asset) as symbol, coalesce(f.market, 'spot') as market,
        t.side, t.opened_by, t.opened_at, t.closed_at, t.closed_hour, t.entered, t.entry_value, t.exited, t.exit_value,
        t.gross, t.transferred, t.transferred_units, t.greatest_value, t.fees, t.interest, t.net, t.fills, t.ended_by,
        t.closed_at is not null and t.opened_by = 'fill' and t.exited > 0 and t.transferred_units = 0 as is_counted
    from monitor.trades t
    left join monitor.fills f on f.id = case when t.opened_by = 'fill' and t.id like 'f%' then
        substr(split_part(t.id, '.', 1), 2)::bigint end;
