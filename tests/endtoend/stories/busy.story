# Two accounts in which something moves every hour: the story in which workers are killed.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 900000 USDT
+1m buy for 300000 BTCUSDT
every hour :10 deposit 70 USDT credited after 9m
+00:20 deposit 0.1000 ETH shown after 3h
+01:20 deposit 0.1030 ETH shown after 3h
+02:20 deposit 0.1061 ETH shown after 3h
+03:20 deposit 0.1093 ETH shown after 3h
+04:20 deposit 0.1126 ETH shown after 3h
+05:20 deposit 0.1159 ETH shown after 3h
+06:20 deposit 0.1194 ETH shown after 3h
+07:20 deposit 0.1230 ETH shown after 3h
+08:20 deposit 0.1267 ETH shown after 3h
+09:20 deposit 0.1305 ETH shown after 3h
+10:20 deposit 0.1344 ETH shown after 3h
+11:20 deposit 0.1384 ETH shown after 3h
+12:20 deposit 0.1426 ETH shown after 3h
+13:20 deposit 0.1469 ETH shown after 3h
+14:20 deposit 0.1513 ETH shown after 3h
+15:20 deposit 0.1558 ETH shown after 3h
+16:20 deposit 0.1605 ETH shown after 3h
+17:20 deposit 0.1653 ETH shown after 3h
+18:20 deposit 0.1702 ETH shown after 3h
+19:20 deposit 0.1754 ETH shown after 3h
+20:20 deposit 0.1806 ETH shown after 3h
+21:20 deposit 0.1860 ETH shown after 3h
+22:20 deposit 0.1916 ETH shown after 3h
+23:20 deposit 0.1974 ETH shown after 3h
every hour :40 withdraw 30 USDT fee 1 completed after 30m
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 9000 USDT
+0m deposit 3 BTC
every hour :30 withdraw 0.001 BTC fee 0.0001
