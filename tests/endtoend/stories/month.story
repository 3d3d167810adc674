# Over the turn of a month: the monthly basket goes back to its weights at 00:00 UTC, the second money also moves.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 3 BTC
+04:30 deposit 20 ETH
+07:00 deposit 9000 USDT
+09:30 withdraw 0.5 BTC fee 0.0002 completed after 10m
