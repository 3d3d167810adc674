-- The worst and the best point of trades, and their drawdown.
-- How far closed trades went, read from the exchange's klines once they had ended. It holds for a trade that still is as
-- it was then: one that a late fill has changed is looked at again.
create table monitor.trade_excursions (
    account_id  bigint not null references monitor.accounts,
    trade_id    text not null,
    closed_at   timestamptz not null,
    entered     monitor.amount not null,
    net         monitor.amount not null,
    grid        text not null check (grid in ('minutes', 'hours', 'none')),  -- of hours with a fill; none: there are no klines
    worst       monitor.amount,
    best        monitor.amount,
    drawdown    monitor.amount check (drawdown >= 0),
    read_at     timestamptz not null,
    check ((grid = 'none') = (worst is null) and (worst is null) = (best is null) and (worst is null) = (drawdown is null)),
    primary key (account_id, trade_id, closed_at, entered, net)
);

create view reading.trade_excursions as
    select e.account_id, e.trade_id, e.grid, e.worst, e.best, e.drawdown
    from monitor.trade_excursions e
    join monitor.trades t on t.account_id = e.account_id and t.id = e.trade_id and t.closed_at = e.closed_at
        and t.entered = e.entered and t.net = e.net;
