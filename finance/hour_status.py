"""What an hour's row says of it: its status, the words beside it, and what a complete reading comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class HourStatus(StrEnum):
    """The state of an account's hour."""

    COMPLETE = "COMPLETE"  # read, believed and valued
    PARTIAL = "PARTIAL"  # something was not read, has no price, or waits: no NAV
    SUSPECT = "SUSPECT"  # read as a whole and not believed before the next reading confirms it: no NAV yet
    MISSED = "MISSED"  # no reading at all
    RECONSTRUCTED = "RECONSTRUCTED"  # valued later, from the exchange's records


VALUED = [HourStatus.COMPLETE, HourStatus.RECONSTRUCTED]  # the hours that have a NAV
WAITING = "WAITING"  # not an hour's status: its account's turn to be read has not come
LEFT_OPEN = ". Not rebuilt: "
NO_RUN = "the monitor did not run"
LEFT_OUT = "the account was not read in this hour: it was disabled, or waited for its turn"
RECONSTRUCTED_REASON = "rebuilt from the exchange's records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for and against a reading, in words that are shown."""

    problems: Sequence[str] = ()  # no price, not read, money that was read nowhere, a history that may hide a flow
    refused: Sequence[str] = ()  # what the exchange refuses for good: the hour stands all the same, as an estimate
    hidden: str = ""  # what came or went beside the known, and may be what is refused
    doubts: Sequence[str] = ()  # why a reading that is complete is not believed
    waits: Sequence[str] = ()  # flows whose value is not known exactly yet
    estimates: Sequence[str] = ()  # why the NAV is an estimate: old prices, coins that count as nothing
    may_be_found: bool = False  # by the exchange's totals, or a move that was under way: a second reading may find it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a reading comes to."""

    status: HourStatus  # of the hour
    reason: str  # why it is not complete, or why its NAV is an estimate; empty: it is complete and exact
    read_status: HourStatus  # of the reading alone: one that only waits for a flow's value is complete
    read_reason: str
    is_doubtful: bool  # worth a second reading in the same run


def judge_hour(evidence: Evidence) -> Judgement:
    """Whether the hour is COMPLETE, PARTIAL or SUSPECT, and why.

    A problem goes before a doubt, for what was not read as a whole can't be compared; a doubt goes before a wait.
    """
    problems = [*evidence.problems, *((evidence.hidden, *evidence.refused) if evidence.hidden else ())]
    doubt = "" if problems else "; ".join(evidence.doubts)
    read_status = HourStatus.PARTIAL if problems else HourStatus.SUSPECT if doubt else HourStatus.COMPLETE
    estimates = "; ".join([*evidence.estimates, *evidence.refused])
    reason = "; ".join(filter(None, [*problems, doubt, *evidence.waits])) or estimates
    return Judgement(
        status=HourStatus.PARTIAL if evidence.waits and not doubt else read_status,
        reason=reason,
        read_status=read_status,
        read_reason=estimates if read_status is HourStatus.COMPLETE else reason,
        is_doubtful=bool(doubt or evidence.hidden or evidence.may_be_found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an account's hour came to in a run."""

    account_id: int
    status: str  # an HourStatus, or WAITING: nothing is written before its turn comes
    reason: str = ""
    nav: Decimal | None = None
    is_new: bool = True  # False: the hour was recorded before, nothing was written
