# A year in the life of one account, read by `make demo`. It begins 365 days before the demo's first start.
# The monitor rebuilds the last two months of it and goes on from there.

+0d00:05   account demo key demo-key-of-the-paper-exchange secret demo-secret-of-the-paper-exchange
+0d00:06   deposit 24000 USDT
+0d00:10   buy for 6000 BTCUSDT
+0d00:12   buy for 4000 ETHUSDT
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

# the last two months, hour by hour on the page
+306d09:14 buy for 450 BTCUSDT
+308d14:02 sell 1.2 SOLUSDT
+309d20:37 buy for 380 ETHUSDT
+311d06:55 convert 200 USDT to BNB
+312d11:20 bnbfees on
+313d15:48 sell 0.006 BTCUSDT
+315d02:31 buy for 520 SOLUSDT
+316d19:05 buy for 300 LINKUSDT
+318d10:12 sell 0.08 ETHUSDT
+319d22:46 buy for 250 ADAUSDT
+321d08:08 dividend 0.012 BNB
+322d13:33 buy for 600 BTCUSDT
+324d17:21 sell 2 SOLUSDT
+326d05:42 sell 0.09 ETHUSDT
+328d12:15 rebate 3.4 USDT
+329d21:30 buy for 700 ETHUSDT
+331d16:04 sell 0.012 BTCUSDT
+333d09:50 buy for 420 BNBUSDT
+335d18:18 sell 12 LINKUSDT
+336d07:27 sell 0.4 BNBUSDT
+338d14:20 deposit 0.05 BTC credited after 40m
+339d20:55 sell 0.02 BTCUSDT
+341d09:10 buy for 600 SOLUSDT
+343d11:36 buy for 900 BTCUSDT
+344d23:12 sell 1.5 SOLUSDT
+345d18:25 withdraw 1200 USDT fee 1 completed after 15m
+347d13:40 dividend 0.009 BNB
+348d06:20 buy for 350 LINKUSDT
+349d11:05 deposit 3000 USDT
+349d12:40 buy for 1500 ETHUSDT
+351d15:31 sell 0.1 ETHUSDT
+352d07:30 sell 400 ADAUSDT
+353d19:44 buy for 800 SOLUSDT
+355d10:25 sell 0.011 BTCUSDT
+356d16:10 withdraw 0.3 ETH fee 0.0012 completed after 20m
+358d08:52 sell 2.4 SOLUSDT
+359d13:00 long 0.02 ETHUSDT
+359d19:45 close ETHUSDT
+361d17:06 buy for 500 ETHUSDT
+362d21:18 sell 15 LINKUSDT
+363d12:33 buy for 750 BTCUSDT
+364d09:47 sell 0.3 BNBUSDT

# and for ever
every day 00:10 interest 6.5 USDT
every day 08:40 buy 0.01 BTCUSDT
every day 18:20 sell 0.01 BTCUSDT
