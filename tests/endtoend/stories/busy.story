# Two accounts in which something moves every hour: the story in which workers are killed.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 900000 USDT
+1m buy for 300000 BTCUSDT
every hour :10 deposit 70 USDT credited after 9m
every hour :20 deposit 0.01 ETH shown after 3h
every hour :40 withdraw 30 USDT fee 1 completed after 30m
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 9000 USDT
+0m deposit 3 BTC
every hour :30 withdraw 0.001 BTC fee 0.0001
