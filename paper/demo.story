# A year in the life of one account, read by `make demo`. It begins 365 days before the demo's first start.
# The monitor rebuilds the last two months of it and goes on from there.

+0d00:05   account demo key demo-key-of-the-paper-exchange secret demo-secret-of-the-paper-exchange
+0d09:00   deposit 24000 USDT
+0d09:30   buy for 6000 BTCUSDT
+0d09:31   buy for 4000 ETHUSDT
+0d10:00   buy for 1500 SOLUSDT
+2d08:00   transfer 4000 USDT from spot to earn_flexible
+9d17:20   buy for 800 BNBUSDT
+40d11:00  deposit 0.08 BTC credited after 35m
+41d07:00  transfer 0.05 BTC from spot to earn_locked
+75d16:45  buy for 400 LINKUSDT
+110d20:15 transfer 900 USDT from spot to futures
+111d20:15 long 0.01 BTCUSDT
+140d09:05 close BTCUSDT
+162d18:00 sell 0.5 ETHUSDT
+200d12:12 deposit 2500 USDC
+215d08:50 buy for 0.01 XMRBTC
+250d14:00 withdraw 900 USDT fee 1 completed after 12m
+290d10:30 sell 8 LINKUSDT
+301d19:00 buy for 700 ADAUSDT

# the last month, hour by hour on the page
+338d14:20 deposit 0.05 BTC credited after 40m
+341d09:10 buy for 600 SOLUSDT
+345d18:25 withdraw 1200 USDT fee 1 completed after 15m
+349d11:05 deposit 3000 USDT
+349d12:40 buy for 1500 ETHUSDT
+352d07:30 sell 400 ADAUSDT
+356d16:10 withdraw 0.3 ETH fee 0.0012 completed after 20m
+359d13:00 long 0.02 ETHUSDT
+359d19:45 close ETHUSDT

# and for ever
every day 00:10 interest 6.5 USDT
