"""The words after a story's verb: whom they are about, amounts, and options."""

import re
from collections.abc import Callable
from decimal import Decimal

from paper.stories.lines import StoryFault

AMOUNT = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
SHARE = re.compile(r"([+-]?)([0-9]{1,3}(?:\.[0-9]{1,4})?)%", re.ASCII)
Words = tuple[str, ...]


def read_amount(word: str) -> Decimal:
    """An amount written in plain figures. Raises StoryFault."""
    if not AMOUNT.fullmatch(word):
        raise StoryFault(f"'{word}' is not an amount")
    return Decimal(word)


def read_options(words: Words, *known: str) -> dict[str, str]:
    """Pairs like `fee 0.1` and `credited after 40m`. Raises StoryFault for others than the `known`."""
    options: dict[str, str] = {}
    left = [word for word in words if word != "after"]
    for name, value in zip(left[::2], left[1::2], strict=False):
        options[name] = value
    if len(left) % 2 or set(options) - set(known):
        raise StoryFault(f"'{' '.join(words)}' is not made of {', '.join(known)} and a value")
    return options


def read_share(word: str) -> Decimal | None:
    """`40%` as 0.4 and `-2%` as -0.02; None for a word that is no percentage."""
    found = SHARE.fullmatch(word)
    return Decimal(found[1] + found[2]) / 100 if found else None


def read_price(word: str, now: Callable[[], Decimal], decimals: int) -> Decimal:
    """A price in figures, or so much above or below the present one: `+4%`, `-2%`. Raises StoryFault."""
    share = read_share(word) if word[:1] in ("+", "-") else None
    return read_amount(word) if share is None else round(now() * (1 + share), decimals)
