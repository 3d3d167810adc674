# Two accounts; the first loses its key from the third to the fifth hour, and money moves in both meanwhile.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 9000 USDT
+1m buy for 4000 BTCUSDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 10 ETH

+0m account one
+02:25 revoke
+02:30 deposit 0.1 BTC
+03:45 withdraw 700 USDT fee 1
+05:30 restore
+07:20 deposit 300 USDT
+0m account two
+03:15 deposit 1 ETH
+04:50 withdraw 2 ETH fee 0.001 completed after 20m
