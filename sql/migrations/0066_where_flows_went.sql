-- Over which network money came or went, and where to. The network of earlier flows is in what the exchange said of them; addresses
-- were not kept.
alter table monitor.processed_transactions
    add column network text not null default '',  -- over which it went, as the exchange calls it
    add column address text not null default '';  -- where it went

update monitor.processed_transactions
set network = coalesce(raw ->> 'network', raw ->> 'chain', '')
where kind in ('deposit', 'withdrawal') and coalesce(raw ->> 'network', raw ->> 'chain', '') <> '';

create or replace view reading.flows as
    select distinct on (t.account_id, t.kind, t.exchange_id) t.id as transaction_id, t.account_id, t.kind,
        t.exchange_id, t.revision, t.state, t.treatment, t.is_manual, t.note, t.exchange_status, t.asset, t.amount,
        t.fee, t.quantity, t.requested_at, t.occurred_at, t.first_seen_at, v.price, v.price_source, v.value,
        v.nav_before, v.unit_price, v.units, coalesce(v.estimated, false) as estimated, coalesce(v.reason, '') as
        reason, v.occurred_at as counted_at, t.network, t.address, case when t.reference not like 'your word: %' then
        t.reference else '' end as transaction, case
            when t.state = 'pending' and t.exchange_status like '%(unknown)' then 'unknown'
            when t.state = 'pending' then 'pending'
            when t.state = 'void' then 'failed'
            else 'success'
        end as status
    from monitor.processed_transactions t
    left join monitor.flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id
    order by t.account_id, t.kind, t.exchange_id, t.revision desc;
