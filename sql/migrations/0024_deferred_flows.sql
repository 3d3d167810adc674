-- A flow of a coin that nothing priced when it came or went counts from the moment on at which the coin first has a
-- price; until then neither it nor the coin is part of NAV. Only added to.
create table monitor.deferred_flows (
    account_id   bigint not null references monitor.accounts,
    kind         text not null,
    exchange_id  text not null,                    -- with the kind, of the ledger's entries
    counts_at    timestamptz not null,
    primary key (account_id, kind, exchange_id)
);

create or replace view reading.flows as
    select distinct on (t.account_id, t.kind, t.exchange_id) t.id as transaction_id, t.account_id, t.kind,
        t.exchange_id, t.revision, t.state, t.treatment, t.is_manual, t.note, t.exchange_status, t.asset, t.amount,
        t.fee, t.quantity, t.requested_at, t.occurred_at, t.first_seen_at, v.price, v.price_source, v.value,
        v.nav_before, v.unit_price, v.units, coalesce(v.estimated, false) as estimated,
        coalesce(v.reason, '') as reason, v.occurred_at as counted_at
    from monitor.processed_transactions t
    left join monitor.flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id
    order by t.account_id, t.kind, t.exchange_id, t.revision desc;
