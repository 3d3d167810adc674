"""The external flows of a story, read a second time from its text: when money moved, which, and how much."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

LINE = re.compile(r"\+(?:(?P<days>\d+)d)?(?:(?P<clock>\d+:\d+))?(?:(?P<minutes>\d+)m)?\s+(?P<verb>\w+)\s+(?P<rest>.*)")
HOURLY = re.compile(r"every hour :(?P<minute>\d\d)\s+(?P<rest>.*)")
HOURS = 2000  # for which `every hour` is read
LENGTHS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Money that came into (+) or left (-) an account."""

    at: datetime
    account: str
    asset: str
    quantity: Fraction


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
    for line in text.splitlines():
        found = LINE.match(line.split("#")[0].strip())
        if not found:
            continue
        words = found["rest"].split()
        if found["verb"] == "account":
            account = words[0]
        if found["verb"] in ("deposit", "withdraw") and not {"cancelled", "rejected"} & set(words):
            moved = _moved(found["verb"], words)
            yield Move(at=_when(found, start) + _wait(words), account=account, asset=words[1], quantity=moved)


def _when(found: re.Match[str], start: datetime) -> datetime:
    hours, minutes = map(int, (found["clock"] or "0:0").split(":"))
    return start + timedelta(days=int(found["days"] or 0), hours=hours, minutes=minutes + int(found["minutes"] or 0))


def _wait(words: list[str]) -> timedelta:
    waits = [words[words.index(word) + 2] for word in ("credited", "completed") if word in words]
    return timedelta(seconds=sum(int(wait[:-1]) * LENGTHS[wait[-1]] for wait in waits))


def _moved(verb: str, words: list[str]) -> Fraction:
    if verb == "deposit":
        return Fraction(words[0])
    fee = Fraction(words[words.index("fee") + 1]) if "fee" in words else Fraction(0)
    return -(Fraction(words[0]) + fee)
