"""Story verbs for money that comes and goes by other ways than the chain: bank, card, P2P and Pay.

What is on its way out is out of reach but still the account's (`withdrawing`, or `frozen` in the funding wallet) until
the order ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paper.histories.accounts import Account
from paper.ledger.balances import HOUSE, OUTSIDE, Place
from paper.stories.lines import Line, StoryFault, parse_duration
from paper.stories.rows import add_row
from paper.stories.venue import StoryVenue
from paper.stories.words import Words, read_amount, read_options

ZERO = Decimal(0)
STARTED, COMPLETED = "started", "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKind:
    """What fiat and P2P orders have in common, and how each calls it."""

    history: str
    ends: tuple[str, ...]  # how one may end
    wallet: str
    hold: str  # where outgoing money waits
    charges_buyer: bool  # takes its fee from what arrives


FIAT = OrderKind(
    history="fiat order",
    ends=("completed", "failed", "refunded", "expired"),
    wallet="spot",
    hold="withdrawing",
    charges_buyer=False,
)
P2P = OrderKind(
    history="p2p",
    ends=("completed", "cancelled"),
    wallet="funding",
    hold="frozen",
    charges_buyer=True,
)
KINDS = {kind.history: kind for kind in (FIAT, P2P)}


def fiat(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """`fiat deposit|withdraw AMOUNT ASSET`: a bank's money; the fee of a withdrawal is on top."""
    _order(venue, account, FIAT, words, at, incoming="deposit", outgoing="withdraw")


def p2p(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """`p2p buy|sell AMOUNT ASSET`: from or to another user; the commission is in the coin."""
    _order(venue, account, P2P, words, at, incoming="buy", outgoing="sell")


def _order(
    venue: StoryVenue, account: Account, kind: OrderKind, words: Words, at: datetime, *, incoming: str, outgoing: str
) -> None:
    """Hold what an order takes, and let it end now or later."""
    if len(words) < 3 or words[0] not in (incoming, outgoing):
        raise StoryFault(f"expected: {incoming}|{outgoing} AMOUNT ASSET [fee FEE] [{'|'.join(kind.ends)} after 20m]")
    options = read_options(words[3:], "fee", "shown", *kind.ends)
    amount, fee, is_out = read_amount(words[1]), read_amount(options.get("fee", "0")), words[0] == outgoing
    row = add_row(
        venue,
        account,
        kind.history,
        at,
        asset=words[2],
        amount=amount,
        status=STARTED,
        shown_after=options.get("shown", "0s"),
        is_out=is_out,
        fee=fee,
    )
    if is_out:
        venue.ledger.move(row.asset, amount + fee, (account.name, kind.wallet), (account.name, kind.hold))
    end = next((name for name in kind.ends if name in options), COMPLETED)
    words = ("_end_order", account.name, row.id, end)
    if end in options:
        venue.plan(Line(number=0, at=at + parse_duration(options[end]), every=None, words=words))
    else:
        end_order(venue, account, words[2:], at)


def end_order(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """Let a fiat or P2P order end: the money arrives, leaves, or comes back."""
    number, status = words
    name, row = account.name, next(r for r in account.rows if r.id == number)
    kind, fee = KINDS[row.history], row.extra["fee"]
    row.status, row.changed_at = status, at
    is_done = status == COMPLETED
    moved, why = venue.ledger.move, kind.history
    if row.extra["is_out"]:
        back: Place = (name, kind.wallet)
        moved(row.asset, row.amount, (name, kind.hold), OUTSIDE if is_done else back, why=why)
        moved(row.asset, fee, (name, kind.hold), HOUSE if is_done else back, why="fee")
    elif is_done:
        moved(row.asset, row.amount, OUTSIDE, (name, kind.wallet), why=why)
        moved(row.asset, fee if kind.charges_buyer else ZERO, (name, kind.wallet), HOUSE, why="fee")


def card(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """`card buy|sell COINS ASSET for MONEY FIAT [as cash]`: for a bank's money, or for the account's own: a trade."""
    match words:
        case ("buy" | "sell" as direction, amount, asset, "for", price, currency, *rest):
            options = read_options(tuple(rest), "fee", "as")
        case _:
            raise StoryFault("expected: card buy|sell AMOUNT ASSET for AMOUNT FIAT [fee FEE] [as cash]")
    coins, money, is_cash = read_amount(amount), read_amount(price), options.get("as") == "cash"
    is_out = direction == "sell"
    bank = HOUSE if is_cash else OUTSIDE
    _move(venue, asset, coins, (account.name, "funding"), bank, is_out=is_out)
    if is_cash:
        _move(venue, currency, money, (account.name, "spot"), bank, is_out=not is_out)
    add_row(
        venue,
        account,
        "fiat payment",
        at,
        asset=asset,
        amount=coins,
        status=COMPLETED,
        is_out=is_out,
        fee=read_amount(options.get("fee", "0")),
        money=money,
        currency=currency,
        is_cash=is_cash,
    )


def _move(venue: StoryVenue, asset: str, amount: Decimal, place: Place, other: Place, *, is_out: bool) -> None:
    source, target = (place, other) if is_out else (other, place)
    venue.ledger.move(asset, amount, source, target)


def pay(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    """`pay send|receive AMOUNT ASSET [as CRYPTO_BOX]`: a payment or a gift; `as card` never touches the account."""
    match words:
        case ("send" | "receive" as direction, amount, asset, *rest):
            options = read_options(tuple(rest), "fee", "as", "shown")
        case _:
            raise StoryFault("expected: pay send|receive AMOUNT ASSET [fee FEE] [as PAY|C2C|CRYPTO_BOX|card]")
    is_out, is_card = direction == "send", options.get("as") == "card"
    paid, fee = read_amount(amount), read_amount(options.get("fee", "0"))
    if not is_card:
        _move(venue, asset, paid, (account.name, "funding"), OUTSIDE, is_out=is_out)
        venue.ledger.move(asset, fee, (account.name, "funding"), HOUSE, why="fee")
    add_row(
        venue,
        account,
        "pay",
        at,
        asset=asset,
        amount=-paid if is_out else paid,
        shown_after=options.get("shown", "0s"),
        fee=fee,
        is_card=is_card,
        style="PAY" if is_card else options.get("as", "C2C"),
    )


MONEY_VERBS: dict[str, Callable[[StoryVenue, Account, Words, datetime], None]] = {
    "fiat": fiat,
    "p2p": p2p,
    "card": card,
    "pay": pay,
}
MONEY_ENDS: dict[str, Callable[[StoryVenue, Account, Words, datetime], None]] = {"_end_order": end_order}
