"""What a story's verbs do. Each takes the words after the verb and happens at one time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from paper import futures
from paper.accounts import Account, Deposit, Fill, Withdrawal
from paper.ledger import HOUSE, OUTSIDE
from paper.stories import Line, StoryFault, parse_duration

if TYPE_CHECKING:
    from paper.venue import Venue

WALLETS = ("spot", "funding", "earn_flexible", "earn_locked", "futures")
COMMISSION = Decimal("0.001")
SMALLEST = Decimal("1e-8")
AMOUNT = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
ENDS = {"completed": 6, "cancelled": 1, "rejected": 3}
Words = tuple[str, ...]


def apply_event(venue: Venue, words: Words, at: datetime) -> None:
    """Let one verb happen. Raises StoryFault, ValueError or KeyError if it can't."""
    verb, rest = (words[0], words[1:]) if words else ("", ())
    if verb not in VERBS:
        raise StoryFault(f"'{verb}' is none of {', '.join(sorted(v for v in VERBS if not v.startswith('_')))}")
    VERBS[verb](venue, rest, at)


def read_amount(word: str) -> Decimal:
    """An amount written in plain figures."""
    if not AMOUNT.fullmatch(word):
        raise StoryFault(f"'{word}' is not an amount")
    return Decimal(word)


def current(venue: Venue) -> Account:
    """The account the story is about."""
    if venue.current not in venue.accounts:
        raise StoryFault("no account yet: begin with 'account NAME key KEY secret SECRET'")
    return venue.accounts[venue.current]


def _account(venue: Venue, words: Words, at: datetime) -> None:
    if words and words[0] in venue.accounts and len(words) == 1:
        venue.current = words[0]
        return
    match words:
        case (name, "key", key, "secret", secret):
            uid = int(hashlib.sha256(name.encode()).hexdigest()[:7], 16) + 100_000_000
            venue.accounts[name] = Account(name=name, uid=uid, key=key, secret=secret, created_at=at)
            venue.current = name
        case _:
            raise StoryFault("expected: account NAME key KEY secret SECRET")


def _deposit(venue: Venue, words: Words, at: datetime) -> None:
    account, amount, asset = current(venue), read_amount(words[0]), words[1]
    options = _options(words[2:], "credited", "shown")
    deposit = Deposit(
        id=f"D{next(venue.numbers):09}", asset=asset, amount=amount, inserted_at=at, shown_at=at, status=0
    )
    if "shown" in options:
        deposit.shown_at = at + parse_duration(options["shown"])
    account.deposits.append(deposit)
    if "credited" in options:
        _later(venue, at, options["credited"], "_credit", account.name, deposit.id)
    else:
        _credit(venue, (account.name, deposit.id), at)


def _credit(venue: Venue, words: Words, at: datetime) -> None:
    account = venue.accounts[words[0]]
    deposit = next(d for d in account.deposits if d.id == words[1])
    venue.ledger.move(deposit.asset, deposit.amount, OUTSIDE, (account.name, "spot"))
    deposit.status, deposit.completed_at = 1, at


def _withdraw(venue: Venue, words: Words, at: datetime) -> None:
    account, amount, asset = current(venue), read_amount(words[0]), words[1]
    options = _options(words[2:], "fee", *ENDS)
    fee = read_amount(options.get("fee", "0"))
    withdrawal = Withdrawal(
        id=f"W{next(venue.numbers):09}", asset=asset, amount=amount, fee=fee, applied_at=at, status=4
    )
    venue.ledger.move(asset, amount + fee, (account.name, "spot"), (account.name, "withdrawing"))
    account.withdrawals.append(withdrawal)
    end = next((name for name in ENDS if name in options), "")
    if end:
        _later(venue, at, options[end], "_end_withdrawal", account.name, withdrawal.id, end)
    else:
        _end_withdrawal(venue, (account.name, withdrawal.id, "completed"), at)


def _end_withdrawal(venue: Venue, words: Words, at: datetime) -> None:
    account = venue.accounts[words[0]]
    withdrawal = next(w for w in account.withdrawals if w.id == words[1])
    place = (account.name, "withdrawing")
    withdrawal.status, withdrawal.completed_at = ENDS[words[2]], at
    if words[2] == "completed":
        venue.ledger.move(withdrawal.asset, withdrawal.amount, place, OUTSIDE)
        venue.ledger.move(withdrawal.asset, withdrawal.fee, place, HOUSE)
    else:
        venue.ledger.move(withdrawal.asset, withdrawal.amount + withdrawal.fee, place, (account.name, "spot"))


def _options(words: Words, *known: str) -> dict[str, str]:
    """Pairs like `fee 0.1` and `credited after 40m`."""
    options: dict[str, str] = {}
    left = [word for word in words if word != "after"]
    for name, value in zip(left[::2], left[1::2], strict=False):
        options[name] = value
    if len(left) % 2 or set(options) - set(known):
        raise StoryFault(f"'{' '.join(words)}' is not made of {', '.join(known)} and a value")
    return options


def _later(venue: Venue, at: datetime, duration: str, *words: str) -> None:
    venue.plan(Line(number=0, at=at + parse_duration(duration), every=None, words=words))


def _buy(venue: Venue, words: Words, at: datetime) -> None:
    name = words[-1]
    price = venue.price(name, at)
    quantity = read_amount(words[1]) / price if words[0] == "for" else read_amount(words[0])
    _trade(venue, name, price, quantity.quantize(SMALLEST), at, is_buy=True)


def _sell(venue: Venue, words: Words, at: datetime) -> None:
    _trade(venue, words[1], venue.price(words[1], at), read_amount(words[0]), at, is_buy=False)


def _trade(venue: Venue, name: str, price: Decimal, quantity: Decimal, at: datetime, *, is_buy: bool) -> None:
    account, symbol = current(venue), venue.market.symbols[name]
    place, cost = (account.name, "spot"), (quantity * price).quantize(SMALLEST)
    given, received = (symbol.quote, cost), (symbol.base, quantity)
    if not is_buy:
        given, received = received, given
    commission = (received[1] * COMMISSION).quantize(SMALLEST)
    venue.ledger.move(given[0], given[1], place, HOUSE)
    venue.ledger.move(received[0], received[1], HOUSE, place)
    venue.ledger.move(received[0], commission, place, HOUSE)
    account.fills.append(
        Fill(
            id=next(venue.numbers),
            symbol=name,
            is_buy=is_buy,
            price=price,
            quantity=quantity,
            commission=commission,
            commission_asset=received[0],
            at=at,
        )
    )


def _transfer(venue: Venue, words: Words, at: datetime) -> None:
    match words:
        case (amount, asset, "from", source, "to", target) if source in WALLETS and target in WALLETS:
            name = current(venue).name
            venue.ledger.move(asset, read_amount(amount), (name, source), (name, target))
        case _:
            raise StoryFault(f"expected: transfer AMOUNT ASSET from WALLET to WALLET, of {', '.join(WALLETS)}")


def _move(source: str | None, target: str | None) -> Verb:
    def moved(venue: Venue, words: Words, at: datetime) -> None:
        name = current(venue).name
        places = [(name, bucket) if bucket else HOUSE for bucket in (source, target)]
        venue.ledger.move(words[1], read_amount(words[0]), places[0], places[1])

    return moved


def _interest(venue: Venue, words: Words, at: datetime) -> None:
    place, asset = (current(venue).name, "earn_flexible"), words[1]
    paid = venue.ledger.balance(place, asset) * read_amount(words[0]) / 100 / 365
    venue.ledger.move(asset, paid.quantize(SMALLEST), HOUSE, place)


def _set_flag(*, on: bool) -> Verb:
    def changed(venue: Venue, words: Words, at: datetime) -> None:
        current(venue).permissions[words[0]] = on

    return changed


def _set_revoked(*, revoked: bool) -> Verb:
    def changed(venue: Venue, words: Words, at: datetime) -> None:
        current(venue).revoked = revoked

    return changed


def _list(venue: Venue, words: Words, at: datetime) -> None:
    venue.halted.discard(words[0])


def _delist(venue: Venue, words: Words, at: datetime) -> None:
    venue.halted.add(words[0])


if TYPE_CHECKING:
    Verb = Callable[[Venue, Words, datetime], None]

VERBS: dict[str, Callable[..., None]] = {
    "account": _account,
    "deposit": _deposit,
    "withdraw": _withdraw,
    "buy": _buy,
    "sell": _sell,
    "transfer": _transfer,
    "lock": _move("spot", "locked"),
    "unlock": _move("locked", "spot"),
    "airdrop": _move(None, "spot"),
    "vanish": _move("spot", None),
    "interest": _interest,
    "long": futures.open_long,
    "short": futures.open_short,
    "close": futures.close,
    "permit": _set_flag(on=True),
    "forbid": _set_flag(on=False),
    "revoke": _set_revoked(revoked=True),
    "restore": _set_revoked(revoked=False),
    "list": _list,
    "delist": _delist,
    "_credit": _credit,
    "_end_withdrawal": _end_withdrawal,
}
