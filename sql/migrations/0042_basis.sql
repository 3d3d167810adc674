-- The owner's word about the cost of coins that were there before.
-- What the owner says coins had cost that were there at an account's first hour, by revisions; the newest counts.
create table monitor.basis_words (
    account_id  bigint not null references monitor.accounts,
    asset       text not null,
    revision    integer not null check (revision > 0),
    at          timestamptz not null,
    price       monitor.amount check (price >= 0),      -- of one unit, in USDT; null: taken back
    quantity    monitor.amount check (quantity > 0),    -- null: all that was held
    note        text not null,
    primary key (account_id, asset, revision)
);

create view reading.basis_words as
    select distinct on (account_id, asset) account_id, asset, at, price, quantity, note
    from monitor.basis_words
    order by account_id, asset, revision desc;
