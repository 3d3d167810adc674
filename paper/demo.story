# A year in the life of one account, and of three that came later, at other exchanges; read by `make demo`. It begins 365
# days before the demo's first start. The monitor rebuilds the last two months of it and goes on from there.

+0d00:05   account demo key demo-key-of-the-paper-exchange secret demo-secret-of-the-paper-exchange
+0d00:06   deposit 25000 USDT
+0d00:10   buy for 6000 BTCUSDT
+0d00:12   buy for 4000 ETHUSDT
+0d10:00   buy for 1500 SOLUSDT
+2d08:00   transfer 4000 USDT from spot to earn_flexible
+9d17:20   buy for 800 BNBUSDT
+40d11:00  deposit 0.08 BTC credited after 35m
+41d07:00  transfer 0.05 BTC from spot to earn_locked
+75d16:45  buy for 400 LINKUSDT
+110d20:15 transfer 900 USDT from spot to futures
+111d20:15 long 0.01 BTCUSDT
+140d09:05 close BTCUSDT
+162d18:00 sell 0.3 ETHUSDT
+200d12:12 deposit 2500 USDC
+215d08:50 buy for 0.01 XMRBTC
+250d14:00 withdraw 900 USDT fee 1 completed after 12m
+290d10:30 sell 4 LINKUSDT
+301d19:00 buy for 700 ADAUSDT

# the last two months, hour by hour on the page
+306d09:14 buy for 450 BTCUSDT
+308d14:02 sell 1.2 SOLUSDT
+309d20:37 buy for 380 ETHUSDT
+311d06:55 convert 200 USDT to BNB
+312d11:20 bnbfees on
+313d15:48 sell 0.006 BTCUSDT
+314d08:05 sell all LINKUSDT
+314d08:06 sell all ADAUSDT
+315d02:31 buy for 520 SOLUSDT
+316d19:05 buy for 300 LINKUSDT
+318d10:12 sell 0.08 ETHUSDT
+319d22:46 buy for 250 ADAUSDT
+321d08:08 dividend 0.012 BNB
+322d13:33 buy for 600 BTCUSDT
+324d17:21 sell 2 SOLUSDT
+325d10:40 sell 40% LINKUSDT
+326d05:42 sell 0.09 ETHUSDT
+328d12:15 rebate 3.4 USDT
+329d21:30 buy for 700 ETHUSDT
+331d16:04 sell 0.012 BTCUSDT
+332d07:30 sell 50% ADAUSDT
+333d09:50 buy for 420 BNBUSDT
+335d18:18 sell all LINKUSDT
+336d07:27 sell 0.4 BNBUSDT
+338d14:20 deposit 0.05 BTC credited after 40m
+339d20:55 sell 0.02 BTCUSDT
+340d07:30 sell all ADAUSDT
+341d09:10 buy for 600 SOLUSDT
+343d11:36 buy for 900 BTCUSDT
+344d10:15 buy for 420 ADAUSDT
+344d10:16 oco sell all ADAUSDT at +2.5% stop -4% by itself
+344d23:12 sell 1.5 SOLUSDT
+345d18:25 withdraw 1200 USDT fee 1 completed after 15m
+347d13:40 dividend 0.009 BNB
+348d06:20 buy for 350 LINKUSDT
+348d06:21 limit sell 40% LINKUSDT at +1.5% by itself
+348d06:22 stop sell all LINKUSDT at -3% by itself
+349d11:05 deposit 3000 USDT
+349d12:40 buy for 1500 ETHUSDT
+351d15:31 sell 0.1 ETHUSDT
+353d19:44 buy for 800 SOLUSDT
+354d09:00 buy for 500 ADAUSDT
+354d09:02 limit sell 50% ADAUSDT at +2% by itself
+355d10:25 sell 0.011 BTCUSDT
+356d16:10 withdraw 0.2 ETH fee 0.0012 completed after 20m
+358d08:52 sell 2.4 SOLUSDT
+359d13:00 long 0.02 ETHUSDT
+359d19:45 close ETHUSDT
+361d17:06 buy for 500 ETHUSDT
+362d21:18 sell all ADAUSDT
+363d12:33 buy for 750 BTCUSDT
+364d09:47 sell 0.3 BNBUSDT

# what waits, at the end
+363d14:05 limit buy 0.004 BTCUSDT at -18%
+363d14:20 stop sell 0.6 SOLUSDT at -22%
+364d07:10 oco sell 0.1 ETHUSDT at +19% stop -21%

# to the accounts below, over the chain
+338d10:00 send 600 USDT to bitget fee 1 arriving after 14m
+347d20:30 send 0.15 ETH to gate fee 0.0008 arriving after 25m
+357d11:05 send 250 USDT to mexc fee 1 arriving after 11m

# and for ever
every day 00:10 interest 6.5 USDT
every day 08:40 buy 0.01 BTCUSDT
every day 18:20 sell 0.01 BTCUSDT

# three more, at other exchanges: money from the bank, and from the first account
+310d00:05 account bitget on bitget unified key demo-key-at-bitget secret demo-secret-at-bitget passphrase demo-words
+310d09:00 deposit 3000 USDT
+310d09:20 buy for 1000 BTCUSDT
+310d09:25 buy for 700 ETHUSDT
+318d14:10 long 0.02 BTCUSDT
+318d14:45 close BTCUSDT
+337d11:15 buy for 500 SOLUSDT
+339d12:10 buy for 350 LINKUSDT
+340d07:50 buy 0.004 BTCUSDT
+340d19:10 sell 0.004 BTCUSDT
+342d15:35 sell 50% LINKUSDT
+345d09:20 sell all LINKUSDT
+346d07:50 buy 0.004 BTCUSDT
+346d19:10 sell 0.004 BTCUSDT
+350d13:25 buy for 300 ADAUSDT
+352d16:40 sell 0.6 SOLUSDT
+353d20:10 sell all ADAUSDT
+355d07:50 buy 0.004 BTCUSDT
+355d19:10 sell 0.004 BTCUSDT
+362d07:50 buy 0.004 BTCUSDT
+362d19:10 sell 0.004 BTCUSDT
+363d16:45 limit buy 0.004 BTCUSDT at -17%

+322d00:05 account gate on gate key demo-key-at-gate secret demo-secret-at-gate
+322d10:00 deposit 1800 USDT
+322d10:30 buy for 700 ETHUSDT
+322d10:34 buy for 60 GTUSDT
+322d10:35 gtfees on
+323d09:15 buy for 250 SOLUSDT
+323d09:16 stop sell all SOLUSDT at -1.5% by itself
+331d13:12 convert 200 USDT to BTC
+335d12:20 buy 0.05 ETHUSDT
+335d21:05 sell 0.05 ETHUSDT
+339d08:25 buy for 200 ADAUSDT
+339d08:26 stop sell all ADAUSDT at -2% by itself
+344d09:35 sell 0.05 ETHUSDT
+348d12:20 buy 0.05 ETHUSDT
+348d21:05 sell 0.05 ETHUSDT
+356d17:50 buy for 150 LINKUSDT
+361d12:20 buy 0.05 ETHUSDT
+361d21:05 sell 0.05 ETHUSDT
+363d18:30 stop sell 50% LINKUSDT at -20%

+342d00:05 account mexc on mexc key demo-key-at-mexc secret demo-secret-at-mexc
+342d08:15 deposit 900 USDT
+342d08:40 buy for 400 BTCUSDT
+345d11:20 buy for 200 ETHUSDT
+349d17:45 sell all ETHUSDT
+351d10:10 buy for 250 SOLUSDT
+360d15:45 sell 0.3 SOLUSDT
