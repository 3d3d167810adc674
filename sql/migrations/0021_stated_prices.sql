-- What the owner says a coin is worth that no market prices. Only added to; the last word about a moment counts.
create table monitor.stated_prices (
    id         bigint generated always as identity primary key,
    exchange   text not null,
    asset      text not null,
    price      monitor.amount check (price >= 0),  -- of one unit, in the currency; null: the word before has ended
    currency   text not null,
    since      timestamptz not null,               -- from when on it holds
    stated_at  timestamptz not null,
    note       text not null
);

-- The owner may say that a coin is worth nothing.
alter table monitor.price_history drop constraint price_history_check1;
alter table monitor.price_history add check
    (0 <= all (prices) and array_position(prices, null) is null and array_position(assets, null) is null);
alter table monitor.minute_prices drop constraint minute_prices_price_check;
alter table monitor.minute_prices add check (price >= 0);
