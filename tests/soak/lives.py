"""Lives for the soak: a story drawn from a seed, whose every move the onlooker knows beforehand."""

import random

NAMES = ("one", "two")
HEAD = """
+0m account {name} key key-{name}-0123456789 secret secret-{name}-0123456789
+0m deposit 60000 USDT
+1m deposit 2 BTC
+1m buy for 30000 ETHUSDT
"""
EVENTS = (
    "deposit {many} USDT",
    "deposit 0.{some} ETH credited after {wait}m",
    "deposit {many} USDT shown after {late}h",
    "deposit {many} USDT told {other} until {late}h",  # corrected later
    "withdraw {many} USDT fee 1 told {other} until {late}h",
    "deposit {many} USDT credited after {wait}m announced yes",  # told with a time that has not come
    "withdraw {many} USDT fee 1 completed after {wait}m announced yes",
    "deposit {many} USDT credited after {late}h announced yes",
    "withdraw {many} USDT fee 1 completed after {wait}m",
    "withdraw 0.0{some} BTC fee 0.0001 cancelled after {wait}m",
    "withdraw {many} USDT fee 1 rejected after {late}h",
    "fiat deposit {many} TRY shown after {late}h",
    "fiat deposit {many} TRY failed after {wait}m",
    "p2p buy {many} USDT",  # at once: when a pending one ends is never told
    "pay receive {many} USDT",
    "buy for {many} BTCUSDT",
    "sell 0.0{some} ETHUSDT",  # never more than is there
    "buy for {many} SOLUSDT",
    "transfer {many} USDT from spot to funding",
    "transfer {many} USDT from spot to earn_flexible",
    "dividend {some} USDT",
    "reward 0.{some} USDT flexible BONUS",
)
TOLD_WRONG_LATER = (  # when the readings of before prove it, also after hours without any; what is told so is doubted for an hour
    "deposit {many} USDT told {other} from 30h",
    "withdraw {many} USDT fee 1 told {other} from 30h",
)
SETTLED = 34  # hours before the end from which on nothing begins that a reading of the end would wait for
READ_AT = (0, 2, 3)  # minutes past the hour: of a rebuilt hour, of a reading, and how far a flow may be ahead
SHARE = 0.5  # of the hours of an account in which something happens


def write_life(seed: int, hours: int) -> str:
    """A story of two accounts over `hours`, the same for the same seed."""
    chance, taken = random.Random(f"life {seed}"), set[int]()
    return "".join(HEAD.format(name=name) + "".join(_write_hours(chance, hours, taken)) for name in NAMES)


def _write_hours(chance: random.Random, hours: int, taken: set[int]) -> list[str]:
    return [
        _write_event(chance, number, hours - number, taken)
        for number in range(1, hours)
        for _ in range(2)
        if chance.random() < SHARE
    ]


def _write_event(chance: random.Random, number: int, left: int, taken: set[int]) -> str:
    """Nothing begins or ends in a minute that is `taken`, or while an hour is read: in which order what has one moment
    counts is nobody's word."""
    while True:
        minute, wait, late = number * 60 + chance.randint(3, 58), chance.randint(2, 50), chance.randint(1, 5)
        moments = {minute, minute + wait, minute + late * 60}
        if not moments & taken and all(moment % 60 not in READ_AT for moment in moments):
            break
    taken |= moments
    event = chance.choice(EVENTS + TOLD_WRONG_LATER * (left > SETTLED))
    amounts = {name: chance.randint(20, 400) for name in ("many", "other")}
    return f"+{minute}m {event}\n".format(**amounts, some=chance.randint(11, 89), wait=wait, late=late)
