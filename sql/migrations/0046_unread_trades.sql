-- Which trades are still to be looked at is found without looking at all of them.
alter table monitor.trades add column is_looked_at boolean not null default false;  -- an excursion is of it as it is
update monitor.trades t set is_looked_at = true
from monitor.trade_excursions e
where e.account_id = t.account_id and e.trade_id = t.id and e.closed_at = t.closed_at and e.entered = t.entered
    and e.net = t.net;
create index trades_unread on monitor.trades (account_id, closed_at) where not is_looked_at and opened_by <> 'opening';
