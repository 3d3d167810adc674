"""What is asked of an exchange, how it is asked, and what an answer means; the only package that imports ccxt.

`contract` says what an adapter must answer, `adapters` loads the folder of one exchange, `http` asks in the words of its
`Dialect`. What an exchange calls its errors, hosts, fields and symbols stands in its folder alone.
"""

EXCHANGES = (
    "binance",
    "bitget",
    "gate",
    "mexc",
)  # by the names of their folders, under which accounts, prices and fills are stored
FIRST_EXCHANGE = EXCHANGES[0]  # of the account whose key is in the settings, and of the prices of all accounts together
