"""Debts: borrowing on margin and against Earn, repaying, and the interest that is charged.

A debt is a negative balance in a bucket of its own, so that the ledger still adds up to zero.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.ledger.balances import HOUSE, OWED
from paper.stories.exchanges import CLASSIC, SYSTEMS
from paper.stories.lines import StoryFault
from paper.stories.rows import add_row
from paper.stories.words import Words, read_amount

INTEREST = OWED + "interest "
LENDERS = ("cross_margin", "isolated_margin", "loans")
QUOTE = "USDT"  # of every isolated pair


def borrow(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Borrow AMOUNT ASSET [on WALLET]; what a loan lends goes to spot."""
    amount, asset, wallet = _read(words)
    account.opened.add(wallet)
    venue.ledger.move(asset, amount, (account.name, OWED + wallet), (account.name, _purse(wallet)))


def repay(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Repay AMOUNT ASSET [on WALLET], interest first."""
    amount, asset, wallet = _read(words)
    name = account.name
    interest, debt = debts(venue, name, wallet, asset)
    if amount > interest + debt:
        raise StoryFault(f"only {interest + debt} {asset} is owed")
    first = min(amount, interest)
    venue.ledger.move(asset, first, (name, _purse(wallet)), (name, INTEREST + wallet), why="interest")
    venue.ledger.move(asset, amount - first, (name, _purse(wallet)), (name, OWED + wallet))


def charge(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Charge AMOUNT ASSET [on WALLET] as interest: it is owed, and on margin it is listed."""
    amount, asset, wallet = _read(words)
    venue.ledger.move(asset, amount, (account.name, INTEREST + wallet), HOUSE)
    if wallet != "loans":
        pair = find_isolated_pair(venue, account, asset) if wallet == "isolated_margin" else ""
        add_row(venue, account, "interest", at, asset=asset, amount=amount, pair=pair)


def unify(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """Make wallets one, or no longer: portfolio margin, a unified account; the first of its exchange's systems, or a named one."""
    _, *unified = SYSTEMS[account.exchange]
    match words:
        case ("off",):
            account.system = CLASSIC
        case () if unified:
            account.system = unified[0]
        case (system,) if system in unified:
            account.system = system
        case _:
            raise StoryFault(f"expected: unify [SYSTEM] | unify off, of {', '.join(unified)}")


def debts(venue: Venue, name: str, wallet: str, asset: str) -> tuple[Decimal, Decimal]:
    """Interest and principal that an account owes in a wallet."""
    interest, debt = (-venue.ledger.balance((name, bucket + wallet), asset) for bucket in (INTEREST, OWED))
    return interest, debt


def held(venue: Venue, account: Account, wallet: str) -> Iterable[str]:
    """The assets that an account has or owes in a wallet."""
    return {
        asset
        for bucket in (wallet, OWED + wallet, INTEREST + wallet)
        for asset, _ in venue.ledger.holdings(account.name, bucket)
    }


def list_isolated_coins(venue: Venue, account: Account) -> list[str]:
    """The coins of an account's isolated pairs; the first pair has the USDT of all of them."""
    return sorted({*held(venue, account, "isolated_margin")} - {QUOTE}) or ["BTC"]


def find_isolated_pair(venue: Venue, account: Account, asset: str) -> str:
    """The isolated pair that an asset is in."""
    return (list_isolated_coins(venue, account)[0] if asset == QUOTE else asset) + QUOTE


def _purse(wallet: str) -> str:
    return "spot" if wallet == "loans" else wallet


def _read(words: Words) -> tuple[Decimal, str, str]:
    match words:
        case (amount, asset):
            return read_amount(amount), asset, LENDERS[0]
        case (amount, asset, "on", wallet) if wallet in LENDERS:
            return read_amount(amount), asset, wallet
    raise StoryFault(f"expected: AMOUNT ASSET [on WALLET], of {', '.join(LENDERS)}")


MARGIN_VERBS: dict[str, Callable[[Venue, Account, Words, datetime], None]] = {
    "borrow": borrow,
    "repay": repay,
    "charge": charge,
    "unify": unify,
}
