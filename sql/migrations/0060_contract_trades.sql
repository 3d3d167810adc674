-- Trades in contracts stand beside those in coins, and so do their moves and fees. An account that has any is computed again
-- in its next run.
drop view reading.trade_excursions;
drop view reading.trades;

-- Of a contract `asset` is its name; of an inverse one units are dollars. What is settled is in the asset it settles in.
alter table monitor.trades
    drop column net,
    add column funding monitor.amount not null default 0,   -- got; paid: negative
    add column net monitor.amount not null generated always as (gross - fees - interest + funding) stored,
    add column market text,                                 -- the wallet that a contract was opened in; null: of coins
    add column position_side text check (position_side in ('both', 'long', 'short')),
    add column settle text,
    add column contract_size monitor.amount,
    add column settled_entry monitor.amount,
    add column settled_exit monitor.amount,
    add column settled_gross monitor.amount,
    add column stated monitor.amount,                       -- the profit by the exchange's own account
    add check (num_nulls(market, position_side, settle, contract_size, settled_entry, settled_exit, settled_gross, stated) in (0, 8));

alter table monitor.trade_moves
    add column settled_value monitor.amount,                -- of a contract, in what it settles in
    add column settled_gain monitor.amount,
    add column stated monitor.amount,                       -- the profit of an exit by the exchange's own account
    add check (num_nulls(settled_value, settled_gain, stated) in (0, 3));

-- Derived: what positions made in an hour, as far as there are trades in contracts: the part `positions` of its explanation.
create table monitor.contract_hours (
    account_id         bigint not null references monitor.accounts,
    hour               monitor.utc_hour not null,
    realised           monitor.amount not null,     -- by trades, from prices
    unrealised_change  monitor.amount not null,     -- of what is open in trades, at the marks of readings
    rest               monitor.amount not null,     -- what exchanges round, fills that nobody knows, other derivatives
    unmatched          integer not null,            -- fills that are of no trade
    primary key (account_id, hour)
);

-- A trade's symbol is that of the fill that opened it; one that no fill opened has its coin's.
create view reading.trades as
    select t.account_id, t.id, t.asset, coalesce(f.symbol, t.asset) as symbol, coalesce(t.market, f.market, 'spot') as market,
        t.side, t.opened_by, t.opened_at, t.closed_at, t.closed_hour, t.entered, t.entry_value, t.exited, t.exit_value,
        t.gross, t.transferred, t.transferred_units, t.greatest_value, t.fees, t.interest, t.net, t.fills, t.ended_by,
        t.closed_at is not null and t.opened_by = 'fill' and t.transferred_units * t.exit_value < t.exited as is_counted,
        t.funding, t.position_side, t.settle, starts_with(t.asset, t.settle || 'USD_') as is_inverse, t.contract_size,
        t.settled_entry, t.settled_exit, t.settled_gross, t.stated
    from monitor.trades t
    left join monitor.fills f on f.id = case when t.opened_by = 'fill' and t.id like 'f%' then
        substr(split_part(t.id, '.', 1), 2)::bigint end;

create view reading.trade_excursions as
    select e.account_id, e.trade_id, e.grid, e.worst, e.best, e.drawdown
    from monitor.trade_excursions e
    join monitor.trades t on t.account_id = e.account_id and t.id = e.trade_id and t.closed_at = e.closed_at
        and t.entered = e.entered and t.net = e.net
    union all
    select t.account_id, e.trade_id, e.grid, e.worst, e.best, e.drawdown
    from monitor.trades t
    join monitor.accounts a on a.id > 0
    join monitor.trade_excursions e on e.account_id = a.id and e.trade_id = t.id and e.closed_at = t.closed_at
        and e.entered = t.entered and e.net = t.net
    where t.account_id <= 0 and t.id ~ '^[df][0-9]';

create or replace view reading.trade_moves as
    select account_id, trade_id, hour, number, at, effect, kind, row, order_id, quantity, value, gain, worth, settled_value,
        settled_gain, stated
    from monitor.trade_moves;

create view reading.contract_hours as
    select account_id, hour, realised, unrealised_change, rest, unmatched
    from monitor.contract_hours;

insert into monitor.recomputations (account_id, since, reason, changes_before)
    select account_id, min(taken_at) - interval '1 second', '',
        (select coalesce(max(id), 0) from monitor.history_changes)
    from monitor.nav_history
    where account_id > 0 and nav is not null and account_id in (select account_id from monitor.contract_fills)
    group by account_id
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
