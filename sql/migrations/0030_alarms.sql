-- Alarms: what makes an account's figures wrong or old as long as it stands, and which of it the owner knows.

-- The owner has seen it; what begins later is another alarm.
create table monitor.acknowledgements (
    account_id       bigint not null references monitor.accounts,
    kind             text not null check (kind in ('vanished', 'appeared', 'key', 'unread', 'refused', 'stale')),
    since            timestamptz not null,       -- the alarm's
    acknowledged_at  timestamptz not null,
    primary key (account_id, kind, since)
);

-- What stands of every tracked account, from stored facts alone. 'vanished' and 'appeared' are hours whose change nothing
-- explains; 'stale' is the first hour that is not there: whether it is late is for the clock of whoever reads.
create view monitor.alarms as
    with newest as (
        select a.id, a.key_state, a.key_message, h.hour, h.status, h.reason,
            coalesce(h.hour + interval '1 hour', a.created_at) as recorded_until,
            coalesce((select v.hour + interval '1 hour' from monitor.nav_history v
                where v.account_id = a.id and v.status in ('COMPLETE', 'RECONSTRUCTED') order by v.hour desc limit 1),
                (select min(f.hour) from monitor.nav_history f where f.account_id = a.id), a.created_at) as valued_until
        from monitor.accounts a
        left join lateral (select n.hour, n.status, n.reason from monitor.nav_history n
            where n.account_id = a.id order by n.hour desc limit 1) h on true
        where a.enabled and a.id > 0
    ),
    facts as (
        select e.account_id, case when e.residual < 0 then 'vanished' else 'appeared' end as kind,
            e.hour::timestamptz as since, e.residual::numeric as value, coalesce((
                select string_agg(c.what, ', ' order by c.size desc)
                from (select case when u.units > 0 then '+' else '-' end || trim_scale(abs(u.units)) || ' ' || u.asset as what,
                    u.size
                    from (select d.asset, (d.parts -> 'units' ->> 'residual')::numeric as units,
                        coalesce(abs((d.parts -> 'value' ->> 'residual')::numeric), 0) as size
                        from jsonb_each(e.assets) as d (asset, parts)) u
                    where u.units <> 0
                    order by u.size desc
                    limit 3) c), '') as what
        from newest
        join monitor.explanations e on e.account_id = newest.id and e.state = 'unexplained'
        union all
        select id, 'key', valued_until, null, key_message from newest where key_state = 'rejected'
        union all
        select id, 'unread', valued_until, null, reason from newest
        where key_state <> 'rejected' and status not in ('COMPLETE', 'RECONSTRUCTED')
        union all
        select w.account_id, 'refused', w.since, null, w.wallet
        from newest
        join monitor.account_wallets w on w.account_id = newest.id and w.state = 'refused'
            and position(w.wallet || ': ' || w.message in newest.reason) > 0
        union all
        select id, 'stale', recorded_until, null, '' from newest
    )
    select f.account_id, f.kind, f.since, f.value, f.what, k.acknowledged_at
    from facts f
    left join monitor.acknowledgements k using (account_id, kind, since);

create view reading.alarms as
    select account_id, kind, since, value, what, acknowledged_at
    from monitor.alarms;

create view reading.acknowledgements as
    select account_id, kind, since, acknowledged_at
    from monitor.acknowledgements;
