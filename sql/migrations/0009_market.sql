-- The market hour by hour: what averages, changes and volumes of an hour, a day and a week are made of.

create table monitor.markets (
    id        integer generated always as identity primary key,
    exchange  text not null,
    symbol    text not null,
    unique (exchange, symbol)
);

create table monitor.market_hours (
    hour           monitor.utc_hour not null,
    market_id      integer not null references monitor.markets,
    minutes        smallint not null check (minutes between 0 and 60),  -- one-minute klines that were read
    close          monitor.amount not null check (close > 0),
    volume         monitor.amount not null check (volume >= 0),         -- in units of the base asset
    taker_buy      monitor.amount not null check (taker_buy between 0 and volume),
    minute_closes  monitor.amount not null check (minute_closes >= 0),  -- the sum of the minutes' closes
    primary key (market_id, hour)
);

create view reading.market_hours as
    select m.exchange, m.symbol, h.hour, h.close, h.volume, h.taker_buy, h.minutes, h.minute_closes
    from monitor.market_hours h join monitor.markets m on m.id = h.market_id;
