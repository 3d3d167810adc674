-- Portfolios: accounts that are looked at as one. What was the one row of all accounts is the portfolio `all` now. A
-- portfolio has a row in accounts as well: its label, its hours, benchmarks and corrections belong to that number.

alter table monitor.accounts
    add constraint accounts_number check ((id <= 0) = (exchange = 'combined'));

-- Several accounts as one. Numbers of portfolios are 0 (all accounts) and below, those of accounts are above.
create table monitor.portfolios (
    id         bigint primary key references monitor.accounts check (id <= 0),
    key        text not null unique check (key ~ '^[a-z0-9-]{1,40}$' and key !~ '^[0-9]+$'),  -- in addresses and commands
    holds_all  boolean not null default false  -- every account from its first reading on, by itself
);
insert into monitor.portfolios (id, key, holds_all) values (0, 'all', true);

-- Which accounts are part of a portfolio's hours. None is part of an hour twice: its money would count twice.
create table monitor.portfolio_members (
    portfolio_id  bigint not null references monitor.portfolios,
    account_id    bigint not null references monitor.accounts check (account_id > 0),
    since         monitor.utc_hour,  -- the first hour that it is part of; null: its own first one
    until         monitor.utc_hour,  -- the first hour that it is no part of any more; null: it still is
    check (since < until),
    constraint portfolio_members_once exclude using gist (int8range(portfolio_id, portfolio_id, '[]') with &&,
        int8range(account_id, account_id, '[]') with &&, tstzrange(since, until) with &&)
);
create index portfolio_members_portfolio on monitor.portfolio_members (portfolio_id, account_id);

-- Who is part of which portfolio's hours, from `since` on and before `until`.
create view monitor.memberships as
    select p.id as portfolio_id, a.id as account_id, '-infinity'::timestamptz as since, 'infinity'::timestamptz as until
    from monitor.portfolios p
    join monitor.accounts a on a.id > 0
    where p.holds_all
    union all
    select portfolio_id, account_id, coalesce(since, '-infinity'), coalesce(until, 'infinity')
    from monitor.portfolio_members;

-- The hours of accounts in which they are part of a portfolio.
create view monitor.member_hours as
    select m.portfolio_id, n.account_id, n.hour, n.status, n.reason, n.snapshot_id, n.taken_at, n.prices_at, n.nav
    from monitor.memberships m
    join monitor.nav_history n on n.account_id = m.account_id and n.hour >= m.since and n.hour < m.until;

alter table monitor.matched_transfers
    add column portfolio_id bigint not null default 0 references monitor.accounts;  -- whose flow it is not: both are part of it
alter table monitor.matched_transfers alter column portfolio_id drop default;
alter table monitor.matched_transfers drop constraint matched_transfers_pkey, drop constraint matched_transfers_in_id_key;
alter table monitor.matched_transfers add primary key (portfolio_id, out_id), add unique (portfolio_id, in_id);

create or replace view reading.accounts as
    select a.id as account_id, a.label, a.exchange, a.enabled, a.key_state, a.key_message, a.overpowered, a.created_at,
        a.disabled_at, a.master_id, a.key_checked_at, a.key_dangers, a.key_expires_at, p.key as portfolio
    from monitor.accounts a
    left join monitor.portfolios p on p.id = a.id;

-- Which accounts a number stands for: a portfolio's members from `since` on and before `until`, an account itself always.
create view reading.members as
    select id, id as account_id, '-infinity'::timestamptz as since, 'infinity'::timestamptz as until
    from monitor.accounts
    where id > 0
    union all
    select portfolio_id, account_id, since, until from monitor.memberships;

-- Withdrawals of one account that are deposits of another, both part of the portfolio.
create or replace view reading.transfers as
    select out_id, in_id, portfolio_id from monitor.matched_transfers;

-- A portfolio's row that is out of date has no figure. One table, so that the first and last hours are found by index;
-- whether anything is marked at all is asked once, not for every row.
create or replace view reading.nav as
    select account_id, hour, taken_at, case when is_out then 'PARTIAL' else status end as status,
        case when is_out then 'being computed again by the next run' else reason end as reason,
        case when is_out then null else nav end as nav, case when is_out then 0 else flows end as flows,
        case when is_out then null else invested end as invested, case when is_out then null else units end as units,
        case when is_out then null else unit_price end as unit_price,
        case when is_out then null else episode end as episode, estimated, snapshot_id,
        case when is_out then 0 else in_transit end as in_transit, prices_at, losses
    from (select *, account_id <= 0 and nav is not null
        and (select count(*) > 0 from monitor.recomputations where account_id <= 0) and taken_at >
            (select r.since from monitor.recomputations r where r.account_id = h.account_id) as is_out
        from monitor.nav_history h) n;

create or replace view reading.benchmark_nav as
    select b.account_id, h.benchmark_id, h.hour, h.taken_at, h.nav, h.units, h.unit_price, h.debt, h.episode,
        h.quantities, h.invested
    from monitor.benchmark_history h
    join monitor.benchmark_configs b on b.id = h.benchmark_id
    where b.account_id > 0 or (select count(*) = 0 from monitor.recomputations where account_id <= 0) or not coalesce(
        h.taken_at > (select r.since from monitor.recomputations r where r.account_id = b.account_id), false);

create or replace view reading.flow_points as
    select account_id, transaction_id, occurred_at, value, unit_price
    from monitor.flow_valuations v
    where value is not null and (account_id > 0
        or (select count(*) = 0 from monitor.recomputations where account_id <= 0) or not coalesce(
        occurred_at >= (select r.since from monitor.recomputations r where r.account_id = v.account_id), false));

create or replace view reading.benchmark_flow_points as
    select b.account_id, f.benchmark_id, f.transaction_id, f.occurred_at, f.unit_price
    from monitor.benchmark_flows f
    join monitor.benchmark_configs b on b.id = f.benchmark_id
    where b.account_id > 0 or (select count(*) = 0 from monitor.recomputations where account_id <= 0) or not coalesce(
        f.occurred_at >= (select r.since from monitor.recomputations r where r.account_id = b.account_id), false);
