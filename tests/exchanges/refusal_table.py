"""Twenty refusals of every optional endpoint, each of another account of one venue: what the hours must come to.

The expectation is written down here by hand and knows nothing of the policy's code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from tests.venue import RunningVenue
from tests.worker import Worker, patch_budgets

NAMED, OWN, KEY, OURS, WALL = "you have none", "its own words", "the key", "our signature", "a wall"


def error(code: int, status: int = 400) -> dict[str, Any]:
    return {"status": status, "body": f'{{"code": {code}, "msg": "no"}}'}


def page(status: int) -> dict[str, Any]:
    return {"status": status, "body": "<html><body>no</body></html>", "headers": {"content-type": "text/html"}}


REFUSALS: dict[str, tuple[str, dict[str, Any]]] = {
    "400 -8012": (NAMED, error(-8012)),
    "400 -10038": (NAMED, error(-10038)),
    "400 100001002": (NAMED, error(100001002)),
    "400 -3003": (NAMED, error(-3003)),
    "400 -11001": (NAMED, error(-11001)),
    "400 -12022": (NAMED, error(-12022)),
    "400 -9999": (OWN, error(-9999)),
    "400 -1127": (OWN, error(-1127)),
    "404 -1000": (OWN, error(-1000, 404)),
    "404 page": (OWN, page(404)),
    "401 -2015": (KEY, error(-2015, 401)),
    "401 -1002": (KEY, error(-1002, 401)),
    "400 -2014": (KEY, error(-2014)),
    "400 -1022": (OURS, error(-1022)),
    "403 page": (WALL, page(403)),
    "403 -9999": (WALL, error(-9999, 403)),
    "400 page": (WALL, page(400)),
    "451": (WALL, {"status": 451, "body": ""}),
    "503 page": (WALL, page(503)),
    "200 page": (WALL, page(200)),
}
WALLET, RIGHT, FLOWS, INCOME, TOTALS = "wallet", "wallet with a right", "flows", "income", "totals"
ENDPOINTS = {
    "/sapi/v1/simple-earn/flexible/position": WALLET,
    "/sapi/v1/simple-earn/locked/position": WALLET,
    "/sapi/v1/onchain-yields/locked/position": WALLET,
    "/sapi/v1/dci/product/positions": WALLET,
    "/sapi/v1/margin/account": WALLET,
    "/sapi/v1/margin/isolated/account": WALLET,
    "/sapi/v2/loan/flexible/ongoing/orders": WALLET,
    "/fapi/v3/account": RIGHT,
    "/dapi/v1/account": RIGHT,
    "/papi/v1/balance": RIGHT,
    "/eapi/v1/marginAccount": RIGHT,
    "/sapi/v1/fiat/orders": FLOWS,
    "/sapi/v1/fiat/payments": FLOWS,
    "/sapi/v1/c2c/orderMatch/listUserOrderHistory": FLOWS,
    "/sapi/v1/pay/transactions": FLOWS,
    "/sapi/v1/sub-account/transfer/subUserHistory": FLOWS,
    "/sapi/v1/sub-account/list": FLOWS,
    "/sapi/v1/simple-earn/flexible/history/rewardsRecord": INCOME,
    "/sapi/v1/simple-earn/locked/history/rewardsRecord": INCOME,
    "/sapi/v1/onchain-yields/locked/history/rewardsRecord": INCOME,
    "/sapi/v1/soft-staking/history/rewardsRecord": INCOME,
    "/sapi/v1/sol-staking/sol/history/boostRewardsHistory": INCOME,
    "/sapi/v1/asset/assetDividend": INCOME,
    "/sapi/v1/rebate/taxQuery": INCOME,
    "/sapi/v1/margin/interestHistory": INCOME,
    "/fapi/v1/income": INCOME,
    "/dapi/v1/income": INCOME,
    "/eapi/v1/bill": INCOME,
    "/sapi/v1/asset/wallet/balance": TOTALS,
}
HELD = {
    "/sapi/v1/simple-earn/flexible/position": "earn_flexible",
    "/sapi/v1/simple-earn/locked/position": "earn_locked",
    "/sapi/v1/margin/account": "cross_margin",
    "/sapi/v1/margin/isolated/account": "isolated_margin",
    "/fapi/v3/account": "futures",
    "/dapi/v1/account": "coin_m",
    "/eapi/v1/marginAccount": "options",
}
COMPLETE, ESTIMATED, PARTIAL = "COMPLETE", "estimated", "PARTIAL"
TOTAL = Decimal(1000)
HOURS = (0, 1, 24)  # since the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One account: the endpoint that refuses it, how, and the wallet in which it has money (none: only in spot)."""

    path: str
    refusal: str
    wallet: str = ""

    @property
    def expected(self) -> str:
        """What each of its hours must come to."""
        why, place = REFUSALS[self.refusal][0], ENDPOINTS[self.path]
        if place == INCOME:
            return COMPLETE
        if why in (OURS, WALL) or (why == KEY and place in (WALLET, FLOWS)):
            return PARTIAL
        if self.wallet:
            return PARTIAL
        if place == TOTALS or (place == FLOWS and why == OWN):
            return ESTIMATED
        return COMPLETE


def write_story(cases: Sequence[Case]) -> str:
    """An account for each of `cases`; it may use every wallet, and none is used but the one that the case names."""
    lines = []
    for number, case in zip(count(), cases):
        lines += [
            f"+0m account a{number} key {key(number)} secret secret-of-{number}-0123456789",
            f"+0m deposit {TOTAL} USDT",
        ]
        opened = {"coin_m", "futures", "options", case.wallet} - {""}
        lines += [f"+0m transfer 1 USDT from spot to {wallet}" for wallet in sorted(opened)]
        lines += [f"+0m transfer 1 USDT from {wallet} to spot" for wallet in sorted(opened)]
        lines += [f"+0m transfer 250 USDT from spot to {case.wallet}"] if case.wallet else []
    return "\n".join([*lines, ""])


def key(number: int) -> str:
    return f"key-of-{number:04}-0123456789"


def run_cases(worker: Worker, venue: RunningVenue, cases: Sequence[Case]) -> dict[Case, list[str]]:
    """What the first hour, the next, and the one a day later come to; what is COMPLETE must be right, too."""
    worker.settings = replace(worker.settings, call_timeout_seconds=30, account_deadline_seconds=300)
    for number, case in enumerate(cases):
        worker.add(f"a{number}", key(number), f"secret-of-{number}-0123456789")
        venue.fault(case.path, REFUSALS[case.refusal][1], of=key(number))
    venue.control("/clock", {"follow": "from where it stands"})  # reading so many takes longer than a call may be ahead
    with pytest.MonkeyPatch.context() as patch:  # waiting for the exchange's limits is not what is looked at
        patch_budgets(patch, account=10**9, endpoint=10**9)
        for hours in HOURS:
            venue.advance(hours=hours)
            venue.control("/weights", method="DELETE")
            worker.run(venue.now())
    return {case: [read_outcome(row) for row in _read_hours(worker, number)] for number, case in enumerate(cases)}


def _read_hours(worker: Worker, number: int) -> list[dict[str, Any]]:
    return [row for row in worker.hours(number + 1) if row["status"] not in ("MISSED", "RECONSTRUCTED")]


def read_outcome(row: dict[str, Any]) -> str:
    """An hour's outcome; a figure that is not what the account really has is a wrong one."""
    if row["nav"] is None:
        return PARTIAL
    assert row["nav"] == TOTAL, row
    assert bool(row["reason"]) is row["estimated"], row
    return ESTIMATED if row["estimated"] else COMPLETE
