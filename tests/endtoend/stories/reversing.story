# Withdrawals that come back: one cancelled, one rejected, one that goes through between them.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 10000 USDT
+1m buy for 6000 BTCUSDT
+01:30 withdraw 2000 USDT fee 1 cancelled after 130m
+02:30 withdraw 0.05 BTC fee 0.0001 completed after 3h
+04:15 withdraw 1500 USDT fee 1 rejected after 95m
+06:45 deposit 1500 USDT
