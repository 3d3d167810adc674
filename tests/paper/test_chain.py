"""What a history of the chain tells that is not so, or not yet: the balances never follow it."""

from datetime import timedelta

import pytest

from tests.venue import RunningVenue


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("deposit 100 USDT told 130 until 2h", [130, 100]),
        ("deposit 100 USDT told 130 from 2h", [100, 130]),
        ("withdraw 100 USDT fee 1 told 130 until 2h", [130, 100]),
        ("withdraw 100 USDT fee 1 told 130 from 2h", [100, 130]),
    ],
)
def test_another_amount_is_shown_for_a_while_or_from_then_on(
    line: str, amounts: list[int], venue: RunningVenue
) -> None:
    account, before = venue.exchange.venue.accounts["test"], venue.truth()["wallets"]["spot"]["USDT"]
    venue.do(line)
    flow = (account.withdrawals or account.deposits)[-1]
    shown = [flow.amount if flow.shown_amount is None else flow.shown_amount]
    after = venue.truth()["wallets"]["spot"]["USDT"]
    venue.advance(hours=2)
    assert venue.truth()["wallets"]["spot"]["USDT"] == after
    shown.append(flow.amount if flow.shown_amount is None else flow.shown_amount)

    assert shown == amounts
    assert float(after) - float(before) == (100 if line.startswith("deposit") else -101)


def test_an_end_is_announced_with_its_time_before_the_money_moves(venue: RunningVenue) -> None:
    venue.do("deposit 100 USDT credited after 40m announced yes")
    deposit = venue.exchange.venue.accounts["test"].deposits[-1]
    before = venue.truth()["wallets"]["spot"]["USDT"]

    assert (deposit.status, deposit.completed_at) == ("credited", venue.now() + timedelta(minutes=40))
    venue.advance(minutes=40)
    assert float(venue.truth()["wallets"]["spot"]["USDT"]) - float(before) == 100
