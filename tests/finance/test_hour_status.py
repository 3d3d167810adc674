"""What a reading comes to, case by case; and the statuses that the database knows."""

import re

import pytest

from finance.hour_status import Evidence, HourStatus, judge_hour
from sql.migrate import MIGRATIONS

COMPLETE, PARTIAL, SUSPECT = HourStatus.COMPLETE, HourStatus.PARTIAL, HourStatus.SUSPECT

CASES = [
    (Evidence(), COMPLETE, "", False),
    (Evidence(estimates=["an old price"]), COMPLETE, "an old price", False),
    (Evidence(refused=["pay: refused"]), COMPLETE, "pay: refused", False),
    (Evidence(estimates=["an old price"], refused=["pay: refused"]), COMPLETE, "an old price; pay: refused", False),
    (Evidence(refused=["pay: refused"], hidden="+500 came"), PARTIAL, "+500 came; pay: refused", True),
    (Evidence(problems=["spot: no answer"], estimates=["an old price"]), PARTIAL, "spot: no answer", False),
    (Evidence(problems=["spot: no answer"], doubts=["a jump"]), PARTIAL, "spot: no answer", False),
    (Evidence(problems=["spot: no answer"], waits=["a flow"]), PARTIAL, "spot: no answer; a flow", False),
    (Evidence(doubts=["a jump"]), SUSPECT, "a jump", True),
    (Evidence(doubts=["a jump", "another"], estimates=["an old price"]), SUSPECT, "a jump; another", True),
    (Evidence(doubts=["a jump"], waits=["a flow"]), SUSPECT, "a jump; a flow", True),
    (Evidence(waits=["a flow"]), PARTIAL, "a flow", False),
    (Evidence(may_be_found=True), COMPLETE, "", True),
    (Evidence(problems=["money read nowhere"], may_be_found=True), PARTIAL, "money read nowhere", True),
]


@pytest.mark.parametrize(("evidence", "status", "reason", "is_doubtful"), CASES)
def test_an_hour_is_judged_by_its_evidence(
    evidence: Evidence, status: HourStatus, reason: str, is_doubtful: bool
) -> None:
    judged = judge_hour(evidence)

    assert (judged.status, judged.reason, judged.is_doubtful) == (status, reason, is_doubtful)


def test_a_reading_that_only_waits_is_complete_itself() -> None:
    judged = judge_hour(Evidence(waits=["a flow"], estimates=["an old price"]))

    assert (judged.read_status, judged.read_reason) == (COMPLETE, "an old price")


def test_the_database_knows_the_same_statuses() -> None:
    schema = (MIGRATIONS.parent / "schema.sql").read_text(encoding="utf-8")
    known = [re.findall(r"'(\w+)'", found) for found in re.findall(r"check \(status in \(([^)]*)\)\)", schema)]

    assert set(HourStatus) in [set(names) for names in known]
