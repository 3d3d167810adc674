"""From when on histories are read: overlaps, the wide look of a day, pending flows, and what an account does not have."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from finance.records import FlowKind
from monitor.exchanges.contract import Source, SourceReading, SourceState
from monitor.ledger.lookback import SourceMarks, begin_day, choose_beginning_of_day, find_spare, look_back
from monitor.ledger.store.sources import load_source_marks, record_source_marks
from tests.monitor.notation import at
from tests.worker import Worker

NOW = at("2026-05-10 12:02")
HOUR_AGO = at("2026-05-10 11:02")
SOURCE = Source(
    name="deposits",
    first=timedelta(days=88),
    overlap=timedelta(days=7),
    wide=timedelta(days=60),
    kinds=(FlowKind.DEPOSIT,),
)


def since(
    cursor: datetime | None = None,
    pending: dict[FlowKind, datetime] | None = None,
    absent: datetime | None = None,
    now: datetime = NOW,
) -> datetime | None:
    marks = SourceMarks(
        cursors={SOURCE.name: cursor} if cursor else {},
        pending=pending or {},
        absent={SOURCE.name: absent} if absent else {},
    )
    return look_back([SOURCE], marks, now).get(SOURCE.name)


def test_the_first_look_goes_back_as_far_as_the_source_says() -> None:
    assert since() == NOW - timedelta(days=88)


def test_an_hour_later_only_the_overlap_is_read_again() -> None:
    assert since(HOUR_AGO) == HOUR_AGO - timedelta(days=7)


def test_the_first_look_of_a_day_is_wide() -> None:
    assert since(at("2026-05-09 23:02"), now=at("2026-05-10 00:02")) == at("2026-05-09 23:02") - timedelta(days=60)


def test_after_an_absence_everything_since_the_cursor_is_read() -> None:
    assert since(at("2025-01-01 00:00")) == at("2025-01-01 00:00") - timedelta(days=60)


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ("2026-05-10 10:00", HOUR_AGO - timedelta(days=7)),
        ("2026-04-20 10:00", at("2026-04-20 10:00")),
        ("2025-04-20 10:00", HOUR_AGO - timedelta(days=60)),
    ],
)
def test_a_pending_flow_is_looked_at_until_it_is_settled_but_not_for_ever(requested: str, expected: datetime) -> None:
    assert since(HOUR_AGO, pending={FlowKind.DEPOSIT: at(requested)}) == expected


def test_a_pending_flow_of_another_source_does_not_matter() -> None:
    assert since(HOUR_AGO, pending={FlowKind.WITHDRAWAL: at("2026-04-20 10:00")}) == HOUR_AGO - timedelta(days=7)


def test_what_an_account_does_not_have_is_left_out_until_a_day_later() -> None:
    assert since(absent=at("2026-05-09 13:02")) is None
    assert since(absent=at("2026-05-09 12:02")) == NOW - timedelta(days=88)


BONUSES = replace(SOURCE, name="bonuses", is_daily=True)
FUNDING = replace(SOURCE, name="funding", wallet="futures")


def marks(cursor: str, **known: bool | timedelta) -> SourceMarks:
    return SourceMarks(
        cursors={source.name: at(cursor) for source in (BONUSES, FUNDING)},
        pending={},
        absent={},
        **known,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("known", "names"),
    [
        (marks("2026-05-10 11:02"), {"funding"}),
        (marks("2026-05-10 11:02", is_unexplained=True), {"bonuses", "funding"}),
        (marks("2026-05-09 23:02"), {"bonuses", "funding"}),
        (SourceMarks(cursors={}, pending={}, absent={}), {"bonuses", "funding"}),
    ],
)
def test_a_dear_history_is_read_once_a_day_and_while_something_is_unexplained(
    known: SourceMarks, names: set[str]
) -> None:
    assert look_back([BONUSES, FUNDING], known, NOW).keys() == names


def test_an_empty_wallets_history_is_spared_but_for_the_first_reading_of_a_day() -> None:
    sources = [SOURCE, FUNDING]
    assert find_spare(sources, marks("2026-05-10 11:02"), NOW) == {"funding"}
    assert find_spare(sources, marks("2026-05-10 11:02", is_unexplained=True), NOW) == set()
    assert find_spare(sources, marks("2026-05-09 23:02"), NOW) == set()
    never_opened = SourceMarks(cursors={}, pending={}, absent={})
    assert find_spare(sources, never_opened, NOW) == {"funding"}


def test_the_days_of_many_accounts_begin_at_every_hour() -> None:
    starts = [choose_beginning_of_day(number) for number in range(1, 49)]
    assert {starts.count(timedelta(hours=hour)) for hour in range(24)} == {2}

    for moment, began in (("2026-05-10 01:59", "2026-05-09 02:00"), ("2026-05-10 02:00", "2026-05-10 02:00")):
        assert begin_day(26, at(moment)) == at(began)

    at_twelve, before = marks("2026-05-10 11:02", day_begins=timedelta(hours=12)), marks("2026-05-10 00:02")
    assert look_back([BONUSES], at_twelve, NOW).keys() == {"bonuses"}
    assert look_back([BONUSES], replace(before, day_begins=timedelta(hours=13)), NOW).keys() == set()


def test_what_was_read_once_stays_read_whatever_the_clock_says_later(worker: Worker) -> None:
    read = [SourceReading(source="deposits", state=SourceState.READ)]
    for taken_at in (HOUR_AGO, NOW, HOUR_AGO):
        record_source_marks(worker.db, 1, read, taken_at)

    assert load_source_marks(worker.db, 1).cursors == {"deposits": NOW}


def test_a_history_that_is_behind_goes_on_where_it_stopped(worker: Worker) -> None:
    behind = SourceReading(source="fiat orders", state=SourceState.BEHIND, through=HOUR_AGO)
    record_source_marks(worker.db, 1, [behind], NOW)

    assert load_source_marks(worker.db, 1).cursors == {"fiat orders": HOUR_AGO}
