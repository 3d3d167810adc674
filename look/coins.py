"""One colour for each coin, wherever it is drawn or listed: the same on every page, for every account, in every period."""

from zlib import crc32

from markupsafe import Markup

KNOWN = {
    "BTC": "#d56a35", "ETH": "#226bc0", "USDT": "#067f5c", "USDC": "#0f9ac2", "BNB": "#bb7f0a",
    "SOL": "#8c4ca6", "XRP": "#766f08", "FDUSD": "#0ea578",
}  # fmt: skip
OTHERS = (
    "#b13e4f", "#af4803", "#906106", "#427e0b", "#027c7c", "#027797", "#655bbe", "#a5417f",
    "#d76170", "#968d0d", "#629f3a", "#0ba0a0", "#468ee5", "#857de3", "#ae6dca", "#ca63a0",
)  # fmt: skip
REST = "#7b848e"  # of many small ones together


def colour(asset: str) -> str:
    """The coin's colour, readable on a light and on a dark ground; seldom two coins that are less known share one."""
    return KNOWN.get(asset) or OTHERS[crc32(asset.encode()) % len(OTHERS)]


def coin(asset: str) -> Markup:
    """The coin's name behind a square of its colour."""
    return Markup('<svg class="coin" fill="{}"><rect/></svg>{}').format(colour(asset), asset)
