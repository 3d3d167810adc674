"""Why an account's worth changed between two looks at it, a second time: from what the venue really did, in fractions.

    change = price effect + trading + positions + flows + income + fees        (nothing is left over)

A flow counts with its minute's price, a fee in a trade's own base with the trade's price. What is given or got for a coin,
any other fee, and income count with the price of their minute, too, but in hours that were put together later: there, as
what positions made does always, with the closing price. What the price did from there to the close is price effect, and of a
trade's two legs trading.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from paper.histories.accounts import Account, Dust, HistoryRow
from paper.trading.orders import Fill
from tests.independent.history import Sight
from tests.independent.portfolio import NOTHING, stored
from tests.independent.quotes import Quotes
from tests.independent.story import Move

Parts = dict[str, Fraction]
AT_MINUTE = {"trading", "income", "fees"}
EARNED = {"reward": "income", "dividend": "income", "rebate": "income"}
FUTURES = {"funding": "income", "commission": "fees", "profit": "positions"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A change of one quantity; `price` is what it is counted with, where that is not a price of its coin."""

    at: datetime
    part: str
    asset: str
    quantity: Fraction
    price: Fraction | None = None
    priced_in: str = "USDT"
    given: tuple[str, Fraction] | None = None  # of a trade's base: what it came for, the other leg
    fill: str = ""  # both legs of one and its fee have the same
    paid_for: str = ""  # of a fee: trading, interest, or else
    contract: str = ""  # of what was paid for one
    minute: Mapping[str, Fraction] = field(default_factory=dict, compare=False)  # prices instead of the closing ones


def list_happenings(account: Account, moves: Iterable[Move], quotes: Quotes) -> list[Happening]:
    """Everything that changed what an account of the venue holds, but for the profit of open positions."""
    found = [
        Happening(at=m.at, part="flows", asset=m.asset, quantity=m.quantity, price=quotes.price(m.asset, m.at))
        for m in moves
        if m.account == account.name
    ]
    found += [leg for number, fill in enumerate(account.fills) for leg in _legs(fill, f"fill {number}")]
    for number, swap in enumerate(account.conversions):
        legs = ((swap.paid, -Fraction(swap.amount)), (swap.bought, Fraction(swap.got)))
        found += _swap(swap.at, f"conversion {number}", *legs)
    found += [leg for number, dust in enumerate(account.dust) for leg in _sweep(dust, f"dust {number}")]
    found += [told for row in account.rows for told in _tell(row)]
    return sorted(found, key=lambda happening: happening.at)


def _legs(fill: Fill, name: str) -> Iterator[Happening]:
    sign = 1 if fill.is_buy else -1
    quote = "USDT" if fill.symbol.endswith("USDT") else fill.symbol[-3:]
    base = fill.symbol.removesuffix(quote)
    quantity, cost, fee = Fraction(fill.quantity), Fraction(fill.cost), Fraction(fill.commission)
    yield from _swap(fill.at, name, (quote, -sign * cost), (base, sign * quantity))
    price = cost / quantity if fill.commission_asset == base else None
    yield Happening(
        at=fill.at, part="fees", asset=fill.commission_asset, quantity=-fee, price=price, priced_in=quote, fill=name,
        paid_for="trading",
    )  # fmt: skip


def _swap(at: datetime, name: str, quote: tuple[str, Fraction], base: tuple[str, Fraction]) -> Iterator[Happening]:
    yield Happening(at=at, part="trading", asset=quote[0], quantity=quote[1], fill=name)
    yield Happening(at=at, part="trading", asset=base[0], quantity=base[1], given=quote, fill=name)


def _sweep(dust: Dust, name: str) -> Iterator[Happening]:
    """The remains of a coin for BNB, of which a charge is kept."""
    got, charge = Fraction(dust.got), Fraction(dust.charge)
    yield from _swap(dust.at, name, ("BNB", got + charge), (dust.asset, -Fraction(dust.amount)))
    yield Happening(at=dust.at, part="fees", asset="BNB", quantity=-charge, fill=name, paid_for="trading")


def _tell(row: HistoryRow) -> Iterator[Happening]:
    part, amount, paid_for, contract = "", Fraction(row.amount), "", ""
    if row.history in EARNED:
        part = "income"
    elif row.history == "interest":
        part, amount, paid_for = "fees", -amount, "interest"
    elif row.history in ("usd_m", "coin_m"):
        part = FUTURES.get(row.extra["kind"], "")
        paid_for = "" if part == "positions" else row.extra["kind"]
        contract = row.extra["symbol"] if paid_for else ""
    fill = f"contract {row.extra['trade']}" if contract and row.extra["trade"] else ""
    if part:
        yield Happening(
            at=row.at, part=part, asset=row.asset, quantity=amount, paid_for=paid_for, contract=contract, fill=fill
        )


def explain(
    quotes: Quotes,
    account: str,
    sights: tuple[Sight, Sight],
    happenings: Iterable[Happening],
    by_trade: Collection[str] = (),
    *,
    by_minute: bool,
) -> tuple[Parts, dict[str, Parts]]:
    """The parts of the change between two sights, and the units of each asset by part; see `look_inside`."""
    before = sights[0]
    started = before.moments.get(account, before.at)
    inside, closing = look_inside(quotes, account, sights, happenings, by_trade, by_minute=by_minute)
    parts: Counter[str] = Counter()
    units: dict[str, Counter[str]] = {asset: Counter() for asset in closing}
    for asset, quantity in before.held[account].items():
        parts["price_effect"] += quantity * (closing[asset] - quotes.price(asset, started))  # type: ignore[assignment]
    for happening in inside:
        units[happening.asset][happening.part] += happening.quantity  # type: ignore[assignment]
        at_close = happening.quantity * closing[happening.asset]
        counted = at_close if happening.part == "trading" else worth_when_counted(happening, closing)
        parts[happening.part] += counted  # type: ignore[assignment]
        parts["price_effect"] += at_close - counted  # type: ignore[assignment]
    return _exact(parts), {asset: _exact(found) for asset, found in units.items() if _exact(found)}


def look_inside(
    quotes: Quotes,
    account: str,
    sights: tuple[Sight, Sight],
    happenings: Iterable[Happening],
    by_trade: Collection[str] = (),
    *,
    by_minute: bool,
) -> tuple[list[Happening], dict[str, Fraction]]:
    """What happened between two sights, what positions made first, and the closing price of every coin concerned.

    Of coins that are gone by then no price may have been read: those `by_trade` have that of their last trade.
    `by_minute`: whether trades, fees and income are counted with the prices of their minutes.
    """
    before, after = sights
    since, until = (sight.moments.get(account, sight.at) for sight in sights)
    inside = list(_positions(before, after, account, until))
    happened = [happening for happening in happenings if since <= happening.at < until]
    inside += [_look_up(happening, quotes) if by_minute else happening for happening in happened]
    assets = {*before.held[account], *after.held[account], *(h.asset for h in inside)}
    closing = {asset: quotes.price(asset, until) for asset in assets}
    gone = (one for one in inside if one.asset in by_trade and not after.held[account].get(one.asset))
    return inside, closing | _last_prices(gone, closing)


def _look_up(happening: Happening, quotes: Quotes) -> Happening:
    if happening.part not in AT_MINUTE:
        return happening
    coins = {happening.asset, happening.priced_in, *(happening.given or ())[:1]}
    return replace(happening, minute={coin: quotes.price(coin, happening.at) for coin in coins})


def _last_prices(happenings: Iterable[Happening], closing: Mapping[str, Fraction]) -> dict[str, Fraction]:
    found = {}
    for one in (one for one in happenings if one.part == "trading"):
        if one.given:
            asset, quantity = one.given
            found[one.asset] = stored(-quantity / one.quantity * one.minute.get(asset, closing[asset]))
        elif one.minute:
            found[one.asset] = one.minute[one.asset]
    return found


def worth_when_counted(happening: Happening, closing: Mapping[str, Fraction]) -> Fraction:
    """The worth a change is booked with; a trade's base at what was given for it."""
    prices = {"USDT": Fraction(1), **closing, **happening.minute}
    if happening.given:
        asset, quantity = happening.given
        return -quantity * prices[asset]
    if happening.price is None:
        return happening.quantity * prices[happening.asset]
    value = happening.quantity * happening.price * prices[happening.priced_in]
    return stored(value) if happening.part == "fees" else value


def _positions(before: Sight, after: Sight, account: str, at: datetime) -> Iterator[Happening]:
    """The change of what open positions would bring."""
    old, new = before.profits.get(account, {}), after.profits.get(account, {})
    for asset in {*old, *new}:
        change = new.get(asset, NOTHING) - old.get(asset, NOTHING)
        yield Happening(at=at, part="positions", asset=asset, quantity=change)


def _exact(counted: Mapping[str, object]) -> Parts:
    return {name: Fraction(amount) for name, amount in counted.items() if amount}  # type: ignore[call-overload]
