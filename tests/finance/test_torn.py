"""A wallet that changed alone was read before or after a move to another that was read on the other side of it."""

from collections.abc import Mapping

import pytest

from finance.plausibility import is_torn
from tests.monitor.notation import D

FUTURES, MARGIN, SPOT = "usd_m_futures", "cross_margin", "spot"
Changes = Mapping[str, tuple[int, ...]]

TORN: dict[str, tuple[Changes, int]] = {
    "where it went was read after it": ({MARGIN: (700,)}, 0),
    "where it came from was read after it": ({FUTURES: (-700,)}, 0),
    "beside what was earned": ({FUTURES: (-650,)}, 50),
    "while spot traded": ({MARGIN: (700,), SPOT: (9_000, -9_020)}, 0),
    "beside another that was whole": ({MARGIN: (700,), FUTURES: (-300,), "options": (300,)}, 0),
}
WHOLE: dict[str, tuple[Changes, int]] = {
    "nothing moved": ({}, 0),
    "both sides of a move": ({FUTURES: (-700,), MARGIN: (700,)}, 0),
    "and what was earned meanwhile, and spot traded": ({FUTURES: (-650,), MARGIN: (700,), SPOT: (9_000, -9_020)}, 50),
    "from spot, which traded as well": ({MARGIN: (700,), SPOT: (9_000, -9_703)}, 0),
    "one wallet to two others": ({FUTURES: (-700,), MARGIN: (400,), "options": (300,)}, 0),
    "gains that are known": ({FUTURES: (700,)}, 700),
    "a trade that is not known yet": ({MARGIN: (5_000, -5_040)}, 0),
    "little": ({MARGIN: (9,)}, 0),
}


def judge(changes: Changes, known: int) -> bool:
    values = {wallet: [D(value) for value in of_assets] for wallet, of_assets in changes.items()}
    return is_torn(values, [wallet for wallet in values if wallet != SPOT], D(known), worth=D(90_000))


@pytest.mark.parametrize("case", TORN)
def test_a_wallet_that_changed_alone_is_found(case: str) -> None:
    assert judge(*TORN[case])


@pytest.mark.parametrize("case", WHOLE)
def test_what_another_wallet_or_the_records_explain_is_not(case: str) -> None:
    assert not judge(*WHOLE[case])


def test_half_a_per_cent_of_a_small_account_is_not_little() -> None:
    assert is_torn({MARGIN: [D(2)]}, [MARGIN], D(0), worth=D(100))
