"""What counts as money rather than as a coin that is traded: bank money, and stablecoins of the dollar and the euro.

Money is inventory and no trade: who buys BTC with it has not sold it. These are what a new database begins with; its own list is
what counts (`python -m monitor trades cash`). A ticker that is also a coin's at one of the exchanges (RON, GEL, MAD, FRAX) is not among them.
"""

DOLLARS = (
    "USDT", "USDC", "FDUSD", "TUSD", "USDP", "BUSD", "DAI", "USDE", "USD1", "PYUSD", "RLUSD", "USDS", "USDD", "USDG", "GUSD", "XUSD",
    "BFUSD", "LUSD", "USDQ", "USDR", "USDF",
)  # fmt: skip
EUROS = ("EURI", "EURC", "EURT", "EURS", "EURQ", "EURR", "AEUR")
BANK_MONEY = (
    "USD", "EUR", "GBP", "AUD", "CHF", "CAD", "NZD", "JPY", "TRY", "BRL", "PLN", "UAH", "ARS", "MXN", "ZAR", "CZK", "HUF", "SEK", "NOK",
    "DKK", "HKD", "SGD", "KRW", "INR", "IDR", "VND", "THB", "PHP", "MYR", "TWD", "RUB", "KZT", "NGN", "AED", "SAR", "COP", "CLP",
)  # fmt: skip
USUAL = frozenset((*DOLLARS, *EUROS, *BANK_MONEY))
