"""The benchmark: its rules by example, its promises as laws."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitor.benchmark import (
    BenchmarkState,
    Rebalance,
    flow_benchmark,
    mark_benchmark,
    month_starts,
    rebalance_benchmark,
    start_benchmark,
    value_benchmark,
)
from tests.monitor.notation import D, at, config

PRICE = st.decimals("0.01", "200000", places=4)
MONEY = st.decimals("10", "1e8", places=4)
HOLD = config()


def bought(value: str, btc: str = "50000", eth: str = "2500") -> BenchmarkState:
    return flow_benchmark(HOLD, start_benchmark(HOLD), D(value), {"BTC": D(btc), "ETH": D(eth)})


def test_a_deposit_buys_half_and_half_at_its_own_prices() -> None:
    assert bought("10000").quantities == (D("0.1"), D(2))


def test_a_withdrawal_sells_pro_rata_of_what_is_held() -> None:
    prices = {"BTC": D(100000), "ETH": D(2500)}  # worth 15,000: 10,000 in BTC, 5,000 in ETH

    state = flow_benchmark(HOLD, bought("10000"), D(-3000), prices)

    assert state.quantities == (D("0.08"), D("1.6"))


def test_what_it_cannot_pay_is_a_debt_that_the_next_deposit_repays() -> None:
    """The account won 20,000 and takes them out; the benchmark had 10,000."""
    prices = {"BTC": D(50000), "ETH": D(2500)}
    owing = flow_benchmark(HOLD, bought("10000"), D(-20000), prices)
    assert (owing.quantities, owing.debt) == ((0, 0), 10000)
    assert value_benchmark(HOLD, owing, prices) == -10000

    again = flow_benchmark(HOLD, owing, D(12000), prices)

    assert (again.debt, value_benchmark(HOLD, again, prices)) == (0, 2000)
    assert again.track.episode == 2


@given(btc=PRICE, eth=PRICE, value=MONEY, later=MONEY)
def test_net_asset_value_minus_money_put_in_survives_any_flow(
    btc: Decimal, eth: Decimal, value: Decimal, later: Decimal
) -> None:
    prices = {"BTC": btc, "ETH": eth}
    state = flow_benchmark(HOLD, start_benchmark(HOLD), value, prices)

    for moved in (later, -2 * later, later):
        before = value_benchmark(HOLD, state, prices)
        state = flow_benchmark(HOLD, state, moved, prices)
        assert abs(value_benchmark(HOLD, state, prices) - before - moved) < D("1e-10")


@given(btc=PRICE, eth=PRICE, value=MONEY)
def test_an_account_that_holds_the_benchmark_has_its_return(btc: Decimal, eth: Decimal, value: Decimal) -> None:
    """Quantities bought at 50,000 and 2,500; marked at any prices, NAV of basket and benchmark are the same."""
    state = bought(str(value))
    prices = {"BTC": btc, "ETH": eth}
    held = sum(q * p for q, p in zip(state.quantities, prices.values(), strict=True))

    marked = mark_benchmark(HOLD, state, prices)

    assert value_benchmark(HOLD, state, prices) == held
    assert held <= 0 or abs(marked.track.unit_price / 100 - held / value) < D("1e-9") * (1 + held / value)


@given(value=MONEY, btc=PRICE, eth=PRICE)
def test_a_deposit_and_an_equal_withdrawal_leave_everything_as_it_was(
    value: Decimal, btc: Decimal, eth: Decimal
) -> None:
    prices = {"BTC": btc, "ETH": eth}
    state = flow_benchmark(HOLD, start_benchmark(HOLD), D(1000), prices)

    back = flow_benchmark(HOLD, flow_benchmark(HOLD, state, value, prices), -value, prices)

    assert abs(value_benchmark(HOLD, back, prices) - value_benchmark(HOLD, state, prices)) < D("1e-9")


def test_rebalancing_keeps_the_value_and_restores_the_weights() -> None:
    prices = {"BTC": D(100000), "ETH": D(2500)}
    state = mark_benchmark(HOLD, bought("10000"), prices)

    again = rebalance_benchmark(config(Rebalance.MONTHLY), state, prices)

    assert again.quantities == (D("0.075"), D(3))
    assert again.track.unit_price == state.track.unit_price == 150


def test_months_begin_on_the_first_at_midnight_utc() -> None:
    assert month_starts(at("2026-01-31 12:00"), at("2026-03-01 00:00")) == (at("2026-02-01"),)
    assert month_starts(at("2026-02-01"), at("2026-03-01 00:01")) == (at("2026-02-01"), at("2026-03-01"))
