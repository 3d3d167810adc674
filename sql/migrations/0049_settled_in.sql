-- What contracts settle in, by their names, where fills of before did not say it: without it they would be in no trade.
update monitor.contract_fills f
    set settle = case
            when f.symbol like '%USD\_%' then split_part(f.symbol, 'USD_', 1)
            else coalesce(substring(split_part(f.symbol, '_', 1) from '(?:USDT|USDC|BUSD)$'), '')
        end
    from monitor.accounts a
    where a.id = f.account_id and a.exchange = 'binance' and f.settle = '';
