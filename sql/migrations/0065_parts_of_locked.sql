-- What of a locked amount is frozen, and what is being withdrawn, where the exchange tells them apart.
alter table monitor.holding_sets
    add column frozen monitor.amount[] not null default '{}',       -- of locked; empty: nothing
    add column withdrawing monitor.amount[] not null default '{}',  -- the same
    add check ((cardinality(frozen) = 0 or cardinality(frozen) = cardinality(wallets)) and
        (cardinality(withdrawing) = 0 or cardinality(withdrawing) = cardinality(wallets)));

create or replace view monitor.holdings as
    select s.snapshot_id, h.wallet, h.asset, h.free, h.locked, coalesce(h.owed, 0) as owed, coalesce(h.unrealised, 0)
        as unrealised, h.price, (h.free + h.locked - coalesce(h.owed, 0)) * h.price as value, nullif(h.frozen, 0) as
        frozen, nullif(h.withdrawing, 0) as withdrawing
    from monitor.holding_sets s
    cross join lateral unnest(s.wallets, s.assets, s.free, s.locked, s.owed, s.unrealised, s.prices, s.frozen,
        s.withdrawing) h(wallet, asset, free, locked, owed, unrealised, price, frozen, withdrawing);

create or replace view reading.holdings as
    select s.account_id, s.hour, s.id as snapshot_id, h.wallet, h.asset, h.free, h.locked, h.owed, h.free + h.locked -
        h.owed as quantity, h.unrealised, h.price, coalesce(( select p.route
    from monitor.ticker_prices p
    join monitor.accounts a on a.exchange = p.exchange
    where a.id = s.account_id and p.at = s.prices_at and p.asset = h.asset
    limit 1), '') as route, h.value, h.frozen, h.withdrawing
    from monitor.holdings h
    join monitor.snapshots s on s.id = h.snapshot_id;
