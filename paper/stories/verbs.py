"""What a story's verbs do. Each takes the words after the verb and the time at which it is run."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from paper.clock import VenueClock
from paper.engine.days import list_balances
from paper.histories.accounts import Account
from paper.ledger.balances import FUTURES, HOUSE
from paper.market.klines import Market
from paper.stories import contract_orders, futures, public_keys, spot, swaps
from paper.stories.chain import CHAIN_ENDS, CHAIN_VERBS
from paper.stories.earnings import EARNINGS_VERBS, add_futures_income
from paper.stories.exchanges import PASSPHRASES, read_exchange
from paper.stories.families import FAMILY_VERBS
from paper.stories.investments import INVESTMENT_ENDS, INVESTMENT_VERBS
from paper.stories.lines import Line, StoryFault
from paper.stories.margin import MARGIN_VERBS
from paper.stories.money import MONEY_ENDS, MONEY_VERBS
from paper.stories.options import OPTION_VERBS, add_bill
from paper.stories.venue import StoryVenue
from paper.stories.words import Words, read_amount

Verb = Callable[[StoryVenue, Account, Words, datetime], None]
WALLETS = ("spot", "funding", "earn_flexible", "earn_locked", "onchain_yields", "futures", "coin_m", "cross_margin",
           "isolated_margin", "options", "bots")  # fmt: skip


def make_venue(market: Market, clock: VenueClock, lines: Iterable[Line] = ()) -> StoryVenue:
    """A venue at which the lines of stories are run."""
    return StoryVenue(market, clock, _apply, lines)


def _apply(venue: StoryVenue, name: str, words: Words, at: datetime) -> None:
    """Run one verb for the account `name`. Raises StoryFault, ValueError or KeyError if it can't."""
    verb, rest = (words[0], words[1:]) if words else ("", ())
    if verb in VENUE_VERBS:
        VENUE_VERBS[verb](venue, rest, at)
    elif verb in PLANNED_VERBS:
        PLANNED_VERBS[verb](venue, venue.accounts[rest[0]], rest[1:], at)
    elif verb in VERBS:
        VERBS[verb](venue, _find_account(venue, name), rest, at)
    else:
        raise StoryFault(f"'{verb}' is none of {', '.join(sorted(VERBS.keys() | VENUE_VERBS.keys()))}")


def _find_account(venue: StoryVenue, name: str) -> Account:
    if name not in venue.accounts:
        raise StoryFault("no account yet: begin with 'account NAME key KEY secret SECRET'")
    return venue.accounts[name]


def _account(venue: StoryVenue, words: Words, at: datetime) -> None:
    if words and words[0] in venue.accounts and len(words) == 1:
        return
    match words:
        case (name, *where, "key", key, "secret", secret):
            passphrase = ""
        case (name, *where, "key", key, "secret", secret, "passphrase", passphrase):
            pass
        case _:
            raise StoryFault("expected: account NAME [on EXCHANGE [SYSTEM]] key KEY secret SECRET [passphrase WORD]")
    exchange, system = read_exchange(tuple(where))
    if (exchange in PASSPHRASES) != bool(passphrase):
        raise StoryFault(f"a key has a passphrase on {', '.join(PASSPHRASES)}, and nowhere else")
    venue.accounts[name] = Account(
        name=name,
        exchange=exchange,
        system=system,
        uid=int(hashlib.sha256(name.encode()).hexdigest()[:7], 16) + 100_000_000,
        key=key,
        secret=secret,
        passphrase=passphrase,
        created_at=at,
    )
    end = at.replace(hour=23, minute=59, second=59, microsecond=0)
    venue.plan(Line(number=0, at=end, every=timedelta(days=1), words=("_write_day", name), account=name))


def _write_day(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    account.days.append((at, list_balances(venue.ledger, account.name)))


def _transfer(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
    match words:
        case (amount, asset, "from", source, "to", target) if source in WALLETS and target in WALLETS:
            moved = read_amount(amount)
            venue.ledger.move(asset, moved, (account.name, source), (account.name, target))
            account.opened.add(target)
            for wallet in FUTURES:
                to_futures = moved * ((target == wallet) - (source == wallet))
                add_futures_income(venue, account, "transfer", to_futures, at, asset=asset, wallet=wallet)
            add_bill(venue, account, "transfer", moved * ((target == "options") - (source == "options")), at)
        case _:
            raise StoryFault(f"expected: transfer AMOUNT ASSET from WALLET to WALLET, of {', '.join(WALLETS)}")


def _move(source: str | None, target: str | None) -> Verb:
    def moved(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
        name = account.name
        places = [(name, bucket) if bucket else HOUSE for bucket in (source, target)]
        venue.ledger.move(words[1], read_amount(words[0]), places[0], places[1])

    return moved


def _set_flag(*, on: bool) -> Verb:
    def changed(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
        account.permissions[words[0]] = on

    return changed


def _set_revoked(*, revoked: bool) -> Verb:
    def changed(venue: StoryVenue, account: Account, words: Words, at: datetime) -> None:
        account.revoked = revoked

    return changed


def _list(venue: StoryVenue, words: Words, at: datetime) -> None:
    for symbol in _named(venue, words):
        venue.market.resume(symbol, at)


def _delist(venue: StoryVenue, words: Words, at: datetime) -> None:
    for symbol in _named(venue, words):
        venue.market.stop(symbol, at)


def _announce(venue: StoryVenue, words: Words, at: datetime) -> None:
    for symbol in _named(venue, words):
        venue.market.stop(symbol)


def _named(venue: StoryVenue, words: Words) -> Iterable[str]:
    symbols = tuple(venue.market.symbols) if words == ("everything",) else words
    if not symbols or not venue.market.symbols.keys() >= set(symbols):
        raise StoryFault(f"expected: SYMBOL or everything, of {', '.join(venue.market.symbols)}")
    return symbols


VENUE_VERBS: dict[str, Callable[[StoryVenue, Words, datetime], None]] = {  # about no account
    "account": _account,
    "list": _list,
    "delist": _delist,
    "announce": _announce,
}
PLANNED_VERBS: dict[str, Verb] = {  # what verbs plan for later; the first word after them is the account's name
    "_write_day": _write_day,
    "_reach": spot.reach,
    "_look_on": spot.look_on,
    **CHAIN_ENDS,
    **MONEY_ENDS,
    **INVESTMENT_ENDS,
}
VERBS: dict[str, Verb] = {
    "buy": spot.buy,
    "sell": spot.sell,
    "limit": spot.limit,
    "stop": spot.stop,
    "oco": spot.oco,
    "fill": spot.fill,
    "cancel": spot.cancel,
    "convert": swaps.convert,
    "dust": swaps.dust,
    "bnbfees": spot.own_fees,
    "gtfees": spot.own_fees,
    "transfer": _transfer,
    "lock": _move("spot", "locked"),
    "unlock": _move("locked", "spot"),
    "airdrop": _move(None, "spot"),
    "vanish": _move("spot", None),
    "long": futures.buy,
    "short": futures.sell,
    "close": futures.close,
    "liquidate": futures.liquidate,
    "deleverage": futures.deleverage,
    "deliver": futures.deliver,
    "hedge": futures.hedge,
    "order": futures.order,
    "await": contract_orders.wait,
    "trigger": contract_orders.stop,
    "trail": contract_orders.trail,
    "reach": contract_orders.reach,
    "drop": contract_orders.drop,
    "ed25519": public_keys.register,
    "permit": _set_flag(on=True),
    "forbid": _set_flag(on=False),
    "revoke": _set_revoked(revoked=True),
    "restore": _set_revoked(revoked=False),
    **CHAIN_VERBS,
    **MONEY_VERBS,
    **FAMILY_VERBS,
    **EARNINGS_VERBS,
    **MARGIN_VERBS,
    **OPTION_VERBS,
    **INVESTMENT_VERBS,
}
