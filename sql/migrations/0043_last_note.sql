-- When the owner last said something about a trade: pages that were made before it are out of date.
create view reading.last_trade_note as
    select max(at) as at
    from monitor.trade_notes;
