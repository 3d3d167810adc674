# A deposit as large as the account that the history tells seven hours late: its first hour is doubted.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 5000 USDT
+1m buy for 2500 ETHUSDT
+02:25 deposit 6000 USDT shown after 7h
+05:30 withdraw 400 USDT fee 1
