-- A withdrawal redeems the units that its sale at a fee costs: benchmarks with a fee are computed again by the next run,
-- which begins anew where a benchmark lacks the last valued hour.

with falls as (
    select b.account_id, h.hour, h.units < lag(h.units) over (partition by b.id order by h.hour) as is_one
        from monitor.benchmark_history h join monitor.benchmark_configs b on b.id = h.benchmark_id where b.fee > 0),
firsts as (select account_id, min(hour) as hour from falls where is_one group by account_id)
insert into monitor.history_changes (account_id, changed_at, since_hour, hours, reason)
    select f.account_id, now(), f.hour, count(*), 'a withdrawal of a benchmark with a fee redeems what it costs'
        from firsts f join monitor.nav_history n on n.account_id = f.account_id and n.hour >= f.hour
            and n.unit_price is not null group by f.account_id, f.hour;

delete from monitor.benchmark_history h using monitor.benchmark_configs b
    where b.id = h.benchmark_id and b.fee > 0
        and h.hour = (select max(l.hour) from monitor.benchmark_history l where l.benchmark_id = h.benchmark_id);
