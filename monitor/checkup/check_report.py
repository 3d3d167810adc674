"""A check in words: a table for the owner, and one that can be pasted into a bug report.

The report has addresses of endpoints, HTTP statuses, the exchange's codes, shapes and our own words: no amount, no name
of a coin, no id, nothing that the exchange wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from monitor.checkup.findings import Finding, Findings
from monitor.checkup.shapes import describe_shape
from monitor.exchanges.http.capture import POSITIONS, Captured
from monitor.exchanges.policy import Meaning, describe_effect, is_estimate

WIDTH = 80
ADDRESS, ANSWER = 56, 12
GRAVITY = (Meaning.READ, Meaning.NOT_OPENED, Meaning.REFUSED, Meaning.COUNTED, Meaning.HOLDS_MONEY, Meaning.FAILED)
IN_SHORT = {
    Meaning.READ: "read",
    Meaning.NOT_OPENED: "none",
    Meaning.REFUSED: "refused",
    Meaning.COUNTED: "counted",
    Meaning.HOLDS_MONEY: "MONEY",
    Meaning.FAILED: "FAILED",
}
COMPLETE = "Every hour of this account will be complete."
LEGEND = (
    "yes, no: accepted or not. read: it counts. none: the account has no such thing, or not for this key. refused, "
    "counted: see below. later: every run asks again, and no hour waits for it. FAILED: no hour is complete as long as "
    "it stays so."
)
LATER = "later"
HIDDEN_WORTH = "what this report leaves out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One endpoint with the gravest of its answers."""

    captured: Captured
    means: str
    shape: str

    @property
    def is_accepted(self) -> bool:
        """Whether the exchange gave data, of whatever shape."""
        return self.captured.response.status == 200 and self.captured.refusal is None


def format_check(findings: Findings) -> str:
    """The table for the owner, what it means in the exchange's own words and with amounts, and one last sentence."""
    lines = [_format_head(), *map(_format_row, make_rows(findings)), "", *wrap(LEGEND, WIDTH)]
    lines += _format_absent(findings)
    for one in findings.places:
        if one.meaning not in (Meaning.READ, Meaning.NOT_OPENED):
            lines += ["", *wrap(f"{one.place.name}: {_describe_effect(one)}", WIDTH)]
            lines += wrap(one.problem, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([*lines, "", *format_summary(findings)])


def _format_absent(findings: Findings) -> list[str]:
    """In one sentence what the account does not have, which is much for an ordinary one."""
    names = [one.place.name for one in findings.places if one.meaning is Meaning.NOT_OPENED]
    return (
        ["", *wrap(f"None, or not for this key, which every hour stands without: {', '.join(names)}.", WIDTH)]
        if names
        else []
    )


def format_summary(findings: Findings) -> list[str]:
    """The last sentence, wrapped: that every hour will be complete, or what stands in the way."""
    if not findings.is_complete:
        return [
            "What stands in the way of complete hours:",
            *(line for problem in findings.problems for line in _wrap_item(problem)),
        ]
    if findings.caveats:
        return [
            f"{COMPLETE[:-1]}, and marked as estimated:",
            *(line for caveat in findings.caveats for line in _wrap_item(caveat)),
        ]
    return [COMPLETE]


def format_report(findings: Findings, version: str, whose: str) -> str:
    """The version for a bug report: nothing private is in it."""
    lines = [f"portfolio monitor {version}: what is answered to an account, read with {whose}", _format_head()]
    for row in make_rows(findings):
        lines += [_format_row(row), *wrap(row.shape, WIDTH, initial_indent="    ", subsequent_indent="    ")]
    lines += _format_absent(findings)
    for one in findings.places:
        if one.meaning not in (Meaning.READ, Meaning.NOT_OPENED):
            lines += ["", *wrap(f"{one.place.name}: {_describe_effect(one, HIDDEN_WORTH)}", WIDTH)]
    return "\n".join([*lines, "", *wrap(_format_public_summary(findings), WIDTH)])


def make_rows(findings: Findings) -> list[Row]:
    """A row for each endpoint, as it was first asked."""
    places = {one.place.name: one for one in findings.places}
    captured: dict[str, list[Captured]] = {}
    for one in findings.captured:
        captured.setdefault(one.address, []).append(one)
    return [_make_row(answers, places) for answers in captured.values()]


def _make_row(answers: Sequence[Captured], places: dict[str, Finding]) -> Row:
    last = {one.place: one for one in answers}  # what was tried again counts as it ended
    gravest = max(last.values(), key=lambda one: GRAVITY.index(places[one.place].meaning) if one.problem else -1)
    shapes = [describe_shape(one.response.body) for one in last.values() if bool(one.problem) == bool(gravest.problem)]
    means = _describe_in_short(places[gravest.place]) if gravest.problem else IN_SHORT[Meaning.READ]
    return Row(captured=gravest, means=means, shape=max(shapes, key=len))


def _describe_in_short(one: Finding) -> str:
    return LATER if one.meaning is Meaning.FAILED and not one.voids else IN_SHORT[one.meaning]


def _format_head() -> str:
    return f"{'endpoint':<{ADDRESS}}    {'answer':<{ANSWER}}means"


def _format_row(row: Row) -> str:
    said = "yes" if row.is_accepted else "no "
    line = f"{row.captured.address:<{ADDRESS}} {said} {_format_answer(row.captured):<{ANSWER - 1}} {row.means}"
    if len(line) <= WIDTH:
        return line
    return f"{row.captured.address}\n{' ' * ADDRESS} {said} {_format_answer(row.captured):<{ANSWER - 1}} {row.means}"


def _format_answer(captured: Captured) -> str:
    """Status and code; a number that is no code of the exchange's is left out."""
    if not captured.response.status:
        return "nothing"
    refusal = captured.refusal
    if refusal and refusal.code is not None:
        return f"{captured.response.status} {refusal.code if refusal.is_documented else '…'}"
    return f"{captured.response.status}{' page' if refusal and refusal.is_page else ''}"


def _describe_effect(one: Finding, worth: str = "") -> str:
    if one.place.name.startswith(POSITIONS) and one.meaning is not Meaning.NOT_OPENED:
        return "the hour stands while no position is open, and is PARTIAL once one is"
    return describe_effect(one.place, one.meaning, one.known, worth)


def _wrap_item(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")


def _format_public_summary(findings: Findings) -> str:
    if findings.is_complete:
        names = [one.place.name for one in findings.places if is_estimate(one.place, one.meaning, one.known)]
        names += _count(findings.estimates, "price", "prices")
        return f"{COMPLETE[:-1]}, and marked as estimated by: {', '.join(names)}." if names else COMPLETE
    reasons = [one.place.name for one in findings.places if one.voids]
    reasons += _count(findings.unpriced, "coin without a price", "coins without a price")
    reasons += _count(findings.unmatched, "total that was read nowhere", "totals that were read nowhere")
    return (
        f"What stands in the way of complete hours: {', '.join(reasons) or 'something that is none of these answers'}."
    )


def _count(number: int, one: str, more: str) -> Iterable[str]:
    return [f"{number} {one if number == 1 else more}"] if number else []
