"""Swaps of one asset for another beside trading: converts, and dust turned to BNB."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from paper.engine.venue import Venue
from paper.histories.accounts import Account, Conversion, Dust
from paper.ledger.balances import HOUSE
from paper.stories.lines import StoryFault
from paper.stories.words import Words, read_amount
from paper.trading.orders import SMALLEST

CONVERT_SPREAD = Decimal("0.002")
DUST_FEE = Decimal("0.02")


def convert(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Convert AMOUNT ASSET to ASSET, at the market less a spread, without a fee."""
    match words:
        case (amount, paid, "to", bought):
            given = read_amount(amount)
        case _:
            raise StoryFault("expected: convert AMOUNT ASSET to ASSET")
    ratio = venue.price_in_usdt(paid, at) / venue.price_in_usdt(bought, at) * (1 - CONVERT_SPREAD)
    got = (given * ratio).quantize(SMALLEST, ROUND_DOWN)
    place = (account.name, "spot")
    venue.ledger.move(paid, given, place, HOUSE)
    venue.ledger.move(bought, got, HOUSE, place)
    account.conversions.append(
        Conversion(id=next(venue.numbers), paid=paid, amount=given, bought=bought, got=got, at=at)
    )


def dust(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Turn all there is of ASSET ... in spot to BNB, less a service charge."""
    group = next(venue.numbers)
    place = (account.name, "spot")
    for asset in words:
        amount = venue.ledger.balance(place, asset)
        worth = (amount * venue.price_in_usdt(asset, at) / venue.price_in_usdt("BNB", at)).quantize(
            SMALLEST, ROUND_DOWN
        )
        charge = (worth * DUST_FEE).quantize(SMALLEST)
        venue.ledger.move(asset, amount, place, HOUSE)
        venue.ledger.move("BNB", worth - charge, HOUSE, place)
        account.dust.append(
            Dust(
                id=next(venue.numbers),
                group=group,
                asset=asset,
                amount=amount,
                got=worth - charge,
                charge=charge,
                at=at,
            )
        )
