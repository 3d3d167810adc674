-- Fills of contracts are read where income names them, in the hour.
alter table monitor.contract_fills
    add column settle text not null default '',     -- the asset that its profit is paid in; empty: not said
    add column order_id text not null default '';
update monitor.contract_fills
    set settle = coalesce(raw ->> 'marginAsset', ''), order_id = coalesce(raw ->> 'orderId', '');

-- The contracts of which income names fills that are not known: the next run reads them.
create table monitor.contracts_due (
    account_id  bigint not null references monitor.accounts,
    wallet      text not null,
    symbol      text not null,
    since       timestamptz not null,           -- when the first of those fills took place
    primary key (account_id, wallet, symbol)
);
insert into monitor.contracts_due (account_id, wallet, symbol, since)
    select i.account_id, i.wallet, i.raw ->> 'symbol', min(i.occurred_at)
    from monitor.income i
    where i.kind in ('realised_profit', 'futures_commission') and i.raw ->> 'symbol' <> '' and i.raw ->> 'tradeId' <> ''
        and not exists (select from monitor.contract_fills f where (f.account_id, f.symbol, f.exchange_id)
            = (i.account_id, i.raw ->> 'symbol', i.raw ->> 'tradeId'))
    group by i.account_id, i.wallet, i.raw ->> 'symbol';
