-- One clock a row: what an account of the combined row gets between its own reading and the row's counts after the row.

with moved as (
    select v.transaction_id, c.taken_at from monitor.flow_valuations v
    join monitor.processed_transactions t on t.id = v.transaction_id
    cross join lateral (
        select w.taken_at from monitor.nav_history n join monitor.nav_history w on w.account_id = 0 and w.hour = n.hour
            and w.status in ('COMPLETE', 'RECONSTRUCTED') and n.taken_at <= w.taken_at
        where n.account_id = t.account_id and n.status in ('COMPLETE', 'RECONSTRUCTED')
            and n.taken_at <= date_trunc('second', v.occurred_at) order by n.hour desc limit 1) c
    where v.account_id = 0 and c.taken_at > date_trunc('second', v.occurred_at))
update monitor.flow_valuations v set occurred_at = moved.taken_at
from moved where v.account_id = 0 and v.transaction_id = moved.transaction_id;

-- Flows beside readings that had income of their own second, which counted once more after them, are valued again.
insert into monitor.recomputations (account_id, since, reason, changes_before)
select v.account_id, min(v.occurred_at), 'income in the second of a reading counts once',
    (select coalesce(max(id), 0) from monitor.history_changes)
from monitor.flow_valuations v
cross join lateral (select n.hour from monitor.nav_history n where n.account_id = v.account_id
    and n.nav is not null and n.taken_at <= v.occurred_at order by n.hour desc limit 1) b
cross join lateral (select n.hour from monitor.nav_history n where n.account_id = v.account_id
    and n.nav is not null and n.taken_at > v.occurred_at order by n.hour limit 1) a
where exists (select from monitor.explanations e join monitor.nav_history n using (account_id, hour)
    where e.hour in (b.hour, a.hour) and (e.account_id = v.account_id or v.account_id = 0) and e.through > n.taken_at)
group by v.account_id
on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
