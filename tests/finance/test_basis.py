"""What records of before prove that coins had cost: only where they come to exactly what was held, and all of it was bought."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.events import Event, Flow
from finance.basis import Acquired, prove_cost
from finance.records import FillRecord
from tests.finance.test_explanation import fill
from tests.monitor.notation import D, at


def bought(units: str, price: str, minute: int, fee: str = "") -> FillRecord:
    """BTC for USDT, or sold where the units are negative."""
    paid = -D(units) * D(price)
    return fill(f"{units} BTC", f"{paid} USDT", f"2026-05-01 09:{minute:02}", fee, minute)


def flow(units: str, minute: int) -> Flow:
    return Flow(asset="BTC", quantity=D(units), value=None, occurred_at=at(f"2026-05-01 09:{minute:02}"))


def test_the_average_cost_of_what_is_left_is_proven() -> None:
    """2 for 300, of which half a one is sold and a quarter withdrawn: 1.25 are left, at 150 each."""
    found = prove_cost(
        "BTC", D("1.25"), [bought("1", "100", 1), bought("1", "200", 2), bought("-0.5", "500", 3), flow("-0.25", 4)]
    )

    assert found == Acquired(D(150), 4, at("2026-05-01 09:01"))


def test_a_fee_in_the_coin_takes_its_own_cost_along() -> None:
    assert prove_cost("BTC", D("0.8"), [bought("1", "100", 1, fee="0.2 BTC")]) == Acquired(
        D(100), 1, at("2026-05-01 09:01")
    )


def test_what_is_not_proven_says_why() -> None:
    for events, words in (
        ([], "no record of it is older"),
        ([bought("1", "100", 1)], "older records come to 1 less than was held"),
        ([bought("3", "100", 1)], "older records come to 1 more than was held"),
        ([flow("2", 1)], "nobody knows what 2 that came 2026-05-01 09:01 UTC had cost"),
        ([fill("+2 BTC", "-30 ETH", "2026-05-01 09:01")], "nobody knows what 2 that came"),
        (
            [bought("-1", "100", 1), bought("3", "100", 2)],
            "more went 2026-05-01 09:01 UTC than older records had brought",
        ),
    ):
        assert words in str(prove_cost("BTC", D(2), events))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.decimals("0.01", 100, places=2), st.decimals("0.01", 1000, places=2)), min_size=1, max_size=9)
)
def test_purchases_alone_have_cost_what_was_paid(bought_for: list[tuple[D, D]]) -> None:
    events: list[Event] = [
        replace(bought(f"{units}", f"{price}", n), number=n) for n, (units, price) in enumerate(bought_for)
    ]
    held = sum((units for units, _ in bought_for), D(0))
    found = prove_cost("BTC", held, events)

    assert isinstance(found, Acquired)
    assert abs(found.price * held - sum(units * price for units, price in bought_for)) < D("1e-12")
