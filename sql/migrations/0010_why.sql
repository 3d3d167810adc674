-- A page that explains an hour shows the prices it used, what the benchmark was paid, and what moved between accounts.

create or replace view reading.benchmark_nav as
    select b.account_id, h.benchmark_id, h.hour, h.taken_at, h.nav, h.units, h.unit_price, h.debt, h.episode,
        h.quantities, h.invested
    from monitor.benchmark_history h
    join monitor.benchmark_configs b on b.id = h.benchmark_id;

create or replace view reading.nav as
    select account_id, hour, taken_at, status, reason, nav, flows, invested, units, unit_price, episode, estimated,
        snapshot_id, in_transit, prices_at
    from monitor.nav_history;

create or replace view reading.explanations as
    select account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows, income, fees, residual,
        state, cause, assets, kinds, through
    from monitor.explanations;

create view reading.prices as
    select exchange, asset, at, source, price, route, stale
    from monitor.price_history;

-- Withdrawals of one tracked account that are deposits of another.
create view reading.transfers as
    select out_id, in_id
    from monitor.matched_transfers;
