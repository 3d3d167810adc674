"""Story verbs for income that the exchange has a history of: rewards, dividends, rebates, funding."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.ledger.balances import HOUSE
from paper.stories.lines import StoryFault
from paper.stories.rows import add_row
from paper.stories.words import Words, read_amount

SMALLEST = Decimal("1e-8")
PRODUCTS = ("flexible", "locked", "onchain", "soft", "boost")
INVERSE = "_PERP"  # how the contracts of COIN-M futures end


def interest(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`interest PERCENT ASSET`: a year's percentage, paid for one day on flexible Earn and listed as a reward."""
    asset = words[1]
    held = venue.ledger.balance((account.name, "earn_flexible"), asset)
    paid = (held * read_amount(words[0]) / 100 / 365).quantize(SMALLEST)
    if paid:
        _pay_reward(venue, account, asset, paid, at, "flexible", "REALTIME")


def reward(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`reward AMOUNT ASSET flexible|locked|onchain|soft|boost [BONUS|REWARDS]`: paid to the spot wallet."""
    match words:
        case (amount, asset, product, *style) if product in PRODUCTS and len(style) <= 1:
            kind = style[0] if style else "BONUS"
        case _:
            raise StoryFault(f"expected: reward AMOUNT ASSET {'|'.join(PRODUCTS)} [BONUS|REWARDS]")
    _pay_reward(venue, account, asset, read_amount(amount), at, product, kind)


def _pay_reward(
    venue: Venue, account: Account, asset: str, paid: Decimal, at: datetime, product: str, kind: str
) -> None:
    wallet = "earn_flexible" if kind == "REALTIME" else "spot"
    venue.ledger.move(asset, paid, HOUSE, (account.name, wallet), why=product)
    add_row(venue, account, "reward", at, asset=asset, amount=paid, product=product, kind=kind)


def dividend(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`dividend AMOUNT ASSET`: a distribution or airdrop to the spot wallet that the exchange lists."""
    _pay(venue, account, "dividend", words, at)


def rebate(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`rebate AMOUNT ASSET`: a share of commissions, to the spot wallet."""
    _pay(venue, account, "rebate", words, at)


def _pay(venue: Venue, account: Account, history: str, words: Words, at: datetime) -> None:
    amount, asset = read_amount(words[0]), words[1]
    venue.ledger.move(asset, amount, HOUSE, (account.name, "spot"))
    add_row(venue, account, history, at, asset=asset, amount=amount)


def funding(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`funding pay|receive AMOUNT ASSET SYMBOL`: what longs and shorts pay each other on USD-M futures."""
    match words:
        case ("pay" | "receive" as direction, amount, asset, symbol):
            signed = -read_amount(amount) if direction == "pay" else read_amount(amount)
        case _:
            raise StoryFault("expected: funding pay|receive AMOUNT ASSET SYMBOL")
    book_futures(venue, account, "funding", signed, at, asset=asset, symbol=symbol)


def book_futures(
    venue: Venue,
    account: Account,
    kind: str,
    amount: Decimal,
    at: datetime,
    *,
    asset: str,
    symbol: str,
    trade: str = "",
) -> None:
    """Change the futures wallet of a contract and list it as income of a kind."""
    wallet = "coin_m" if symbol.endswith(INVERSE) else "futures"
    places = [HOUSE, (account.name, wallet)]
    source, target = places if amount >= 0 else places[::-1]
    venue.ledger.move(asset, abs(amount), source, target, why=kind, about=symbol)
    add_futures_income(venue, account, kind, amount, at, asset=asset, symbol=symbol, wallet=wallet, trade=trade)


def add_futures_income(
    venue: Venue,
    account: Account,
    kind: str,
    amount: Decimal,
    at: datetime,
    *,
    asset: str,
    symbol: str = "",
    wallet: str = "futures",
    trade: str = "",
) -> None:
    """A row of a futures wallet's income history; `trade` is the number of the fill it belongs to."""
    if amount:
        history = "usd_m" if wallet == "futures" else wallet
        add_row(venue, account, history, at, asset=asset, amount=amount, kind=kind, symbol=symbol, trade=trade)


EARNINGS_VERBS: dict[str, Callable[[Venue, Account, Words, datetime], None]] = {
    "interest": interest,
    "reward": reward,
    "dividend": dividend,
    "rebate": rebate,
    "funding": funding,
}
