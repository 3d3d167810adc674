"""Story verbs for masters and their sub-accounts."""

from collections.abc import Callable
from datetime import datetime

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.stories.lines import StoryFault
from paper.stories.rows import add_row
from paper.stories.words import Words, read_amount, read_options


def belong(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`belongs to NAME`: the account is a sub-account of another."""
    if len(words) != 2 or words[1] not in venue.accounts:
        raise StoryFault("expected: belongs to ACCOUNT")
    _check_family(account, venue.accounts[words[1]])
    account.master = words[1]


def hand(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`hand AMOUNT ASSET to NAME`: a transfer inside the family, listed at both ends with one number."""
    match words:
        case (amount, asset, "to", name, *rest) if name in venue.accounts:
            options = read_options(tuple(rest), "shown")
        case _:
            raise StoryFault("expected: hand AMOUNT ASSET to ACCOUNT [shown after 2h]")
    taker = venue.accounts[name]
    _check_family(account, taker)
    venue.ledger.move(asset, read_amount(amount), (account.name, "spot"), (taker.name, "spot"))
    number = next(venue.numbers)
    for one in (account, taker):
        add_row(
            venue,
            one,
            "transfer",
            at,
            id=str(number),
            asset=asset,
            amount=read_amount(amount),
            shown_after=options.get("shown", "0s"),
            giver=account.name,
            taker=taker.name,
        )


def _check_family(account: Account, other: Account) -> None:
    if account.exchange != other.exchange:
        raise StoryFault(
            f"{account.name} is on {account.exchange}, {other.name} on {other.exchange}: send, over the chain"
        )


FAMILY_VERBS: dict[str, Callable[[Venue, Account, Words, datetime], None]] = {"belongs": belong, "hand": hand}
