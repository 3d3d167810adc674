-- What exchanges say of positions that were closed is shown beside our trades.
create view reading.closed_positions as
    select account_id, wallet, symbol, exchange_id, is_short, opened_at, closed_at, settle, profit, fees, funding, net
    from monitor.closed_positions;
