"""A year of four accounts, one on each exchange, drawn from a seed: what happens to them, and which hours are read.

In one hour a day something happens, and it is read at its end; another hour of the day is read for nothing. What lies
between them is rebuilt. What an exchange can't tell is not in the story: MEXC does not say when a deposit came in, so
it comes at once there; Gate does not say to the last digit what a trade cost, so amounts are such that nothing is rounded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from random import Random

EXCHANGES = {"one": "binance", "two": "bitget", "three": "gate", "four": "mexc"}
SYSTEMS = {"two": ("unified", "classic"), "three": ("classic", "portfolio")}  # by turns with the seed
DAY = 24
FIRST = 50  # the first hour that is read: those before it are rebuilt, without positions, which only readings show
CALM = 8  # hours at the end in which nothing happens
LATE = 50  # minutes: the longest way of money, but of what is on its way over midnight
READ_AT = (0, 2, 3)  # minutes past the hour: of a rebuilt hour, of a reading, and how far a flow may be ahead
LOTS = {"BTCUSDT": "0.04", "ETHUSDT": "0.8"}
FEES = {"USDT": "1", "ETH": "0.001", "BTC": "0.0001"}
HEAD = (
    "deposit 90000 USDT",
    "deposit 2 BTC",
    "deposit 40 ETH",
    "buy 25 SOLUSDT",
    "transfer 20000 USDT from spot to futures",
)
EVENTS = (
    "deposit {many} USDT",
    "deposit 0.{some} ETH",
    "withdraw {many} USDT fee 1",
    "withdraw 0.0{some} BTC fee 0.0001",
    "withdraw {many} USDT fee 1 completed after {wait}m",
    "withdraw {many} USDT fee 1 rejected after {wait}m",
    "buy 0.00{some} BTCUSDT",
    "buy 0.0{some} ETHUSDT",
    "buy 1.{some} SOLUSDT",
    "sell 0.{some} ETHUSDT",
    "sell 0.00{some} BTCUSDT",
    "transfer {many} USDT from spot to futures",
)
TOLD_IN_FULL = (  # by every exchange but MEXC
    "deposit {many} USDT credited after {wait}m",
    "convert {many} USDT to ETH",
    "dividend {some} USDT",
    "rebate 0.{some} USDT",
    "transfer {many} USDT from spot to earn_flexible",
    "interest 5 USDT",
)
OTHERS = {
    "one": (*TOLD_IN_FULL, "reward 0.{some} USDT flexible BONUS", "pay receive {some} USDT", "bnbfees on"),
    "two": TOLD_IN_FULL,
    "three": TOLD_IN_FULL,
    "four": ("pay receive {some} USDT",),
}


@dataclass(slots=True)
class Year:
    """What was drawn."""

    days: int
    lines: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in EXCHANGES})
    live: set[int] = field(default_factory=set)  # numbers of hours that are read
    acts: dict[int, list[str]] = field(default_factory=dict)  # by number of hour: what befalls us before it is read
    unseen: list[tuple[int, str]] = field(default_factory=list)  # minute and amount of what MEXC has no record of

    @property
    def hours(self) -> int:
        """How many there are."""
        return self.days * DAY

    @property
    def story(self) -> str:
        """The text for the venue."""
        return "\n".join(line for name in EXCHANGES for line in self.lines[name]) + "\n"


class Writer:
    """Draws a year."""

    head: Sequence[str] = HEAD

    def __init__(self, seed: int, days: int) -> None:
        self.year, self._chance, self._taken = Year(days), Random(f"year {seed}"), set[int]()
        self._open: dict[str, tuple[str, Decimal]] = {}  # contract and quantity by account
        minutes = count(1)  # each its own: in which order accounts share what has one moment is nobody's word
        for name, exchange in EXCHANGES.items():
            system = SYSTEMS[name][seed % 2] if name in SYSTEMS else ""
            words = f"passphrase words-{name}" if exchange == "bitget" else ""
            self.say(
                name, 0, f"account {name} on {exchange} {system} key {key_of(name)} secret {secret_of(name)} {words}"
            )
            for verb in (*self.head, *(("deposit 10 BNB",) if exchange == "binance" else ())):
                self.say(name, next(minutes), verb)

    def say(self, name: str, minute: int, verb: str) -> None:
        """A line of an account's story."""
        self.year.lines[name].append(f"+{minute // 1440}d{minute // 60 % DAY:02}:{minute % 60:02} {verb}")

    def draw_minute(self, hour: int, *waits: int) -> int:
        """A minute of an hour in which nothing else begins or ends, nor does after any of `waits`."""
        while True:
            minute = hour * 60 + self._chance.randint(5, 57)
            moments = {minute, *(minute + wait for wait in waits)}
            if not moments & self._taken and all(moment % 60 not in READ_AT for moment in moments):
                self._taken |= moments
                return minute

    def befall(self, hour: int, act: str) -> None:
        """Something that is no event of the story, before an hour that is read."""
        self.year.acts.setdefault(hour, []).append(act)
        self.year.live.add(hour)

    def live_days(self, quiet: Iterable[int]) -> None:
        """Every day's life; nothing happens on those that are `quiet`."""
        for day in range(self.year.days):
            self.year.live.add(day * DAY + self._chance.randrange(DAY))
            hour = day * DAY + self._chance.randrange(1, DAY)
            if day in quiet or hour >= self.year.hours - CALM:
                continue
            self.year.live.add(hour + 1)
            for name in self._chance.sample(list(EXCHANGES), self._chance.randint(1, 3)):
                self.live_hour(name, hour)
            if self._chance.random() < 0.3:
                self.send(hour)

    def live_hour(self, name: str, hour: int) -> None:
        """One or two events of an account."""
        for _ in range(self._chance.randint(1, 2)):
            wait = self._chance.randint(2, LATE)
            verb = self._chance.choice(EVENTS + OTHERS[name])
            minute = self.draw_minute(hour, wait) if "{wait}" in verb else self.draw_minute(hour)
            many, some = f"{self._chance.randint(2000, 40000) / 100:.2f}", self._chance.randint(11, 89)
            self.say(name, minute, verb.format(many=many, some=some, wait=wait))
        if hour > FIRST and self._chance.random() < 0.5:
            self.trade(name, hour)

    def trade(self, name: str, hour: int) -> None:
        """Something with a perpetual: opened, paid for, halved, closed. It is never enlarged, for an average price may
        have no end."""
        if name not in self._open:
            symbol = self._chance.choice(list(LOTS))
            self._open[name] = (symbol, Decimal(LOTS[symbol]))
            self.say(name, self.draw_minute(hour), f"{self._chance.choice(['long', 'short'])} {LOTS[symbol]} {symbol}")
            return
        symbol, held = self._open[name]
        if self._chance.random() < 0.4:
            direction = self._chance.choice(["pay", "receive"])
            paid = f"{self._chance.randint(1, 900) / 100}"
            self.say(name, self.draw_minute(hour), f"funding {direction} {paid} USDT {symbol}")
        elif held == Decimal(LOTS[symbol]) and self._chance.random() < 0.5:
            self._open[name] = (symbol, held / 2)
            self.say(name, self.draw_minute(hour), f"close {held / 2} {symbol}")
        else:
            del self._open[name]
            self.say(name, self.draw_minute(hour), f"close {held} {symbol}")

    def send(self, hour: int) -> None:
        """Money from one account to another, with a transaction at both ends."""
        giver, taker = self._chance.sample(list(EXCHANGES), 2)
        asset, amount = self._chance.choice([("USDT", Decimal(700)), ("ETH", Decimal(1)), ("BTC", Decimal("0.05"))])
        wait = 0 if taker == "four" else self._chance.randint(2, LATE)
        minute = self.draw_minute(hour, wait)
        sent = f"{amount * self._chance.randint(100, 199) / 100}"
        way = f"arriving after {wait}m" if wait else ""
        self.say(giver, minute, f"send {sent} {asset} to {taker} fee {FEES[asset]} {way}")


def key_of(name: str) -> str:
    """An account's API key."""
    return f"key-{name}-0123456789"


def secret_of(name: str) -> str:
    """Its secret."""
    return f"secret-{name}-0123456789"
