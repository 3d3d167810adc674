"""The life of a leveraged trader from a seed: every kind of trade with perpetuals, and five flows amid them.

A position is only ever enlarged by as much as it is, so that its average price has an end and nothing is rounded; a
COIN-M one is not enlarged at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import accumulate
from random import Random

import numpy as np

from finance.measures.drawdown import max_drawdown, underwater
from monitor.performance.verification import verify
from monitor.trading.groups_again import find_all_wrong
from tests.endtoend.comparison import calculate, compare_account, compare_explanations
from tests.endtoend.journey import Journey
from tests.independent.history import Figures
from tests.venue import KEY, SECRET

OPENING = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 60000 USDT
+0m deposit 1 BTC
+1m buy for 500 BNBUSDT
+1m transfer 40000 USDT from spot to futures
+1m transfer 0.5 BTC from spot to coin_m
"""
CLOSE = 1e-12
CONTRACTS = {"BTCUSDT": "1.6", "ETHUSDT": "32", "BTCUSD_PERP": "400"}
FLOWS = ("deposit 5000 USDT", "withdraw 1500 USDT fee 1", "deposit 0.1 BTC", "withdraw 0.02 BTC fee 0.0001",
         "deposit 2500.25 USDT")  # fmt: skip
ASIDE = ("funding pay 3.21 USDT BTCUSDT", "funding receive 1.05 USDT ETHUSDT", "dividend 0.004 BTC",
         "buy for 60 ETHUSDT", "convert 0.01 BNB to USDT", "transfer 150 USDT from futures to spot",
         "transfer 0.005 BTC from spot to coin_m")  # fmt: skip


@dataclass(slots=True)
class Trader:
    """What is open, as a multiple of each contract's lot."""

    random: Random
    held: dict[str, Fraction] = field(default_factory=lambda: dict.fromkeys(CONTRACTS, Fraction(0)))

    def trade(self, contract: str) -> str:
        """One trade that is possible now."""
        held, lot = self.held[contract], Fraction(CONTRACTS[contract])
        if not held:
            self.held[contract] = self.random.choice([lot, -lot])
        else:
            enlarged = 2 * held if "PERP" not in contract and abs(held) < 4 * lot else Fraction(0)
            self.held[contract] = self.random.choice([enlarged, held / 2, Fraction(0), -held])
        change = self.held[contract] - held
        if abs(self.held[contract]) < lot / 4:  # too little to go on with
            self.held[contract], change = Fraction(0), -held
        return f"{'long' if change > 0 else 'short'} {_plain(abs(change))} {contract}"


def _plain(amount: Fraction) -> str:
    return f"{amount.numerator / amount.denominator:.6f}"


def write_life(days: int, seed: int) -> str:
    """The story of so many days: a flow in the middle of each fifth of them, with trades before and after it."""
    trader, lines = Trader(Random(seed)), [OPENING]
    for hour in range(2, 24 * days):
        lines += [
            f"+{hour // 24}d{hour % 24:02}:{minute:02} {verb}" for minute, verb in sorted(_live(trader, hour, days))
        ]
    return "\n".join(lines) + "\n"


def _live(trader: Trader, hour: int, days: int) -> Iterator[tuple[int, str]]:
    random, part = trader.random, 24 * days // len(FLOWS)
    if hour % part == part // 2 and hour // part < len(FLOWS):
        for minute in (11, 23, 47):  # the position in each contract changes before the flow and after it
            yield minute, trader.trade(random.choice(["BTCUSDT", "BTCUSD_PERP"]))
        yield 12, trader.trade("ETHUSDT")
        yield 46, trader.trade("ETHUSDT")
        yield 35, FLOWS[hour // part]
    elif random.random() < 0.4:
        yield random.randrange(5, 30), trader.trade(random.choice(list(CONTRACTS)))
        yield random.randrange(30, 59), random.choice(ASIDE)


def check_life(journey: Journey, hours: int) -> None:
    """Every figure of the life is the independent one, nothing is unexplained or estimated, and so are its measures."""
    worker = journey.worker
    rows = worker.hours()
    assert [row["status"] for row in rows] == ["COMPLETE"] * hours
    assert not any(row["estimated"] for row in rows)
    assert compare_account(journey, 1, "test").differing == []
    assert compare_explanations(journey, 1, "test").differing == []
    assert {(row["state"], row["residual"]) for row in worker.rows("select state, residual from explanations")} == {
        ("explained", 0)
    }
    assert len(worker.rows("select from flow_valuations where account_id = 1")) == 1 + len(FLOWS)
    assert verify(worker.db).differences == ()
    assert list(find_all_wrong(worker.db, ())) == []
    _check_measures(journey, [row["hour"] for row in rows])


def _check_measures(journey: Journey, hours: list[datetime]) -> None:
    """Time-weighted return and drawdown of the stored unit prices, beside those of the independent ones in fractions."""
    stored = journey.worker.rows(
        "select taken_at as at, unit_price from nav_history where account_id = 1 union all select occurred_at, unit_price"
        " from flow_valuations where account_id = 1 order by at"
    )
    expected, flows = calculate(journey, [(journey.readings[hour], frozenset({"test"})) for hour in hours])
    points = [(journey.readings[hour].at, row) for hour, row in zip(hours, expected, strict=True)]
    path = [row.account["unit_price"] for _, row in sorted([*points, *_booked(flows)], key=lambda point: point[0])]
    depth = min(price / high - 1 for price, high in zip(path, accumulate(path, max), strict=True))

    prices = np.array([float(row["unit_price"]) for row in stored])
    moments = np.array([int(row["at"].timestamp()) for row in stored])
    found = max_drawdown(moments, prices, underwater(prices))
    assert len(prices) == len(path)
    assert found and abs(found.depth - float(depth)) < CLOSE
    assert depth < Fraction(-1, 10)  # leverage was felt
    assert abs(prices[-1] / prices[0] - float(path[-1] / path[0])) < CLOSE


def _booked(flows: list[Figures]) -> list[tuple[datetime, Figures]]:
    return [(flow.key, flow) for flow in flows]
