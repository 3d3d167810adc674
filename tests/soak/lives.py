"""Lives for the soak: a story drawn from a seed, whose every move the onlooker knows beforehand."""

import random

NAMES = ("one", "two")
HEAD = """
+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789
+0m deposit 60000 USDT
+1m deposit 2 BTC
+1m buy for 9000 ETHUSDT
"""
EVENTS = (
    "deposit {many} USDT",
    "deposit 0.{some} ETH credited after {wait}m",
    "deposit {many} USDT shown after {late}h",
    "withdraw {many} USDT fee 1 completed after {wait}m",
    "withdraw 0.0{some} BTC fee 0.0001 cancelled after {wait}m",
    "withdraw {many} USDT fee 1 rejected after {late}h",
    "fiat deposit {many} TRY shown after {late}h",
    "fiat deposit {many} TRY failed after {wait}m",
    "p2p buy {many} USDT",  # at once: when a pending one ends is never told
    "pay receive {many} USDT",
    "buy for {many} BTCUSDT",
    "sell 0.{some} ETHUSDT",
    "buy for {many} SOLUSDT",
    "transfer {many} USDT from spot to funding",
    "transfer {many} USDT from spot to earn_flexible",
    "dividend {some} USDT",
    "reward 0.{some} USDT flexible BONUS",
)
SHARE = 0.5  # of the hours of an account in which something happens


def write_life(seed: int, hours: int) -> str:
    """A story of two accounts over `hours`, the same for the same seed."""
    chance = random.Random(f"life {seed}")
    return "".join(HEAD.format(name=name) + "".join(_write_hours(chance, hours)) for name in NAMES)


def _write_hours(chance: random.Random, hours: int) -> list[str]:
    return [
        f"+{number * 60 + chance.randint(3, 58)}m {_fill(chance)}\n"
        for number in range(1, hours)
        for _ in range(2)
        if chance.random() < SHARE
    ]


def _fill(chance: random.Random) -> str:
    return chance.choice(EVENTS).format(
        many=chance.randint(20, 400), some=chance.randint(11, 89), wait=chance.randint(2, 50), late=chance.randint(1, 5)
    )
