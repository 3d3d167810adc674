-- An account's hour and the combined row are two transactions. The first one says what the second has to compute again,
-- so that nobody takes what is out of date in between for a figure: neither a page nor a backup.

alter table monitor.recomputations
    add column changes_before bigint not null default 0; -- the last of history_changes that were told before
update monitor.recomputations set changes_before = (select coalesce(max(id), 0) from monitor.history_changes);

create view reading.recomputations as
    select account_id, since from monitor.recomputations;

-- A combined row that is out of date has no figure. One table, so that the first and last hours are found by index.
drop view reading.nav;
create view reading.nav as
    select account_id, hour, taken_at, case when is_out then 'PARTIAL' else status end as status,
        case when is_out then 'being computed again by the next run' else reason end as reason,
        case when is_out then null else nav end as nav, case when is_out then 0 else flows end as flows,
        case when is_out then null else invested end as invested, case when is_out then null else units end as units,
        case when is_out then null else unit_price end as unit_price,
        case when is_out then null else episode end as episode, estimated, snapshot_id,
        case when is_out then 0 else in_transit end as in_transit, prices_at, losses
    from (select *, account_id = 0 and nav is not null and taken_at >
        (select r.since from monitor.recomputations r where r.account_id = 0) as is_out from monitor.nav_history) n;

create or replace view reading.benchmark_nav as
    select b.account_id, h.benchmark_id, h.hour, h.taken_at, h.nav, h.units, h.unit_price, h.debt, h.episode,
        h.quantities, h.invested
    from monitor.benchmark_history h
    join monitor.benchmark_configs b on b.id = h.benchmark_id
    where b.account_id <> 0
        or not coalesce(h.taken_at > (select r.since from monitor.recomputations r where r.account_id = 0), false);

create or replace view reading.flow_points as
    select account_id, transaction_id, occurred_at, value, unit_price
    from monitor.flow_valuations
    where value is not null and (account_id <> 0
        or not coalesce(occurred_at >= (select r.since from monitor.recomputations r where r.account_id = 0), false));

create or replace view reading.benchmark_flow_points as
    select b.account_id, f.benchmark_id, f.transaction_id, f.occurred_at, f.unit_price
    from monitor.benchmark_flows f
    join monitor.benchmark_configs b on b.id = f.benchmark_id
    where b.account_id <> 0
        or not coalesce(f.occurred_at >= (select r.since from monitor.recomputations r where r.account_id = 0), false);

-- A run that was killed before this may have left the combined row without what it told of the accounts.
insert into monitor.recomputations (account_id, since, reason, changes_before)
    select 0, date_trunc('second', min(told.at)), '', (select coalesce(max(id), 0) from monitor.history_changes)
    from (select max(hour) as hour from monitor.nav_history where account_id = 0 and status <> 'MISSED') combined
    join monitor.runs r on r.hour >= combined.hour
    cross join lateral (
        select least(t.occurred_at, p.occurred_at) as at from monitor.processed_transactions t
        left join monitor.processed_transactions p on p.account_id = t.account_id and p.kind = t.kind
            and p.exchange_id = t.exchange_id and p.revision = t.revision - 1
        where t.run_id = r.id and t.kind <> 'opening'
        union all select occurred_at from monitor.fills where run_id = r.id
        union all select occurred_at from monitor.income where run_id = r.id) told
    where (select outcome from monitor.runs order by id desc limit 1) in ('running', 'failed')
    having min(told.at) is not null
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
