-- What of an hour's price effect and trading has been realised, by average cost, and what everything held has cost. Rows
-- of before have none until the next run has computed them again.
alter table monitor.explanations
    add column realised monitor.amount,             -- sold or exchanged for more than it had cost
    add column spent_gain monitor.amount,           -- coins spent as fees, interest or losses of positions
    add column transferred_gain monitor.amount,     -- coins that left by a flow
    add column unexplained_gain monitor.amount,     -- coins that left without a record
    add column unrealised_change monitor.amount,
    add column unrealised monitor.amount,           -- at the hour: values less costs
    -- by asset, of what is held at the hour; null: as the hour before. USDT that is not named has cost itself
    add column costs jsonb,
    add check (price_effect + trading
        = (realised + spent_gain + transferred_gain + unexplained_gain + unrealised_change));

create index explanations_costs on monitor.explanations (account_id, hour) where costs is not null;

create or replace view reading.explanations as
    select account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows, income, fees, residual,
        state, cause, assets, kinds, through, realised, spent_gain, transferred_gain, unexplained_gain, unrealised_change,
        unrealised, case when unrealised is null then null else (
            select c.costs from monitor.explanations c
            where c.account_id = e.account_id and c.hour <= e.hour and c.costs is not null
            order by c.hour desc limit 1
        ) end as costs
    from monitor.explanations e;

insert into monitor.recomputations (account_id, since, reason, changes_before)
    select account_id, min(taken_at) - interval '1 second', '',
        (select coalesce(max(id), 0) from monitor.history_changes)
    from monitor.nav_history
    where account_id > 0 and nav is not null
    group by account_id
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
