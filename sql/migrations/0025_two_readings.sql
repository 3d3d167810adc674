-- What was sent between two accounts was counted twice by a combined row that saw it with both: the sender's reading
-- came before it, the receiver's after it. From the first such row on the next run computes it again.

insert into monitor.recomputations (account_id, since, reason, changes_before)
select 0, min(date_trunc('second', least(o.occurred_at, i.occurred_at))),
    'what the readings of two accounts had at once counts once', (select coalesce(max(id), 0) from monitor.history_changes)
from monitor.matched_transfers m
join monitor.processed_transactions o on o.id = m.out_id
join monitor.processed_transactions i on i.id = m.in_id
join monitor.nav_history s on s.account_id = o.account_id and s.nav is not null
    and s.hour between o.occurred_at - interval '2 hours' and o.occurred_at
    and s.taken_at <= date_trunc('second', o.occurred_at)
join monitor.nav_history r on r.account_id = i.account_id and r.nav is not null and r.hour = s.hour
    and r.taken_at > date_trunc('second', i.occurred_at)
having min(o.occurred_at) is not null
on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
