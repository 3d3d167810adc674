# Two accounts as one, and a third that is tracked from the sixth hour on.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 12000 USDT
+1m buy for 5000 BTCUSDT
+2m buy for 3000 ETHUSDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 2 BTC
+1m sell 0.5 BTCUSDT
+2m sell 300 USDTTRY
+0m account three key key-three-0123456789 secret secret-three-0123456789
+0m deposit 40 SOL
+0m deposit 25 XMR

+0m account one
+02:40 deposit 0.25 BTC credited after 40m
+05:11 withdraw 1500 USDT fee 1
+09:59 deposit 800 USDC
+0m account two
+03:20 withdraw 0.4 BTC fee 0.0002 completed after 75m
+08:00 deposit 5000 USDT
+0m account three
+03:33 deposit 100 LINK
+07:07 withdraw 10 SOL fee 0.01
+10:15 sell 2 XMRBTC
