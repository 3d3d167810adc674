"""The exchanges: the names under which they are stored and asked for, and as people know them.

Their order is that of trust in prices: what an exchange does not trade is valued with the first that does, and so is the
benchmark of accounts on several of them.
"""

NAMES = {"binance": "Binance", "bitget": "Bitget", "gate": "Gate.io", "mexc": "MEXC"}
WITH_PASSPHRASE = ("bitget",)  # whose keys have one beside their secret
