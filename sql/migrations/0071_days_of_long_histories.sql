-- The same days: whose trades and gains they are is looked up once, no more for every one of them; those of a portfolio have its
-- accounts' trades in contracts; what could be used, was locked or owed is not known of hours that were rebuilt, and no zero.
create or replace view reading.daily_snapshots as
    select d.account_id, d.date, d.hour, d.total, b.available, b.locked, b.owed, b.positions_value,
        case when d.has_gains then d.realised - coalesce(c.contracts, 0) + d.contracts_before end as realised,
        case when d.has_gains then d.unrealised + coalesce(c.contracts, 0) end as unrealised, o.open_trades, d.trades, d.won,
        d.lost, 100.0 * d.won / nullif(d.counted, 0) as win_rate, d.fees, d.net / nullif(d.trades, 0) as average_net,
        d.largest_win, d.largest_loss
    from (
        select h.account_id, k.account_id as book, h.date, h.hour, h.total, g.unrealised, coalesce(f.contracts, 0) as contracts_before,
            not coalesce(bool_or(e.is_lacking) over so_far, false) and g.unrealised is not null as has_gains,
            coalesce(sum(e.moved) over so_far, 0) as realised, coalesce(sum(e.fees) over so_far, 0) as fees,
            coalesce(sum(t.trades) over so_far, 0)::bigint as trades, coalesce(sum(t.counted) over so_far, 0)::bigint as counted,
            coalesce(sum(t.won) over so_far, 0)::bigint as won, coalesce(sum(t.lost) over so_far, 0)::bigint as lost,
            coalesce(sum(t.net) over so_far, 0) as net, max(t.largest_win) over so_far as largest_win,
            min(t.largest_loss) over so_far as largest_loss
        from (
            select distinct on (n.account_id, (n.hour at time zone 'UTC')::date) n.account_id,
                (n.hour at time zone 'UTC')::date as date, n.hour, n.nav as total
            from reading.nav n
            where n.unit_price is not null
            order by n.account_id, (n.hour at time zone 'UTC')::date, n.hour desc
        ) h
        join (select id, account_id from reading.books offset 0) k on k.id = h.account_id -- looked up once, not for each day
        left join lateral (
            select e.unrealised from monitor.explanations e where e.account_id = k.account_id and e.hour = h.hour
        ) g on true
        left join (
            select x.account_id, (x.hour at time zone 'UTC')::date as date, sum(x.realised + x.positions) as moved,
                bool_or(x.unrealised is null) as is_lacking, -sum(x.fees) as fees
            from monitor.explanations x
            group by x.account_id, (x.hour at time zone 'UTC')::date
        ) e on e.account_id = k.account_id and e.date = h.date
        left join (
            select y.id, (y.closed_hour at time zone 'UTC')::date as date, count(*) as trades,
                count(*) filter (where y.is_counted) as counted, count(*) filter (where y.is_counted and y.net > 0) as won,
                count(*) filter (where y.is_counted and y.net < 0) as lost, sum(y.net) as net,
                max(y.net) filter (where y.net > 0) as largest_win, min(y.net) filter (where y.net < 0) as largest_loss
            from (
                select k.id, o.closed_hour, o.is_counted, o.net
                from reading.books k
                join reading.trades o on o.account_id = k.account_id
                where o.closed_at is not null
                union all
                select m.id, o.closed_hour, o.is_counted, o.net -- those in contracts are each account's
                from reading.books k
                join reading.members m on m.id = k.id and m.account_id <> k.id
                join reading.trades o on o.account_id = m.account_id and o.opened_at >= m.since and o.opened_at < m.until
                where k.account_id = k.id and o.settle is not null and o.closed_at is not null
            ) y
            group by y.id, (y.closed_hour at time zone 'UTC')::date
        ) t on t.id = h.account_id and t.date = h.date
        left join lateral (
            select sum(p.unrealised * p.price) as contracts
            from (
                select z.hour
                from reading.nav z
                where z.account_id = h.account_id and z.unit_price is not null
                order by z.hour
                limit 1
            ) first
            join reading.members m on m.id = h.account_id and first.hour >= m.since and first.hour < m.until
            join reading.nav r on r.account_id = m.account_id and r.hour = first.hour and r.account_id > 0
            join monitor.holdings p on p.snapshot_id = r.snapshot_id and p.unrealised <> 0
        ) f on true
        window so_far as (partition by h.account_id order by h.date)
    ) d
    left join lateral (
        select sum(p.unrealised * p.price) as contracts
        from reading.members m
        join reading.nav r on r.account_id = m.account_id and r.hour = d.hour and r.account_id > 0
        join monitor.holdings p on p.snapshot_id = r.snapshot_id and p.unrealised <> 0
        where m.id = d.account_id and d.hour >= m.since and d.hour < m.until
    ) c on true
    left join lateral (
        select case when bool_and(p.price is not null and r.status <> 'RECONSTRUCTED') then sum(p.free * p.price) end as available,
            case when bool_and(p.price is not null and r.status <> 'RECONSTRUCTED') then sum(p.locked * p.price) end as locked,
            case when bool_and(p.price is not null and r.status <> 'RECONSTRUCTED') then sum(p.owed * p.price) end as owed,
            sum(p.value) filter (where exists (
                select from monitor.trades t
                where t.account_id = d.book and t.asset = p.asset and t.opened_at <= d.hour
                    and (t.closed_hour is null or t.closed_hour > d.hour))) as positions_value
        from reading.members m
        join reading.nav r on r.account_id = m.account_id and r.hour = d.hour and r.account_id > 0
        join monitor.holdings p on p.snapshot_id = r.snapshot_id
        where m.id = d.account_id and d.hour >= m.since and d.hour < m.until
    ) b on true
    left join lateral (
        select count(*) as open_trades
        from monitor.trades t
        where t.opened_at <= d.hour and (t.closed_hour is null or t.closed_hour > d.hour)
            and (t.account_id = d.book or d.book = d.account_id and t.settle is not null and exists (
                select from reading.members m
                where m.id = d.account_id and m.account_id = t.account_id and t.opened_at >= m.since and t.opened_at < m.until))
    ) o on true;
