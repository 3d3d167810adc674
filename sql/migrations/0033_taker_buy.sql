-- Not every exchange says which part of what was traded buyers took from the order book.
alter table monitor.market_hours alter column taker_buy drop not null;
