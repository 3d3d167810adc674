"""The hourly worker: what an account is worth, what came and went, and what 50/50 would be worth.

A room imports only rooms above it, and holds its own SQL:

errors        what can go wrong, as a tree
thresholds    which alerts are wanted, and from which size on
quiet_hours   when only critical alerts are sent
settings      what the owner sets
credentials   the stored API keys, sealed
database      the connection's type, runs and their lock, the boundary that contains errors
exchanges     what is asked of an exchange, how it is asked, and what an answer means
accounts      the tracked accounts, their keys, their open connections
ledger        deposits and withdrawals, income and fills, as the exchange's histories show them
market        prices: the ticker's, past minutes', of coins without a ticker
snapshots     one reading of one account, and what speaks for and against it
performance   one account's hour recorded: units, benchmarks, explanations; all accounts together; verification
recovery      what is found later: missing fills, outages, backfill, corrections
cycle         one hourly run
notify        alerts from stored facts
checkup       `account check`: what the exchange answers to everything a run may ask
commands      the commands of `python -m monitor`
"""

VERSION = "0.3.0"
