"""The hours of an account, or of several as one, put together from what an onlooker of the venue saw."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from tests.independent.portfolio import NOTHING, Basket, Cut, Pot, Prices, stored
from tests.independent.quotes import Quotes
from tests.independent.story import Move

Held = Mapping[str, Fraction]  # quantity by asset
FIFTY_FIFTY = {"BTC": Fraction(1, 2), "ETH": Fraction(1, 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the accounts held at a moment, all wallets together."""

    at: datetime
    held: Mapping[str, Held]  # by account
    moments: Mapping[str, datetime] = field(default_factory=dict)  # of accounts that were seen at another time
    profits: Mapping[str, Held] = field(default_factory=dict)  # of open positions, which is part of what is held


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The columns of a row, by name."""

    key: datetime
    account: dict[str, Fraction]
    benchmarks: dict[str, dict[str, Fraction]]


class Onlooker:
    """Calculates the rows of some accounts as one portfolio."""

    def __init__(
        self, quotes: Quotes, before: Mapping[datetime, Sight], moves: Iterable[Move], cut: Cut = stored
    ) -> None:
        self._quotes, self._before, self._moves = quotes, before, list(moves)
        self._transfers = {move.transfer for move in self._moves if move.transfer}
        self._account = Pot(cut)
        self._baskets = {name: Basket(FIFTY_FIFTY, cut, monthly=name == "monthly") for name in ("hold", "monthly")}
        self._cut = cut

    def calculate(self, hours: Sequence[tuple[Sight, frozenset[str]]]) -> tuple[list[Figures], list[Figures]]:
        """Rows of the hours (each with the accounts that have a NAV then) and of the flows; hours without are gaps."""
        rows, flows = [], []
        last: tuple[Sight, frozenset[str]] | None = None
        for sight, members in hours:
            nav = self._worth(sight, members)
            prices = self._basket_prices(sight.at)
            inside = list(self._between(last, (sight, members))) if last else []
            inside += self._membership(last, (sight, members), prices) if last else []
            if last is None and nav:
                inside += self._receive(sight.at, [nav], NOTHING, prices)
            moved = sum((row.account["value"] for row in inside), NOTHING)
            self._account.observe(nav)
            for basket in self._baskets.values():
                basket.observe(prices)
            rows.append(self._row(sight.at, nav, moved, prices))
            flows += inside
            last = (sight, members)
        return rows, flows

    def _worth(self, sight: Sight, accounts: Iterable[str]) -> Fraction:
        accounts = frozenset(accounts)
        held = [
            (count, asset, sight.moments.get(account, sight.at))
            for account in accounts
            for asset, count in sight.held[account].items()
        ]
        held += [
            (sent.quantity, sent.asset, sight.at)
            for sent in self._transfers
            if {sent.giver, sent.taker} <= accounts
            and sent.left_at < sight.moments.get(sent.giver, sight.at)
            and sent.arrived_at >= sight.moments.get(sent.taker, sight.at)
        ]
        return sum((count * self._quotes.price(asset, at) for count, asset, at in held), NOTHING)

    def _basket_prices(self, at: datetime) -> Prices:
        return {coin: self._quotes.price(coin, at) for coin in FIFTY_FIFTY}

    def _between(self, last: tuple[Sight, frozenset[str]], here: tuple[Sight, frozenset[str]]) -> Iterator[Figures]:
        """Turns of the month and flows after one reading and up to the next, in time order."""
        since, until, stayed = last[0].at, here[0].at, last[1] & here[1]
        moves = [
            move
            for move in self._moves
            if since < move.at <= until and move.account in stayed and not _is_inside(move, stayed)
        ]
        months = [month for month in _months(since) if since <= month < until]
        for at in sorted({*months, *(move.at for move in moves)}):
            if at in months:
                for basket in self._baskets.values():
                    basket.turn_month(self._basket_prices(at))
            values = [move.quantity * self._quotes.price(move.asset, at) for move in moves if move.at == at]
            if values:
                before = Sight(at=at, held=self._before[at].held)
                yield from self._receive(at, values, self._worth(before, last[1]), self._basket_prices(at))

    def _membership(
        self, last: tuple[Sight, frozenset[str]], here: tuple[Sight, frozenset[str]], prices: Prices
    ) -> list[Figures]:
        """An account that joins brings its NAV; one that leaves takes the NAV it had when it was last seen."""
        joined, left = (
            self._worth(sight, accounts)
            for sight, accounts in ((here[0], here[1] - last[1]), (last[0], last[1] - here[1]))
        )
        if joined == left == 0:
            return []
        before = self._worth(here[0], here[1]) - joined + left
        return self._receive(here[0].at, [joined - left], before, prices)

    def _receive(self, at: datetime, values: list[Fraction], worth: Fraction, prices: Prices) -> list[Figures]:
        net = sum(values, NOTHING)
        booked = self._share(values, self._account.receive(net, worth), self._account)
        others = {
            name: self._share(values, basket.receive(net, prices), basket.pot) for name, basket in self._baskets.items()
        }
        return [
            Figures(
                key=at,
                account={"value": value, "nav_before": worth, **booked[number]},
                benchmarks={name: shares[number] for name, shares in others.items()},
            )
            for number, value in enumerate(values)
        ]

    def _share(self, values: list[Fraction], units: Fraction, pot: Pot) -> list[dict[str, Fraction]]:
        """What each of the flows of a moment was booked at; the last one's units are what the others leave."""
        first = [self._cut(value / pot.price) if pot.price else NOTHING for value in values[:-1]]
        shares = [*first, units - sum(first, NOTHING)]
        return [{"unit_price": pot.price, "units": share} for share in shares]

    def _row(self, at: datetime, nav: Fraction, moved: Fraction, prices: Prices) -> Figures:
        return Figures(
            key=at.replace(minute=0, second=0, microsecond=0),
            account={"nav": nav, "flows": moved, **_pot(self._account)},
            benchmarks={
                name: {"nav": basket.worth(prices), "debt": basket.owed, **_pot(basket.pot), **basket.coins}
                for name, basket in self._baskets.items()
            },
        )


def _is_inside(move: Move, accounts: frozenset[str]) -> bool:
    """Whether both ends of a move are among the accounts: then it is none of the whole."""
    return move.transfer is not None and {move.transfer.giver, move.transfer.taker} <= accounts


def _pot(pot: Pot) -> dict[str, Fraction]:
    return {
        "units": pot.units,
        "unit_price": pot.price,
        "invested": pot.invested,
        "peak_nav": pot.peak,
        "episode": Fraction(pot.episode),
    }


def _months(since: datetime) -> Iterator[datetime]:
    """The next firsts of a month, for two years."""
    for number in range(since.month - 1, since.month + 24):
        yield datetime(since.year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
