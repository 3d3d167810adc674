-- A pause is believed by when it was asked for: one from the future was recorded by a clock that was wrong.

alter table monitor.exchange_pauses
    add column asked_at timestamptz;                     -- by the exchange's clock, ours where that is not known
update monitor.exchange_pauses set asked_at = not_before - interval '3 days';  -- the longest wait there is
alter table monitor.exchange_pauses alter column asked_at set not null;
