-- A loss of everything stays visible when money comes in before the next reading; who begins with debts has an opening.

alter table monitor.nav_history
    add column losses integer not null default 0;        -- how often everything was lost so far
alter table monitor.benchmark_history
    add column losses integer not null default 0;
update monitor.nav_history n set losses = found.losses
    from (select account_id, hour, sum(is_lost::integer) over (partition by account_id order by hour) as losses
        from (select account_id, hour, unit_price = 0 and lag(unit_price) over
                (partition by account_id order by hour) > 0 as is_lost
            from monitor.nav_history where unit_price is not null) readings) found
    where found.losses > 0 and n.account_id = found.account_id and n.hour = found.hour;

alter table monitor.processed_transactions drop constraint processed_transactions_amount_check;
alter table monitor.processed_transactions add check (amount >= 0 or kind = 'opening');

create or replace view reading.nav as
    select account_id, hour, taken_at, status, reason, nav, flows, invested, units, unit_price, episode, estimated,
        snapshot_id, in_transit, prices_at, losses
    from monitor.nav_history;
