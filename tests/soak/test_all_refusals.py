"""The whole table: each refusal of each optional endpoint, in the first hour, the next, and the one a day later."""

import pytest

from monitor.performance.verification import verify
from tests.exchanges.refusal_table import (
    COMPLETE,
    ENDPOINTS,
    ESTIMATED,
    HELD,
    HOURS,
    PARTIAL,
    REFUSALS,
    Case,
    run_cases,
    write_story,
)
from tests.venue import Opener as OpenVenue
from tests.worker import Opener as OpenWorker

NAMES = {COMPLETE: "C", ESTIMATED: "e", PARTIAL: "P"}


EMPTY, USED = [(path, "") for path in ENDPOINTS], list(HELD.items())


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("path", "wallet"), EMPTY + USED)
def test_every_refusal_of_an_endpoint_has_its_outcome(
    path: str, wallet: str, open_worker: OpenWorker, open_venue: OpenVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [Case(path=path, refusal=refusal, wallet=wallet) for refusal in REFUSALS]
    venue = open_venue(write_story(cases))
    worker = open_worker(venue)
    found = run_cases(worker, venue, cases)

    with capsys.disabled():
        held = f", {wallet} holds 250 USDT" if wallet else ""
        print(f"\n{path}{held}:", *("".join(NAMES[one] for one in found[case]) for case in cases))
    wrong = {case: outcomes for case, outcomes in found.items() if outcomes != [case.expected] * len(outcomes)}
    assert wrong == {}, [
        row["reason"] for row in worker.rows("select distinct reason from nav_history") if row["reason"]
    ]
    assert all(len(outcomes) == len(HOURS) for outcomes in found.values())
    assert verify(worker.db).differences == ()
