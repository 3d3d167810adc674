-- At which price an hour books quotes of fills, fees in third coins, income and costs. Hours that are there keep the closing
-- price; those from now on have the price of the minute, where every one that the hour takes is known.
alter table monitor.explanations
    add column booking smallint not null default 1 check (booking in (1, 2));   -- 1 closing price of the hour, 2 minute
alter table monitor.explanations alter column booking drop default;

create or replace view reading.explanations as
    select account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows, income, fees, residual,
        state, cause, assets, kinds, through, realised, spent_gain, transferred_gain, unexplained_gain, unrealised_change,
        unrealised, case when unrealised is null then null else (
            select c.costs from monitor.explanations c
            where c.account_id = e.account_id and c.hour <= e.hour and c.costs is not null
            order by c.hour desc limit 1
        ) end as costs, case booking when 1 then 'closing' else 'minute' end as booking
    from monitor.explanations e;
