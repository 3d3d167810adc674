"""The benchmark: its rules by example, its promises as laws."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from finance.benchmark import (
    BenchmarkConfig,
    BenchmarkState,
    Rebalance,
    Withdrawals,
    flow_benchmark,
    mark_benchmark,
    rebalance_benchmark,
    rebalancing_times,
    start_benchmark,
    value_benchmark,
)
from finance.units import UnitState
from tests.monitor.notation import D, at, config

PRICE = st.decimals("0.01", "200000", places=4)
MONEY = st.decimals("10", "1e8", places=4)
HOLD = config()


def moved(
    basket: BenchmarkConfig, state: BenchmarkState, value: Decimal, prices: dict[str, Decimal], account: str = "1"
) -> BenchmarkState:
    """`state` after a flow; only withdrawals of the same fraction ask for the account's NAV."""
    return flow_benchmark(basket, state, value, prices, D(account))


def bought(value: str, btc: str = "50000", eth: str = "2500") -> BenchmarkState:
    return moved(HOLD, start_benchmark(HOLD), D(value), {"BTC": D(btc), "ETH": D(eth)})


def test_a_deposit_buys_half_and_half_at_its_own_prices() -> None:
    assert bought("10000").quantities == (D("0.1"), D(2))


def test_a_withdrawal_sells_pro_rata_of_what_is_held() -> None:
    prices = {"BTC": D(100000), "ETH": D(2500)}  # worth 15,000: 10,000 in BTC, 5,000 in ETH

    state = moved(HOLD, bought("10000"), D(-3000), prices)

    assert state.quantities == (D("0.08"), D("1.6"))


def test_what_it_cannot_pay_is_a_debt_that_the_next_deposit_repays() -> None:
    """The account won 20,000 and takes them out; the benchmark had 10,000."""
    prices = {"BTC": D(50000), "ETH": D(2500)}
    owing = moved(HOLD, bought("10000"), D(-20000), prices)
    assert (owing.quantities, owing.debt) == ((0, 0), 10000)
    assert value_benchmark(HOLD, owing, prices) == -10000

    again = moved(HOLD, owing, D(12000), prices)

    assert (again.debt, value_benchmark(HOLD, again, prices)) == (0, 2000)
    assert again.track.episode == 2


def test_selling_everything_costs_its_fee_and_what_is_missing_is_a_debt() -> None:
    costly, prices = replace(HOLD, fee=D("0.01")), {"BTC": D(50000), "ETH": D(2500)}
    state = moved(costly, bought("10000"), D(-20000), prices)

    assert (state.quantities, state.debt) == ((0, 0), 10100)


@given(btc=PRICE, eth=PRICE, value=MONEY, later=MONEY)
def test_net_asset_value_minus_money_put_in_survives_any_flow(
    btc: Decimal, eth: Decimal, value: Decimal, later: Decimal
) -> None:
    prices = {"BTC": btc, "ETH": eth}
    state = moved(HOLD, start_benchmark(HOLD), value, prices)

    for value in (later, -2 * later, later):
        before = value_benchmark(HOLD, state, prices)
        state = moved(HOLD, state, value, prices)
        assert abs(value_benchmark(HOLD, state, prices) - before - value) < D("1e-10")


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
    state = moved(HOLD, start_benchmark(HOLD), D(1000), prices)

    back = moved(HOLD, moved(HOLD, state, value, prices), -value, prices)

    assert abs(value_benchmark(HOLD, back, prices) - value_benchmark(HOLD, state, prices)) < D("1e-9")


def test_rebalancing_keeps_the_value_and_restores_the_weights() -> None:
    prices = {"BTC": D(100000), "ETH": D(2500)}
    state = mark_benchmark(HOLD, bought("10000"), prices)

    again = rebalance_benchmark(config(Rebalance.MONTHLY), state, prices, at("2026-02-01"))

    assert again.quantities == (D("0.075"), D(3))
    assert again.track.unit_price == state.track.unit_price == 150


def test_months_begin_on_the_first_at_midnight_utc() -> None:
    monthly = [config(Rebalance.MONTHLY), HOLD]

    assert rebalancing_times(monthly, at("2026-01-31 12:00"), at("2026-03-01 00:00")) == (at("2026-02-01"),)
    both = (at("2026-02-01"), at("2026-03-01"))
    assert rebalancing_times(monthly, at("2026-02-01"), at("2026-03-01 00:01")) == both
    assert rebalancing_times([HOLD], at("2026-02-01"), at("2026-03-01 00:01")) == ()
    assert len(rebalancing_times([config(Rebalance.BAND)], at("2026-02-01 00:01"), at("2026-03-01 00:01"))) == 28


def option(**changes: object) -> BenchmarkConfig:
    return replace(HOLD, **changes)  # type: ignore[arg-type]


def test_a_fee_is_taken_from_what_is_bought_and_sold() -> None:
    """10,000 at 0.1 %: 9,990 arrive; 999 taken out again cost 1,000 of the basket."""
    costly = option(fee=D("0.001"))
    prices = {"BTC": D(50000), "ETH": D(2500)}

    state = moved(costly, start_benchmark(costly), D(10000), prices)
    assert (value_benchmark(costly, state, prices), state.track.units) == (9990, 100)

    state = moved(costly, state, D(-999), prices)
    assert abs(value_benchmark(costly, state, prices) - 8990) < D("1e-12")


def test_rebalancing_at_a_fee_ends_at_the_weights_after_both_trades() -> None:
    """x = (H - L) / (1 + (1 - f)^2) of the heavy one is sold, (1 - f)^2 of it arrives in the light one."""
    monthly = option(rebalance=Rebalance.MONTHLY, fee=D("0.01"))
    prices = {"BTC": D(100000), "ETH": D(2500)}  # 10,000 and 5,000
    sold = (D(10000) - 5000) / (1 + D("0.99") ** 2)

    state = rebalance_benchmark(monthly, bought("10000"), prices, at("2026-02-01"))

    values = [q * p for q, p in zip(state.quantities, prices.values(), strict=True)]
    assert all(abs(value - (10000 - sold)) < D("1e-10") for value in values)
    assert abs(10000 - sold - (5000 + sold * D("0.99") ** 2)) < D("1e-10")


@given(values=st.lists(st.decimals("1", "1e6", places=2), min_size=2, max_size=6), fee=st.decimals(0, "0.09", places=4))
def test_rebalancing_pays_exactly_the_fee_of_what_it_moves(values: list[Decimal], fee: Decimal) -> None:
    """Whatever the number of assets: what the light ones gain is what the heavy ones gave, less two fees."""
    names = [f"A{number}" for number in range(len(values))]
    weights = tuple((name, D(1) / len(values)) for name in names)
    basket = option(weights=weights, rebalance=Rebalance.DAILY, fee=fee)
    prices = dict.fromkeys(names, D(1))

    after = rebalance_benchmark(basket, BenchmarkState(quantities=tuple(values)), prices, at("2026-02-02")).quantities

    changes = [new - old for new, old in zip(after, values, strict=True)]
    sold, came = -sum(c for c in changes if c < 0), sum(c for c in changes if c > 0)
    assert abs(came - sold * (1 - fee) ** 2) < D("1e-9")
    assert max(after) - min(after) < D("1e-9")


def test_a_band_is_left_alone_until_a_weight_is_outside() -> None:
    band = option(rebalance=Rebalance.BAND, band=D("0.05"))

    def after(btc: str) -> tuple[Decimal, ...]:
        return rebalance_benchmark(band, bought("10000"), {"BTC": D(btc), "ETH": D(2500)}, at("2026-02-02")).quantities

    assert after("60000") == (D("0.1"), D(2))  # 54.5 %
    assert after("70000") != (D("0.1"), D(2))  # 58.3 %


@given(btc=PRICE, eth=PRICE, share=st.decimals("0.01", "0.99", places=2))
def test_the_same_fraction_taken_out_leaves_the_unit_price_alone(btc: Decimal, eth: Decimal, share: Decimal) -> None:
    """An account of 500 that takes out a share of it: the benchmark does the same with its own NAV."""
    same = option(withdrawals=Withdrawals.SAME_FRACTION)
    prices = {"BTC": btc, "ETH": eth}
    state = mark_benchmark(same, bought("10000"), prices)
    before = value_benchmark(same, state, prices)

    after = moved(same, state, -500 * share, prices, account="500")

    assert abs(value_benchmark(same, after, prices) - before * (1 - share)) < D("1e-9") * before
    assert after.debt == 0
    assert after.track.unit_price == state.track.unit_price


def test_a_withdrawal_redeems_the_units_that_its_sale_costs() -> None:
    """Shriram AMC, "Exit load": 400 units at a NAV of 90 and a load of 1 % pay 35,640; here 600 more stay, at 90."""
    loaded = option(weights=(("BTC", D(1)),), fee=D("0.01"))
    held = BenchmarkState(quantities=(D(1000),), track=UnitState(units=D(1000), unit_price=D(90), peak_nav=D(90000)))

    state = mark_benchmark(loaded, moved(loaded, held, D(-35640), {"BTC": D(90)}), {"BTC": D(90)})

    assert (state.track.units, state.track.unit_price, state.track.invested) == (600, 90, -35640)
    assert value_benchmark(loaded, state, {"BTC": D(90)}) == 54000


@given(
    fee=st.decimals("0.0001", "0.0999", places=4),
    taken=st.decimals("0.001", "2", places=3),
    rule=st.sampled_from(Withdrawals),
)
@example(fee=D("0.01"), taken=D("0.995"), rule=Withdrawals.SAME_AMOUNT)  # more than it gets for all, less than its NAV
@example(fee=D("0.01"), taken=D("0.9899"), rule=Withdrawals.SAME_AMOUNT)  # nearly all it gets
@example(fee=D("0.01"), taken=D(1), rule=Withdrawals.SAME_FRACTION)
def test_a_withdrawal_at_a_fee_changes_no_unit_price_and_loses_its_fee_alone(
    fee: Decimal, taken: Decimal, rule: Withdrawals
) -> None:
    """Of 10,000 some part is taken out: what is left is worth what it was, and a debt is no loss of everything."""
    costly, prices = option(fee=fee, withdrawals=rule), {"BTC": D(50000), "ETH": D(2500)}
    before = mark_benchmark(costly, bought("10000"), prices)

    after = mark_benchmark(costly, moved(costly, before, -10000 * taken, prices, account="10000"), prices)

    assert after.track.unit_price == pytest.approx(100, abs=D("1e-9"))
    assert after.track.losses == 0
    out = before.track.invested - after.track.invested
    gone = 10000 - value_benchmark(costly, after, prices) - out
    assert gone == pytest.approx(min(out / (1 - fee), D(10000)) * fee, abs=D("1e-9"))
