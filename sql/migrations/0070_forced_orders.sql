-- Orders that Binance gave itself say so by their names; they were kept as if their owner had given them. What they closed is
-- computed again: its trades were ended by hand, as far as was known.
update monitor.order_revisions r
set type = case when r.client_id like 'autoclose-%' then 'liquidation' when r.client_id like 'adl\_autoclose%' then 'adl' else 'delivery' end
from monitor.accounts a
where a.id = r.account_id and a.exchange = 'binance' and r.market in ('usd_m_futures', 'coin_m_futures', 'portfolio_margin')
    and r.client_id ~ '^(autoclose-|adl_autoclose|settlement_autoclose-|delivery_autoclose-)';

insert into monitor.recomputations (account_id, since, reason, changes_before)
    select f.account_id, min(f.occurred_at) - interval '1 minute', '', (select coalesce(max(id), 0) from monitor.history_changes)
    from monitor.contract_fills f
    join monitor.order_revisions r on (r.account_id, r.market, r.symbol, r.exchange_id) = (f.account_id, f.wallet, f.symbol, f.order_id)
    where f.reason is null and r.type in ('liquidation', 'adl', 'delivery')
    group by f.account_id
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);
