# Everything that can happen: each wallet, each kind of flow, income and trade, late and pending ones, three days asleep,
# a sub-account, and money on its way between accounts. The worker first reads in the second hour.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 90000 USDT
+0m deposit 60000 TRY
+1m buy for 20000 BTCUSDT
+1m buy for 15000 ETHUSDT
+1m buy for 900 BNBUSDT
+2m transfer 6000 USDT from spot to funding
+2m transfer 5000 USDT from spot to earn_flexible
+2m transfer 0.05 BTC from spot to earn_locked
+3m transfer 4000 USDT from spot to cross_margin
+4m borrow 0.02 BTC on cross_margin
+5m sell 0.02 BTCUSDT on cross_margin
+6m transfer 2 ETH from spot to isolated_margin
+7m borrow 500 USDT on isolated_margin
+8m transfer 3000 USDT from spot to futures
+9m transfer 0.1 BTC from spot to coin_m
+10m transfer 700 USDT from spot to options
+0m account kid key key-kid-0123456789 secret secret-kid-0123456789
+0m belongs to one
+0m deposit 5000 USDT
+1m deposit 0.2 ETH
+0m account three key key-three-0123456789 secret secret-three-0123456789
+0m deposit 20000 USDT
+0m deposit 0.5 BTC
+0m account pm key key-pm-0123456789 secret secret-pm-0123456789
+0m deposit 8000 USDT
+1m unify
+2m transfer 5000 USDT from spot to cross_margin
+3m borrow 0.5 ETH on cross_margin

# before the outage, hour by hour
+0m account one
+02:10 deposit 0.35000001 BTC credited after 35m
+02:20 deposit 250 USDT shown after 7h
+03:05 long 0.05 BTCUSDT
+03:15 short 20 BTCUSD_PERP
+03:30 buy for 1234.56 SOLUSDT
+04:10 funding pay 1.2345 USDT BTCUSDT
+04:20 charge 0.00001 BTC on cross_margin
+04:25 charge 0.21 USDT on isolated_margin
+05:05 close BTCUSDT
+05:06 close BTCUSD_PERP
+06:10 fiat deposit 20000 TRY fee 50 completed after 12m
+06:20 fiat withdraw 9000 TRY fee 20 completed after 25m
+06:50 card buy 0.02 BTC for 50000 TRY
+07:05 p2p buy 400 USDT fee 0.4
+07:15 p2p sell 300 USDT fee 0.3
+07:25 pay receive 0.005 BTC as CRYPTO_BOX
+07:35 pay send 150 USDT fee 1
+07:45 card sell 0.004 BTC for 9000 TRY
+08:10 convert 500 USDT to ETH
+08:20 bnbfees on
+08:25 sell 0.03 BTCUSDT
+08:40 withdraw 1.23456789 ETH fee 0.00096 completed after 27m
+09:10 dividend 1.5 SOL
+09:15 rebate 0.77 USDT
+09:20 reward 2.5 USDT locked REWARDS
+09:30 fiat withdraw 1000 TRY fee 5 refunded after 130m
+10:10 hand 1200 USDT to kid
+10:40 withdraw 800 USDT fee 1 rejected after 95m
+11:20 send 0.1 BTC to three arriving after 3h
+0m account kid
+10:30 hand 200 USDT to one
+12:50 deposit 0.4 ETH
+0m account three
+04:40 buy for 3000 ETHUSDT
+09:50 deposit 777.77 USDT
+0m account pm
+07:20 deposit 1000 USDT
+09:05 charge 0.0002 ETH on cross_margin

# asleep from the fifteenth hour on
+0m account one
+1d03:17 deposit 900 USDT
+1d09:30 buy for 700 SOLUSDT
+1d12:10 interest 6.5 USDT
+1d20:05 withdraw 2000 USDT fee 1 completed after 47m
+2d06:20 p2p buy 120 USDT
+2d11:07 hand 300 USDT to kid
+2d15:45 convert 0.5 SOL to USDT
+3d01:10 transfer 0.006 BTC from spot to cross_margin
+3d01:15 repay 0.005 BTC on cross_margin
+0m account three
+1d22:30 deposit 0.05 BTC credited after 3h
+2d18:18 withdraw 0.2 ETH fee 0.001
+0m account kid
+3d04:30 deposit 60 USDT
+0m account pm
+2d02:20 withdraw 300 USDT fee 1

# awake again
+0m account one
+3d15:20 deposit 3 SOL
+3d16:10 sell 0.4 SOLUSDT
+3d17:30 withdraw 4321.5 USDT fee 1
+0m account three
+3d16:40 send 500 USDT to one arriving after 80m
