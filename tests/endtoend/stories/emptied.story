# Everything is taken out with a gain the benchmark never made, the account stays empty, and is funded again, twice.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 1000 USDT
+01:30 airdrop 1500 USDT
+03:20 withdraw 2499 USDT fee 1
+05:40 deposit 900 USDT
+07:25 deposit 0.02 BTC
+07:25 deposit 0.5 ETH
+09:00 withdraw 600 USDT fee 1
