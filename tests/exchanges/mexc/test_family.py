"""Transfers between a main account and its sub-accounts at MEXC: which are asked for, and which way each went."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from finance.records import FlowKind, FlowRecord, FlowState
from monitor.errors import ExchangeUnavailable
from monitor.exchanges.mexc import transfers
from tests.exchanges.mexc.answering import NOW, Answering, say
from tests.exchanges.mexc.answers import ANSWERS, FAMILY

DAY = (NOW - timedelta(days=1), NOW)
FAMILY_PATH, ENDS = "capital/sub-account/universalTransfer", {"fromAccount", "toAccount"}


def fetch(row: dict[str, Any]) -> tuple[FlowRecord, ...]:
    """What is read where the exchange lists one transfer."""
    told = ANSWERS | {FAMILY_PATH: {"result": [row], "totalCount": 1}}
    return asyncio.run(transfers.fetch_family(Answering(lambda path, _: say(path, told)), *DAY))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("giver", "taker", "kind"),
    [
        ("master@test.com", "subaccount1@test.com", FlowKind.TRANSFER_OUT),
        ("subaccount1@test.com", "master@test.com", FlowKind.TRANSFER_IN),
        ("", "subaccount2@test.com", FlowKind.TRANSFER_OUT),
        ("subaccount1@test.com", "subaccount2@test.com", None),
    ],
)
def test_a_transfer_in_the_family_goes_the_way_that_the_list_of_sub_accounts_says(
    giver: str, taker: str, kind: FlowKind | None
) -> None:
    row = FAMILY | {"fromAccount": giver, "toAccount": taker}

    found = fetch(row)
    assert [flow.kind for flow in found] == ([kind] if kind else [])


def test_a_transfer_in_the_family_that_names_no_sub_account_is_no_guess() -> None:
    row = FAMILY | {"toAccount": "sub***@test.com"}

    with pytest.raises(ExchangeUnavailable, match="neither end"):
        fetch(row)


def test_transfers_in_the_family_are_asked_for_either_way_by_every_pair_of_account_types() -> None:
    connection = Answering(lambda path, _: say(path, ANSWERS))
    asyncio.run(transfers.fetch_family(connection, *DAY))  # type: ignore[arg-type]

    asked = [one for path, one in connection.calls if path == FAMILY_PATH]
    ways = {(end, one[end], one["fromAccountType"], one["toAccountType"]) for one in asked for end in ENDS & one.keys()}
    assert len(ways) == len(asked) == 2 * 2 * 4


def test_they_are_asked_for_side_by_side_because_there_are_many() -> None:
    """A quarter of a year of one sub-account is a hundred calls: one after the other they outlast an account's time."""
    connection = Crowded(lambda path, _: say(path, ANSWERS))
    asyncio.run(transfers.fetch_family(connection, NOW - timedelta(days=89), NOW))  # type: ignore[arg-type]

    assert connection.most_at_once == 2 * 2 * 4


class Crowded(Answering):
    """Counts the calls that wait for their answers at once."""

    at_once = most_at_once = 0

    async def call(self, *about: Any, **asked: Any) -> Any:
        """The same, a turn later."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return await super().call(*about, **asked)


@pytest.mark.parametrize(
    ("status", "state", "told"),
    [
        ("SUCCESS", FlowState.COUNTED, "SUCCESS"),
        ("FAILED", FlowState.VOID, "FAILED"),
        ("INTERRUPTED", FlowState.VOID, "INTERRUPTED"),
        ("NEWEST", FlowState.PENDING, "NEWEST (unknown)"),
    ],
)
def test_a_transfer_that_failed_is_void_and_one_in_no_known_state_waits(
    status: str, state: FlowState, told: str
) -> None:
    (flow,) = fetch(FAMILY | {"status": status})

    assert (flow.state, flow.exchange_status) == (state, told)
