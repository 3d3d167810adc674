# A deposit that the history tells seven hours after it was credited, between others that are told at once.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 10000 USDT
+1m buy for 6000 BTCUSDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 4000 USDT

+0m account one
+01:40 deposit 500 USDT
+02:25 deposit 0.02 BTC shown after 7h
+04:30 withdraw 250 USDT fee 1
+06:10 deposit 0.5 ETH
+10:40 withdraw 100 USDT fee 1
+0m account two
+05:05 deposit 1000 USDT
