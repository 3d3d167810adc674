"""Swaps of one asset for another: trades at the minute's price, converts, and dust turned to BNB."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from paper.accounts import Account, Conversion, Dust, Fill
from paper.ledger import HOUSE
from paper.stories import StoryFault
from paper.venue import Venue
from paper.words import Words, read_amount, read_share

COMMISSION = Decimal("0.001")
OWN_COMMISSION = Decimal("0.00075")  # paid in the exchange's own coin
OWN_COINS = {"binance": "BNB", "gate": "GT"}
CONVERT_SPREAD = Decimal("0.002")
DUST_FEE = Decimal("0.02")
SMALLEST = Decimal("1e-8")
MARKETS = ("spot", "cross_margin", "isolated_margin")


def buy(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Buy QUANTITY SYMBOL, or for AMOUNT SYMBOL, [on MARKET]."""
    words, market = split_market(words)
    name = words[-1]
    price = venue.price(name, at)
    quantity = read_amount(words[1]) / price if words[0] == "for" else read_amount(words[0])
    _trade(venue, account, market, name, price, quantity.quantize(SMALLEST), at, is_buy=True)


def sell(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Sell QUANTITY SYMBOL [on MARKET]."""
    words, market = split_market(words)
    price, quantity = venue.price(words[1], at), read_quantity(venue, account, market, words[1], words[0])
    _trade(venue, account, market, words[1], price, quantity, at, is_buy=False)


def read_quantity(venue: Venue, account: Account, market: str, name: str, word: str) -> Decimal:
    """How much is sold: an amount, `all` that is free of the coin, or a percentage of it. Raises StoryFault."""
    share = Decimal(1) if word == "all" else read_share(word)
    if share is None:
        return read_amount(word)
    free = venue.ledger.balance((account.name, market), venue.market.symbols[name].base)
    if not (quantity := (free * share).quantize(SMALLEST, ROUND_DOWN)):
        raise StoryFault("nothing of it is free to be sold")
    return quantity


def split_market(words: Words) -> tuple[Words, str]:
    """The words without the market that they end with, and that one. Raises StoryFault for one that is none."""
    if len(words) > 2 and words[-2] == "on":
        if words[-1] not in MARKETS:
            raise StoryFault(f"'{words[-1]}' is none of {', '.join(MARKETS)}")
        return words[:-2], words[-1]
    return words, "spot"


def _trade(
    venue: Venue,
    account: Account,
    market: str,
    name: str,
    price: Decimal,
    quantity: Decimal,
    at: datetime,
    *,
    is_buy: bool,
) -> None:
    cost = (quantity * price).quantize(SMALLEST)
    settle(venue, account, market, name, quantity, cost, at, is_buy=is_buy, price=price)


def settle(
    venue: Venue,
    account: Account,
    market: str,
    name: str,
    quantity: Decimal,
    cost: Decimal,
    at: datetime,
    *,
    is_buy: bool,
    price: Decimal,
    order: int = 0,
    is_maker: bool = False,
) -> None:
    """One fill: `quantity` of the base for `cost` of the quote, and its commission."""
    symbol, place = venue.market.symbols[name], (account.name, market)
    given, received = (symbol.quote, cost), (symbol.base, quantity)
    if not is_buy:
        given, received = received, given
    venue.ledger.move(given[0], given[1], place, HOUSE, about=name)
    venue.ledger.move(received[0], received[1], HOUSE, place, about=name)
    fee_asset, commission = _commission(venue, received, account.pays_in, at)
    venue.ledger.move(fee_asset, commission, place, HOUSE, why="commission", about=name)
    account.fills.append(
        Fill(
            id=next(venue.numbers),
            market=market,
            symbol=name,
            is_buy=is_buy,
            price=price,
            quantity=quantity,
            cost=cost,
            commission=commission,
            commission_asset=fee_asset,
            at=at,
            order=order,
            is_maker=is_maker,
        )
    )


def _commission(venue: Venue, received: tuple[str, Decimal], own: str, at: datetime) -> tuple[str, Decimal]:
    if not own:
        return received[0], (received[1] * COMMISSION).quantize(SMALLEST)
    worth = received[1] * _price(venue, received[0], at) / _price(venue, own, at)
    return own, (worth * OWN_COMMISSION).quantize(SMALLEST)


def _price(venue: Venue, asset: str, at: datetime) -> Decimal:
    return Decimal(1) if asset == "USDT" else venue.price(f"{asset}USDT", at)


def convert(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Convert AMOUNT ASSET to ASSET, at the market less a spread, without a fee."""
    match words:
        case (amount, paid, "to", bought):
            given = read_amount(amount)
        case _:
            raise StoryFault("expected: convert AMOUNT ASSET to ASSET")
    ratio = _price(venue, paid, at) / _price(venue, bought, at) * (1 - CONVERT_SPREAD)
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
        worth = (amount * _price(venue, asset, at) / _price(venue, "BNB", at)).quantize(SMALLEST, ROUND_DOWN)
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


def own_fees(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Pay commissions in the exchange's own coin from now on, or no longer: on | off."""
    if words not in (("on",), ("off",)) or account.exchange not in OWN_COINS:
        raise StoryFault(f"expected: on | off, for an account on {', '.join(OWN_COINS)}")
    account.pays_in = OWN_COINS[account.exchange] if words == ("on",) else ""
