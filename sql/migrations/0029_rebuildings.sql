-- How far the rebuilding of each account's history is that begins by itself: month by month, the newest first.

create table monitor.rebuildings (
    account_id    bigint primary key references monitor.accounts,
    month         monitor.utc_hour not null,     -- when the month begins that is worked on, or comes next
    percent       smallint not null default 0 check (percent between 0 and 100),  -- of that month
    seconds_left  integer check (seconds_left >= 0),  -- that it still takes, as far as that can be said
    quiet         integer not null default 0,    -- months in a row that added nothing
    failures      integer not null default 0,    -- in a row
    gaps_through  monitor.utc_hour,              -- gaps between readings before this hour were looked at
    is_finished   boolean not null default false,
    reason        text not null default '',      -- why it ends there, or what went wrong last
    changed_at    timestamptz not null
);

-- Who has watched an account for a while knows its history as it is: it is rebuilt when asked for.
insert into monitor.rebuildings (account_id, month, gaps_through, is_finished, reason, changed_at)
select n.account_id, date_trunc('month', min(n.hour), 'UTC'), max(n.hour), true,
    'it was tracked before histories were rebuilt by themselves', max(coalesce(n.taken_at, n.hour))
from monitor.nav_history n
where n.account_id > 0 and n.status in ('COMPLETE', 'RECONSTRUCTED')
group by n.account_id;

create view reading.rebuildings as
select r.account_id, r.month, r.percent, r.seconds_left, r.is_finished, r.reason, r.changed_at
from monitor.rebuildings r
join monitor.accounts a on a.id = r.account_id
where a.enabled;

-- Hours before this were asked for their minutes: what has none now gets none.
alter table monitor.markets add column minutes_through monitor.utc_hour;
