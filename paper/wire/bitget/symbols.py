"""Bitget's names of symbols and of what contracts are settled in: BTCUSD is the core's BTCUSD_PERP."""

from paper.engine.venue import Venue
from paper.stories.earnings import INVERSE
from paper.stories.futures import is_inverse
from paper.wire.bitget.refusals import illegal, unknown_symbol
from paper.wire.bitget.request import Asked

LINEAR, COINS, OTHER_LINEAR = "USDT-FUTURES", "COIN-FUTURES", "USDC-FUTURES"
PRODUCTS = (LINEAR, OTHER_LINEAR, COINS)
DEMO_PRODUCTS = ("SUSDT-FUTURES", "SCOIN-FUTURES", "SUSDC-FUTURES")  # there is nothing of them
SPOT, MARGIN, OTHER = "SPOT", "MARGIN", "OTHER"
CATEGORIES = (SPOT, MARGIN, *PRODUCTS, OTHER)


def read_product(asked: Asked, name: str = "productType") -> str:
    """The product that is asked for, in capitals; empty for one that there is nothing of. Raises Refusal."""
    product = asked.text(name).upper()
    if product in DEMO_PRODUCTS:
        return ""
    if product not in PRODUCTS:
        raise illegal(name)
    return product


def product_of(symbol: str) -> str:
    """The product of one of the core's contracts."""
    return COINS if is_inverse(symbol) else LINEAR


def is_settled_in(product: str, asset: str) -> bool:
    """Whether an asset is margin of a product's account."""
    return {"USDT": LINEAR, "USDC": OTHER_LINEAR}.get(asset, COINS) == product


def wire_name(symbol: str) -> str:
    """Bitget's name of a contract."""
    return symbol.removesuffix(INVERSE)


def contracts(venue: Venue, product: str) -> list[str]:
    """The core's names of a product's contracts."""
    linear = [symbol.name for symbol in venue.market.symbols.values() if symbol.quote == "USDT"]
    if product == COINS:
        return [f"{name.removesuffix('USDT')}USD{INVERSE}" for name in linear]
    return linear if product == LINEAR else []


def read_contract(asked: Asked, product: str) -> str:
    """The core's name of the contract that is asked for. Raises Refusal."""
    name = asked.text("symbol") + (INVERSE if product == COINS else "")
    if name not in contracts(asked.venue, product):
        raise unknown_symbol(asked.text("symbol"))
    return name


def read_pair(asked: Asked) -> str:
    """The pair that is asked for. Raises Refusal."""
    if asked.text("symbol") not in asked.venue.market.symbols:
        raise unknown_symbol(asked.text("symbol"))
    return asked.text("symbol")


def read_category(asked: Asked) -> str:
    """The unified account's name of a market that is asked for. Raises Refusal."""
    category = asked.text("category").upper()
    if category not in (SPOT, MARGIN, *PRODUCTS):
        raise illegal("category")
    return category
