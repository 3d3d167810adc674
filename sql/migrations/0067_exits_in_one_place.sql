-- What units left a trade by is what their order was given for, which is found where orders are grouped, and there alone:
-- moves no longer say it. All trades are grouped anew by the next runs; what they say stays until then.
update monitor.trade_moves set kind = 'manual' where kind in ('tp', 'sl');
update monitor.trades set ended_by = 'manual' where ended_by in ('tp', 'sl');
update monitor.trades set grouped_by = null;

-- Orders that waited long are those of trades that were opened long after them.
create index order_revisions_long on monitor.order_revisions (account_id, updated_at)
    where updated_at - ordered_at > interval '7 days';
