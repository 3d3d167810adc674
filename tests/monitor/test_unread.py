"""Wallets that could not be read beside the exchange's own totals: what is lacking, what stands, what counts by a total."""

from collections.abc import Iterable
from decimal import Decimal as D

import pytest

from finance.observed import AccountReading, Balance, Refusal, Role, WalletReading, WalletState, WalletTotal
from finance.prices import AssetPrice
from finance.valuation import value_holdings
from monitor.snapshots.unread import Judged, Remembered, judge_wallets

NO = Refusal(status=400, code=-9999)
PRICES = {"USDT": AssetPrice(asset="USDT", value=D(1), route=())}


def total(name: str, value: str, *wallets: str) -> WalletTotal:
    return WalletTotal(name=name, wallets=wallets, value=D(value))


def read(wallet: str, quantity: str, role: Role = Role.WALLET) -> WalletReading:
    balances = (Balance(asset="USDT", free=D(quantity)),)
    return WalletReading(wallet=wallet, state=WalletState.READ, balances=balances, role=role)


def refused(wallet: str, refusal: Refusal = NO) -> WalletReading:
    return WalletReading(wallet=wallet, state=WalletState.REFUSED, problem="it said no.", refusal=refusal)


SPOT = read("spot", "50", Role.REQUIRED)
SPOT_TOTAL = total("Spot", "50", "spot")


def judge(
    wallets: Iterable[WalletReading], totals: Iterable[WalletTotal], *, tells: bool = True, **known: set[str]
) -> Judged:
    reading = AccountReading(
        wallets=(SPOT, *wallets), totals=tuple(totals), has_totals=tells, problem="" if totals else "no answer"
    )
    return judge_wallets(reading, value_holdings(reading.wallets, PRICES), Remembered(label="my label", **known))


def state(judged: Judged, wallet: str) -> str:
    return next(str(one.state) for one in judged.wallets if one.wallet == wallet)


def counted(judged: Judged) -> dict[str, D]:
    return {
        one.wallet: balance.quantity
        for one in judged.wallets
        for balance in one.balances
        if one.state is WalletState.COUNTED
    }


def test_where_totals_are_not_of_each_wallet_one_without_a_total_is_no_empty_one() -> None:
    judged = judge([refused("earn")], [SPOT_TOTAL], tells=False)

    assert state(judged, "earn") == "refused"
    assert [caveat.partition(":")[0] for caveat in judged.caveats] == ["earn"]


@pytest.mark.parametrize(
    ("value", "used", "expected"),
    [
        ("0", False, "not_opened"),
        ("0", True, "refused"),
        ("0.9", False, "refused"),
        ("1.1", False, "failed"),
        ("-1.1", False, "failed"),
    ],
)
def test_a_refused_wallet_is_what_its_total_says(value: str, used: bool, expected: str) -> None:
    judged = judge(
        [refused("options")],
        [SPOT_TOTAL, total("Options", value, "options")],
        used={"options"} & {"options" if used else ""},
    )

    assert (state(judged, "options"), judged.lacks, judged.caveats) == (expected, (), ())
    if expected == "failed":
        (problem,) = (one.problem for one in judged.wallets if one.wallet == "options")
        assert f"it holds {value}0 USDT (Options) by the exchange's own totals. it said no." in problem
        assert "python -m monitor account count-total 'my label' Options" in problem


def test_of_several_wallets_under_one_total_what_was_read_is_taken_off() -> None:
    earn = total("Earn", "1000", "flexible", "locked", "yields")
    noise = total("Earn", "1004", "flexible", "locked", "yields")
    wallets = [read("flexible", "700"), read("locked", "300")]

    assert state(judge([*wallets, refused("yields")], [SPOT_TOTAL, earn]), "yields") == "not_opened"
    assert state(judge([*wallets, refused("yields")], [SPOT_TOTAL, noise]), "yields") == "not_opened"
    lacking = judge([wallets[0], refused("locked"), refused("yields")], [SPOT_TOTAL, earn])
    assert state(lacking, "locked") == state(lacking, "yields") == "failed"
    both = judge([wallets[0], refused("locked"), refused("yields")], [SPOT_TOTAL, earn], counted={"Earn"})
    assert counted(both) == {"total of Earn": 300}
    assert state(both, "locked") == state(both, "yields") == "counted"


def test_money_is_missed_where_it_was_not_read() -> None:
    failed = WalletReading(wallet="failed", state=WalletState.FAILED)
    totals = [SPOT_TOTAL, total("Empty", "5", "empty"), total("Failed", "5", "failed")]
    bots = [total("Trading Bots", "123"), total("Copy Trading", "1"), total("A debt", "-2")]
    judged = judge([read("empty", "0"), failed], [*totals, *bots])

    assert [problem.split(" holds ")[0] for problem in judged.lacks] == [
        "a wallet that was read as empty",
        "a wallet that the exchange lets no program read",
        "a wallet that the exchange lets no program read",
    ]
    assert "123.00 USDT" in judged.lacks[1] and "count-total 'my label' 'Trading Bots'" in judged.lacks[1]
    assert "-2.00 USDT" in judged.lacks[2]
    assert judged.may_be_found
    assert not judge([], [SPOT_TOTAL, *bots]).may_be_found


@pytest.mark.parametrize(("ours", "is_lacking"), [("110", True), ("940", True), ("960", False), ("1100", False)])
def test_a_family_of_which_a_part_is_lacking_has_no_value(ours: str, is_lacking: bool) -> None:
    judged = judge([read("flexible", ours)], [SPOT_TOTAL, total("Earn", "1000", "flexible")])

    assert bool(judged.lacks) is judged.may_be_found is is_lacking
    if is_lacking:
        assert judged.lacks[0].startswith(f"a wallet of which {ours}.00 USDT was read holds 1,000.00 USDT")


def test_what_is_required_was_read_as_a_whole() -> None:
    assert judge([], [total("Spot", "9000", "spot")]).lacks == ()
    empty = AccountReading(wallets=(read("spot", "0", Role.REQUIRED),), totals=(total("Spot", "9", "spot"),))
    assert judge_wallets(empty, value_holdings(empty.wallets, PRICES), Remembered(label="x")).lacks


def test_without_totals_only_what_was_judged_before_or_can_never_be_known_stands() -> None:
    assert state(judge([refused("options")], []), "options") == "failed"
    before = judge([refused("options")], [], judged={"options"})
    never = judge([refused("options")], [], tells=False)
    for judged in (before, never):
        assert state(judged, "options") == "refused"
        assert judged.caveats == ("options: it said no.",)
    assert state(judge([refused("options")], [], tells=False, used={"options"}), "options") == "failed"


def test_a_total_counts_by_the_owners_word_and_never_twice() -> None:
    bots, options = total("Trading Bots", "500"), total("Options", "250", "options")
    words = {"Trading Bots", "Options"}
    judged = judge([refused("options")], [SPOT_TOTAL, bots, options], counted=words)
    assert counted(judged) == {"total of Trading Bots": 500, "total of Options": 250}
    assert (judged.lacks, judged.caveats, judged.ended) == ((), (), ())

    again = judge([read("options", "251")], [SPOT_TOTAL, bots, options], counted=words)
    assert (counted(again), again.ended) == ({"total of Trading Bots": 500}, ("Options",))

    part = judge([read("options", "100")], [SPOT_TOTAL, options], counted={"Options"})
    assert (counted(part), part.ended, part.lacks) == ({"total of Options": 150}, (), ())

    in_debt = judge([refused("options")], [total("Options", "-40", "options")], counted={"Options"})
    assert counted(in_debt) == {"total of Options": -40}


def test_a_total_that_counts_and_is_not_told_is_a_failure() -> None:
    words = {"Trading Bots", "Options"}
    for totals in ([], [SPOT_TOTAL]):
        judged = judge([refused("options")], totals, counted=words)
        assert state(judged, "total of Trading Bots") == "failed"
    broken = WalletReading(wallet="options", state=WalletState.FAILED, problem="a time-out")
    judged = judge([broken], [SPOT_TOTAL, total("Options", "250", "options")], counted={"Options"})
    assert (counted(judged), state(judged, "options")) == ({}, "failed")
