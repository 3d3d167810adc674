-- Why an order expired, as the exchange tells whoever gave it.
alter table paper.orders add column expiry text;
