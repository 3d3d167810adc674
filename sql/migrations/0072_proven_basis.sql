-- Who says what coins had cost: their owner, or records of before.
alter table monitor.basis_words add column source text not null default 'owner' check (source in ('owner', 'records'));

create or replace view reading.basis_words as
    select distinct on (account_id, asset) account_id, asset, at, price, quantity, note, source
    from monitor.basis_words
    order by account_id, asset, revision desc;
