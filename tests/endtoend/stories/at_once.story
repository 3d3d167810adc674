# Trades in the very moment of the first reading: its balances have them already.
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 50000 USDT
+0m deposit 3 BTC
+62m buy for 650 BTCUSDT
+62m buy for 120 BTCUSDT
+128m buy for 440 BTCUSDT
+135m buy for 27 BTCUSDT
