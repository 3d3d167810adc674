-- A portfolio has gains and trades of its own, as if its accounts were one: the next run computes them of its whole history.
-- That of all accounts has none while there is but one account, whose it has.
insert into monitor.recomputations (account_id, since, reason, changes_before)
    select account_id, min(taken_at) - interval '1 second', '',
        (select coalesce(max(id), 0) from monitor.history_changes)
    from monitor.nav_history
    where account_id <= 0 and nav is not null
        and (account_id < 0 or (select count(distinct account_id) from monitor.nav_history where account_id > 0 and nav is not null) > 1)
    group by account_id
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);

-- Whose explanations, gains and trades stand for a number: its own.
create view reading.books as
    select a.id, coalesce(case when p.holds_all and not exists (select from monitor.explanations e where e.account_id = p.id) then (
            select max(o.id) from monitor.accounts o
            where o.id > 0 and exists (select from monitor.explanations e where e.account_id = o.id)
            having count(*) = 1
        ) end, a.id) as account_id
    from monitor.accounts a
    left join monitor.portfolios p on p.id = a.id;

-- What accounts pay the network when coins go from one to another is a fee of their portfolio.
create or replace view reading.fees as
    select e.account_id, e.at, e.row, case
            when e.kind = 'withdrawal_fee' then 'WITHDRAWAL'
            when e.kind = 'trading_commission' and f.market in ('convert', 'dust') then 'CONVERSION'
            when f.liquidity is not null then upper(f.liquidity)
            when e.kind in ('trading_commission', 'futures_commission') then 'TRADING'
            when e.kind = 'liquidation_fee' then 'LIQUIDATION'
            when e.kind = 'funding_fee' then 'FUNDING'
            else 'INTEREST'
        end as type, case
            when e.kind = 'withdrawal_fee' then 'TRANSFER'
            when e.kind in ('trading_commission', 'futures_commission', 'liquidation_fee') then case
                when f.market in ('convert', 'dust') then 'CONVERSION' else 'ORDER_FILL' end
            else 'HOLDING'
        end as transaction_type, e.asset, e.quantity, e.value, e.trade_id, coalesce(f.symbol, '') as symbol,
        coalesce(f.order_id, '') as order_id, e.hour,
        concat_ws('/', e.account_id, extract(epoch from e.hour)::bigint, e.number) as id
    from monitor.fees e
    left join monitor.fills f on f.id = case when e.kind = 'trading_commission' and e.row like 'f%' then
        substr(e.row, 2)::bigint end
    union all
    select account_id, occurred_at, 'd' || transaction_id, 'WITHDRAWAL', 'TRANSFER', asset, fee, fee * price, null, '', '', null, 'd' || transaction_id
    from reading.flows
    where kind = 'withdrawal' and state = 'counted' and fee > 0;

-- What is said of an account's trade, and how far it went, holds for the portfolio's that the same record opened; how far it
-- went where it is the same in every figure.
create or replace view reading.trade_notes as
    select account_id, trade_id, revision, at, tags, note, rating, stop
    from monitor.newest_trade_notes
    union all
    select t.account_id, n.trade_id, n.revision, n.at, n.tags, n.note, n.rating, n.stop
    from monitor.newest_trade_notes n
    cross join monitor.portfolios p
    join monitor.trades t on t.account_id = p.id and t.id = n.trade_id
    where n.trade_id ~ '^[df][0-9]';

create or replace view reading.trade_excursions as
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
