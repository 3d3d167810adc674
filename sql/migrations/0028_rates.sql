-- What other currencies cost, for readers who count in them. Amounts stay in USDT; pages convert what they show.

-- The price of one unit of a currency in USDT, in an hour. Only ever added to.
create table monitor.rates (
    currency  text not null check (currency in ('USDC', 'EUR', 'BTC', 'ETH')),
    hour      monitor.utc_hour not null,
    rate      monitor.amount check (rate > 0),  -- null: the exchange has none of that hour
    source    text not null check (source in ('ticker', 'kline')),  -- kline: the price at the full hour, read later
    primary key (currency, hour)
);

create view reading.rates as
    select currency, hour, rate, source
    from monitor.rates;
