"""The external flows of a story, read a second time from its text: when money moved, which, and how much."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

LINE = re.compile(r"\+(?:(?P<days>\d+)d)?(?:(?P<clock>\d+:\d+))?(?:(?P<minutes>\d+)m)?\s+(?P<verb>\w+)\s+(?P<rest>.*)")
HOURLY = re.compile(r"every hour :(?P<minute>\d\d)\s+(?P<rest>.*)")
HOURS = 2000  # for which `every hour` is read
LENGTHS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
NEVER = {"cancelled", "rejected", "refunded", "failed", "expired", "cash"}  # what ends so moved nothing from outside
WAITS = ("credited", "completed", "arriving")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Money from one account of the venue to another."""

    giver: str
    taker: str
    asset: str
    quantity: Fraction  # what arrives
    left_at: datetime
    arrived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money that came into (+) or left (-) an account."""

    at: datetime
    account: str
    asset: str
    quantity: Fraction
    transfer: Transfer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line about an account."""

    account: str
    at: datetime
    words: list[str]

    def number(self, name: str) -> Fraction:
        """The amount after a word, zero without it."""
        return Fraction(self.words[self.words.index(name) + 1]) if name in self.words else Fraction(0)

    @property
    def ends_at(self) -> datetime:
        """When what it began has its effect."""
        waits = [self.words[self.words.index(word) + 2] for word in WAITS if word in self.words]
        return self.at + timedelta(seconds=sum(int(wait[:-1]) * LENGTHS[wait[-1]] for wait in waits))


def read_moves(text: str, start: datetime) -> list[Move]:
    """Every move of a story that begins at `start`, in time order. Times must be relative (+1d02:30) or hourly."""
    return sorted(_read(_write_out(text), start), key=lambda move: move.at)


def _write_out(text: str) -> str:
    """The text with `every hour` as that many lines; `start` is at an hour's beginning."""
    return HOURLY.sub(
        lambda f: "\n".join(f"+{n // 24}d{n % 24:02}:{f['minute']} {f['rest']}" for n in range(HOURS)), text
    )


def _read(text: str, start: datetime) -> Iterator[Move]:
    account = ""
    for raw in text.splitlines():
        found = LINE.match(raw.split("#")[0].strip())
        if not found:
            continue
        words = found["rest"].split()
        if found["verb"] == "account":
            account = words[0]
        if found["verb"] in VERBS and not NEVER & set(words):
            yield from VERBS[found["verb"]](Line(account=account, at=_when(found, start), words=words))


def _when(found: re.Match[str], start: datetime) -> datetime:
    hours, minutes = map(int, (found["clock"] or "0:0").split(":"))
    return start + timedelta(days=int(found["days"] or 0), hours=hours, minutes=minutes + int(found["minutes"] or 0))


def _deposit(line: Line) -> Iterator[Move]:
    amount, asset = line.words[:2]
    yield Move(at=line.ends_at, account=line.account, asset=asset, quantity=Fraction(amount))


def _withdraw(line: Line) -> Iterator[Move]:
    amount, asset = line.words[:2]
    gone = -Fraction(amount) - line.number("fee")
    yield Move(at=line.ends_at, account=line.account, asset=asset, quantity=gone)


def _trade(line: Line) -> Iterator[Move]:
    """Fiat orders, P2P, cards and Pay: `deposit|withdraw|buy|sell|receive|send AMOUNT ASSET`."""
    direction, amount, asset = line.words[:3]
    is_in = direction in ("deposit", "buy", "receive")
    fee = Fraction(0) if direction == "deposit" else line.number("fee")
    quantity = Fraction(amount) - fee if is_in else -Fraction(amount) - fee
    yield Move(at=line.ends_at, account=line.account, asset=asset, quantity=quantity)


def _hand(line: Line) -> Iterator[Move]:
    """Between accounts, at once or over the chain."""
    amount, asset, _, taker = line.words[:4]
    sent = Transfer(
        giver=line.account,
        taker=taker,
        asset=asset,
        quantity=Fraction(amount),
        left_at=line.at,
        arrived_at=line.ends_at,
    )
    gone = -sent.quantity - line.number("fee")
    yield Move(at=sent.left_at, account=sent.giver, asset=asset, quantity=gone, transfer=sent)
    yield Move(at=sent.arrived_at, account=taker, asset=asset, quantity=sent.quantity, transfer=sent)


VERBS: dict[str, Callable[[Line], Iterator[Move]]] = {
    "deposit": _deposit,
    "withdraw": _withdraw,
    "fiat": _trade,
    "p2p": _trade,
    "card": _trade,
    "pay": _trade,
    "hand": _hand,
    "send": _hand,
}
