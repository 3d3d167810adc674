"""The hourly worker: what an account is worth, what came and went, and what 50/50 would be worth.

A room imports only rooms above it, and holds its own SQL:

errors          what can go wrong, as a tree
alert_settings  which alerts are wanted, from which size on, and when only critical ones are sent
settings        what the owner sets
database        runs and their lock, the boundary that contains errors
exchanges       what is asked of an exchange, how it is asked, and what an answer means
accounts        the tracked accounts, their keys, their open connections
ledger          deposits and withdrawals, income, fills and orders, as the exchange's histories show them
market          prices: the ticker's, past minutes', of coins without a ticker
snapshots       one reading of one account, and what speaks for and against it
performance     one account's hour recorded: units, benchmarks, explanations; all accounts together; verification
trading         gains by every method of cost, and the proof that they add up to the change of NAV
recovery        what is found later: missing fills, orders, outages, backfill, corrections
legacy          what an older system kept: set beside ours, and what it alone knows brought along
cycle           one hourly run
notify          alerts from stored facts
checkup         `account check`: what the exchange answers to everything a run may ask
commands        the commands of `python -m monitor`
"""
