-- How far a trade went that is a portfolio's alone was read for it; where it was, that is its.
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
    where t.account_id <= 0 and t.id ~ '^[df][0-9]' and not exists (
        select from monitor.trade_excursions own
        where own.account_id = t.account_id and own.trade_id = t.id and own.closed_at = t.closed_at
            and own.entered = t.entered and own.net = t.net);
