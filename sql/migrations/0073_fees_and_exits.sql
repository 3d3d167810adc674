-- One order of a position at MEXC takes its profit or stops its loss; which it did stands in its row. Its trades are grouped anew,
-- and so are those of Bitget's orders of that kind: each was called one that takes a profit.
update monitor.order_revisions
set type = case raw ->> 'triggerSide' when '1' then 'take_profit' else 'stop_loss' end,
    trigger_price = case raw ->> 'triggerSide' when '1' then take_profit else stop_loss end
where type = 'take_profit_or_stop' and market = 'futures' and raw ->> 'triggerSide' in ('1', '2');

update monitor.trades
set grouped_by = null
where account_id <= 0 and exists (select from monitor.order_revisions where take_profit is not null and stop_loss is not null)
    or account_id in (select account_id from monitor.order_revisions where take_profit is not null and stop_loss is not null);

-- Another fee of a fill, which Gate.io lists as a record that moves nothing, is of the fill's trade. And fills of one moment are
-- booked in the order of the exchange's numbers, whatever was read first. Accounts that have either are computed again.
insert into monitor.recomputations (account_id, since, reason, changes_before)
    select account_id, min(occurred_at) - interval '1 minute', '', (select coalesce(max(id), 0) from monitor.history_changes)
    from (
        select account_id, occurred_at, base_quantity = 0 and fee <> 0 or id < max(id) over (
                partition by account_id, occurred_at
                order by symbol collate "C", length(split_part(exchange_id, ' ', 1)), exchange_id collate "C", market
            ) as is_other
        from monitor.fills
        where standing = 'booked'
        union all
        select account_id, occurred_at, id < max(id) over (
                partition by account_id, occurred_at
                order by symbol collate "C", length(split_part(exchange_id, ' ', 1)), exchange_id collate "C"
            )
        from monitor.contract_fills
    ) found
    where is_other
    group by account_id
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
