"""The random life of an account: a story for the venue, and beside it the book that the auditor keeps."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import count
from random import Random

from tests.audit.book import NOTHING, SIZES, SPREAD, Book, TooLittle, coin_of
from tests.audit.wild import WildMarket, cut

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
COINS = ("BTC", "ETH", "SOL", "BNB")
CONTRACTS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSD_PERP", "ETHUSD_PERP")
STEPS = {"BTCUSDT": "0.001", "ETHUSDT": "0.01", "SOLUSDT": "0.1", "BTCUSD_PERP": "1", "ETHUSD_PERP": "1"}
MOST_LEVERAGE = 3
Step = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The account at a reading."""

    at: datetime
    worth: Fraction
    held: dict[str, Fraction]
    profits: dict[str, Fraction]


@dataclass(slots=True)
class Life:
    """One account's; `kinds` are the verbs it lives by, with weights."""

    name: str
    market: WildMarket
    start: datetime
    random: Random
    kinds: dict[str, int]
    book: Book = field(init=False)
    lines: list[str] = field(default_factory=list)
    sights: dict[datetime, Sight] = field(default_factory=dict)
    _due: list[tuple[datetime, int, Step]] = field(default_factory=list)
    _order: count = field(default_factory=count)  # type: ignore[type-arg]

    def __post_init__(self) -> None:
        self.book = Book(market=self.market)
        self.book.hedged = self.random.random() < 0.3
        self.lines.append(f"{_iso(self.start)} account {self.name} key key-{self.name}-0123456789 "
                          f"secret secret-{self.name}-0123456789")  # fmt: skip
        for asset, amount in (("USDT", "40000"), ("BTC", "1"), ("ETH", "5")):
            self._say(self.start, f"deposit {amount} {asset}")
            self.book.wallets["spot", asset] += Fraction(amount)
        if self.book.hedged:
            self._say(self.start + MINUTE, "hedge on")
        for line in ("20000 USDT futures", "0.5 BTC coin_m", "2 ETH coin_m"):
            amount, asset, wallet = line.split()
            self._transfer(self.start + MINUTE, Fraction(amount), asset, "spot", wallet)

    def live(self, hours: int, reading: timedelta, a_hour: float) -> None:
        """Let `hours` go by from the start on, seen each hour at its beginning plus `reading`."""
        first = self.start.replace(minute=0) + HOUR
        moments = [self.start + 3 * MINUTE + timedelta(seconds=self.random.randrange(int(hours * 3600)))
                   for _ in range(int(hours * a_hour))]  # fmt: skip
        for at in moments:
            self._plan(at, lambda at=at: self._act(at))  # type: ignore[misc]
        for number in range(hours):
            self._plan(first + number * HOUR + reading, lambda h=first + number * HOUR: self._see(h, h + reading))  # type: ignore[misc]
        taken = {first + number * HOUR + reading for number in range(hours)}
        while self._due and self._due[0][0] <= max(taken):
            _, _, step = heapq.heappop(self._due)
            step()

    def _plan(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._due, (at, next(self._order), step))

    def _see(self, hour: datetime, at: datetime) -> None:
        held, profits = self.book.coins(), self.book.profits(at)
        for asset, quantity in profits.items():
            held[asset] = held.get(asset, NOTHING) + quantity
        self.sights[hour] = Sight(at=at, worth=self.book.worth(at), held=held, profits=profits)

    def _say(self, at: datetime, words: str) -> None:
        self.lines.append(f"{_iso(at)} {words}")

    def _act(self, at: datetime) -> None:
        if any(change.at == at for change in self.book.changes[-3:]):
            return
        worth = self.book.worth(at)
        if worth < 8000:
            self._close_all(at)
            return
        kind = self.random.choices(list(self.kinds), list(self.kinds.values()))[0]
        try:
            getattr(self, f"_{kind}")(at, worth)
        except TooLittle:
            return

    def _close_all(self, at: datetime) -> None:
        for symbol, side in list(self.book.contracts):
            self._close(at, symbol, side, abs(self.book.contracts[symbol, side][0]))

    def _amount(self, at: datetime, asset: str, least: int, most: int) -> Fraction:
        return cut(Fraction(self.random.randint(least, most)) / self.market.price(asset, at), 5)

    def _deposit(self, at: datetime, worth: Fraction) -> None:
        asset = self.random.choice(["USDT", "USDT", *COINS])
        amount = self._amount(at, asset, 50, int(worth / 2) + 60)
        late, slow = self.random.random() < 0.25, self.random.random() < 0.25
        words = f"deposit {_text(amount)} {asset}"
        if slow:
            wait = self.random.randrange(5, 200)
            self._say(at, f"{words} credited after {wait}m")
            self._plan(at + wait * MINUTE, lambda: self.book.move(at + wait * MINUTE, "spot", asset, amount, "flows"))
            return
        self._say(at, words + (f" shown after {self.random.randrange(10, 400)}m" if late else ""))
        self.book.move(at, "spot", asset, amount, "flows")

    def _withdraw(self, at: datetime, worth: Fraction) -> None:
        asset = self.random.choice(["USDT", "USDT", *COINS])
        amount = min(
            self._amount(at, asset, 50, int(worth / 3) + 60), cut(self.book.wallets["spot", asset] * Fraction(9, 10), 5)
        )
        fee = cut(1 / self.market.price(asset, at), 5)
        if amount < 10 * fee or self.book.wallets["spot", asset] < amount + fee:
            return
        words = f"withdraw {_text(amount)} {asset} fee {_text(fee)}"
        if self.random.random() < 0.5:
            self._say(at, words)
            self.book.move(at, "spot", asset, -amount - fee, "flows")
            return
        end = at + self.random.randrange(5, 120) * MINUTE
        self._say(at, f"{words} completed after {(end - at) // MINUTE}m")
        self.book.move(at, "spot", asset, -amount - fee, "")
        self.book.move(at, "withdrawing", asset, amount + fee, "")
        self._plan(end, lambda: self.book.move(end, "withdrawing", asset, -amount - fee, "flows"))

    def _pay(self, at: datetime, worth: Fraction) -> None:
        amount = self._amount(at, "USDT", 20, 900)
        if self.book.wallets["funding", "USDT"] > amount and self.random.random() < 0.5:
            self._say(at, f"pay send {_text(amount)} USDT")
            self.book.move(at, "funding", "USDT", -amount, "flows")
        else:
            self._say(at, f"pay receive {_text(amount)} USDT")
            self.book.move(at, "funding", "USDT", amount, "flows")

    def _card(self, at: datetime, worth: Fraction) -> None:
        asset = self.random.choice(COINS)
        amount = self._amount(at, asset, 50, 2500)
        money = round(float(amount * self.market.price(asset, at)) * self.random.uniform(0.95, 1.05) / 0.0245, 2)
        if self.book.wallets["funding", asset] > amount:
            self._say(at, f"card sell {_text(amount)} {asset} for {money} TRY")
            self.book.move(at, "funding", asset, -amount, "flows")
        else:
            self._say(at, f"card buy {_text(amount)} {asset} for {money} TRY")
            self.book.move(at, "funding", asset, amount, "flows")

    def _spot(self, at: datetime, worth: Fraction) -> None:
        coin, is_buy = self.random.choice(COINS[:3]), self.random.random() < 0.5
        quantity = self._amount(at, coin, 100, 4000)
        self.book.swap(at, f"{coin}USDT", quantity, is_buy=is_buy)
        self._say(at, f"{'buy' if is_buy else 'sell'} {_text(quantity)} {coin}USDT")

    def _convert(self, at: datetime, worth: Fraction) -> None:
        paid, bought = self.random.sample(["USDT", "BTC", "ETH"], 2)
        amount = self._amount(at, paid, 50, 1000)
        ratio = self.market.price(paid, at) / self.market.price(bought, at) * (1 - SPREAD)
        got = Fraction(int(amount * ratio * 10**8), 10**8)
        self.book.move(at, "spot", paid, -amount, "trading")
        self.book.move(at, "spot", bought, got, "trading")
        self._say(at, f"convert {_text(amount)} {paid} to {bought}")

    def _income(self, at: datetime, worth: Fraction) -> None:
        asset = self.random.choice(["USDT", "BTC", "ETH"])
        most = int(worth / 2) if self.random.random() < 0.1 else 100
        amount = self._amount(at, asset, 1, most)
        verb = self.random.choice(["dividend {}", "rebate {}", "reward {} locked REWARDS", "reward {} flexible BONUS"])
        self._say(at, verb.format(f"{_text(amount)} {asset}"))
        self.book.move(at, "spot", asset, amount, "income")

    def _funding(self, at: datetime, worth: Fraction) -> None:
        if any(symbol == "BTCUSDT" for symbol, _ in self.book.contracts):
            amount = self._amount(at, "USDT", 1, 200)
            pays = self.random.random() < 0.5
            self._say(at, f"funding {'pay' if pays else 'receive'} {_text(amount)} USDT BTCUSDT")
            self.book.move(at, "futures", "USDT", -amount if pays else amount, "income")

    def _shift(self, at: datetime, worth: Fraction) -> None:
        asset, wallet = self.random.choice([("USDT", "futures"), ("BTC", "coin_m"), ("ETH", "coin_m")])
        amount = self._amount(at, asset, 100, 2000)
        ways = ["spot", wallet] if self.random.random() < 0.6 else [wallet, "spot"]
        if self.book.wallets[ways[0], asset] >= amount:
            self._transfer(at, amount, asset, *ways)

    def _transfer(self, at: datetime, amount: Fraction, asset: str, source: str, target: str) -> None:
        self.book.move(at, source, asset, -amount, "")
        self.book.move(at, target, asset, amount, "")
        self._say(at, f"transfer {_text(amount)} {asset} from {source} to {target}")

    def _contract(self, at: datetime, worth: Fraction) -> None:
        symbol = self.random.choice(CONTRACTS)
        coin, inverse = coin_of(symbol)
        if inverse and self.book.wallets["coin_m", coin] <= 0:
            return
        is_long, step = self.random.random() < 0.5, Fraction(STEPS[symbol])
        a_unit = Fraction(SIZES.get(coin, 10)) if inverse else self.market.price(coin, at)
        money = self.random.uniform(0.05, 1.0) * float(worth)
        quantity = max(step, int(money / float(a_unit) / float(step)) * step)
        side = ("LONG" if is_long else "SHORT") if self.book.hedged else "BOTH"
        held = self.book.contracts.get((symbol, side), (NOTHING, NOTHING))[0]
        if held and self.random.random() < 0.5:
            self._close(
                at, symbol, side, max(step, int(abs(held) / step * self.random.choice([1, 1, 2, 3]) / 3) * step)
            )
            return
        if self._exposure(at) + quantity * a_unit > MOST_LEVERAGE * worth and held * (1 if is_long else -1) >= 0:
            return
        self._say(at, f"{'long' if is_long else 'short'} {_text(quantity)} {symbol}")
        self.book.trade(at, symbol, quantity if is_long else -quantity, side)

    def _exposure(self, at: datetime) -> Fraction:
        return sum((abs(q) * (SIZES.get(coin_of(s)[0], 10) if coin_of(s)[1] else self.market.price(coin_of(s)[0], at))
                    for (s, _), (q, _) in self.book.contracts.items()), NOTHING)  # fmt: skip

    def _close(self, at: datetime, symbol: str, side: str, quantity: Fraction) -> None:
        held = self.book.contracts[symbol, side][0]
        quantity = min(quantity, abs(held))
        self._say(at, f"close {_text(quantity)} {symbol}" + ("" if side == "BOTH" else f" {side.lower()}"))
        self.book.trade(at, symbol, -quantity if held > 0 else quantity, side)

    def _dual(self, at: datetime, worth: Fraction) -> None:
        paid, other = self.random.choice([("USDT", "BTC"), ("BTC", "USDT")])
        amount = self._amount(at, paid, 100, 2000)
        strike = cut(self.market.price("BTC", at) * Fraction(self.random.randint(90, 110), 100), 2)
        self.book.move(at, "spot", paid, -amount, "")
        self.book.move(at, "dual_investment", paid, amount, "")
        self._say(at, f"dual {_text(amount)} {paid} into {other} at {_text(strike)} apr 73 for 1d")
        self._plan(at + 24 * HOUR, lambda: self._settle(at + 24 * HOUR, amount, paid, other, strike))

    def _settle(self, at: datetime, amount: Fraction, paid: str, other: str, strike: Fraction) -> None:
        reward = Fraction(int(amount * 10**8 * Fraction(73, 100) / 365), 10**8)
        mean = sum((self.market.price("BTC", at - n * MINUTE) for n in range(30)), NOTHING) / 30
        self.book.move(at, "dual_investment", paid, -amount, "")
        self.book.move(at, "spot", paid, amount, "")
        self.book.move(at, "spot", paid, reward, "income")
        if mean <= strike if paid == "USDT" else mean >= strike:
            given = amount + reward
            got = given / strike if paid == "USDT" else given * strike
            self.book.move(at, "spot", paid, -given, "trading")
            self.book.move(at, "spot", other, Fraction(int(got * 10**8), 10**8), "trading")


def _iso(at: datetime) -> str:
    return at.isoformat()


def _text(amount: Fraction) -> str:
    whole, rest = divmod(amount.numerator * 10**12 // amount.denominator, 10**12)
    found = f"{whole}.{rest:012}".rstrip("0").rstrip(".")
    assert Fraction(found) == amount, amount
    return found
