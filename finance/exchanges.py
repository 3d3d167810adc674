"""The exchanges: the names under which they are stored and asked for, and as people know them.

Their order is that of trust in prices: what an exchange does not trade is valued with the first that does, and so is the
benchmark of accounts on several of them.
"""

NAMES = {"binance": "Binance", "bitget": "Bitget", "gate": "Gate.io", "mexc": "MEXC"}
WITH_PASSPHRASE = ("bitget",)  # whose keys have one beside their secret
# Of which no document says whether a withdrawal's fee is inside its amount or on top: a setting does.
WITH_UNDECIDED_FEE = ("bitget", "gate", "mexc")


def name_fee_setting(exchange: str) -> str:
    """The name of the setting that says where the fees of an exchange's withdrawals are."""
    return f"{exchange.upper()}_WITHDRAWAL_FEE"
