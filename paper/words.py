"""The words after a story's verb: whom they are about, amounts, and options."""

import re
from decimal import Decimal

from paper.stories import StoryFault

AMOUNT = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
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
