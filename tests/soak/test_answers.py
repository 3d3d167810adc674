"""Every endpoint of an hourly run x the bad answers that the suite leaves out."""

import pytest

from tests.exchanges.test_matrix import (
    BAD,
    HARDEST,
    ORDERS_SAMPLE,
    SAMPLE,
    contracts_refuse,
    endpoints_refuse,
    flow_histories_refuse,
    orders_refuse,
)
from tests.venue import RunningVenue
from tests.worker import Worker

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("fault", [name for name in BAD if name not in HARDEST])
def test_no_bad_answer_of_any_endpoint_becomes_a_number(fault: str, worker: Worker, venue: RunningVenue) -> None:
    endpoints_refuse(fault, worker, venue)


@pytest.mark.parametrize("fault", [name for name in BAD if name not in SAMPLE])
def test_no_bad_answer_of_a_history_hides_a_flow(fault: str, worker: Worker, venue: RunningVenue) -> None:
    flow_histories_refuse(fault, worker, venue)


@pytest.mark.parametrize("fault", [name for name in BAD if name != ORDERS_SAMPLE])
def test_no_bad_answer_of_a_list_of_orders_makes_or_ends_one(fault: str, worker: Worker, venue: RunningVenue) -> None:
    orders_refuse(fault, worker, venue)


@pytest.mark.parametrize("fault", BAD)
def test_no_bad_answer_about_a_contract_hides_a_fill(fault: str, worker: Worker, venue: RunningVenue) -> None:
    contracts_refuse(BAD[fault], worker, venue)
