"""What must be left of an hour after an error at a site of the code, or a mutated answer of one account; as sentences of
what is wrong, and a word for the table of outcomes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from tests.endtoend.broken_code import ERRORS, LEFT_OUT, Site, broken_at
from tests.endtoend.mutated import KLINES, PRICES, Mutation, draw
from tests.endtoend.three import KEYS, VICTIM, Attempt, Ran, Three

COMBINED, ATTACKED = 0, 1
OTHERS = (2, 3)
EVERYBODY = (COMBINED, ATTACKED, *OTHERS)
COMPLETE, INCOMPLETE, FAILED, CRASHED = 0, 1, 4, 70
OVER = ("complete", "partial")
OTHER_PAIR = Decimal("0.00001")  # as a coin's other pairs price it, where its own can't be read or had no trades
AFTER_FLOWS = ("units", "unit_price")  # the figures that depend on what was held just before a flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of an attempt."""

    outcome: str
    wrong: tuple[str, ...]


@cache
def list_places(three: Three) -> dict[str, int]:
    """How often each function of ours is called in a run."""
    with three.attempt() as attempt, broken_at(None) as calls:
        attempt.run(three.here)
    return {place: made for place, made in sorted(calls.made.items()) if not LEFT_OUT.search(place)}


def choose_sites(places: dict[str, int], count: int, seed: int) -> list[Site]:
    """As many sites, each in a function of its own while there are any, with an error of any kind."""
    chance, names = Random(seed), list(places)
    chance.shuffle(names)
    chosen = (names[number % len(names)] for number in range(count))
    return [Site(place=name, number=chance.randint(1, places[name]), error=chance.choice(ERRORS)) for name in chosen]


def break_code(three: Three, site: Site) -> Verdict:
    """Break a run at a site, let the next one complete the hour, and the one after it the next."""
    with three.attempt() as attempt:
        with broken_at(site):
            ran = attempt.run(three.here)
        lost = _find_lost(three, attempt, three.hour)
        wrong = _judge_run(three, attempt, ran, lost)
        healed = attempt.run(three.here) if ran.code or lost else ran
        left = _find_lost(three, attempt, three.hour)
        if healed.code or not _wait_for_income(three, attempt, left):
            wrong.append(f"the next run of the hour ended with {healed.code} and did not complete {left}")
        attempt.run(three.later)
        wrong += [
            f"the next hour's run left {off} other than the twin's at {hour:%H:%M}"
            for hour in (three.hour, three.next_hour)
            if (off := _find_lost(three, attempt, hour))
        ]
        wrong += [f"verify: {difference}" for difference in attempt.differences()]
    return Verdict(
        outcome=f"exit code {ran.code}, run {ran.row['outcome']}, not there at once: {lost}", wrong=tuple(wrong)
    )


def _find_lost(three: Three, attempt: Attempt, hour: datetime) -> list[int]:
    """The accounts whose hour is not the twin's."""
    found = attempt.figures(hour)
    return [account for account, row in three.twin[hour].items() if found.get(account) != row]


def _wait_for_income(three: Three, attempt: Attempt, lost: list[int]) -> bool:
    """Whether the hours of `lost` lack nothing but income that could not be read: then the next hour's run tells it.

    What was held just before a flow is then not known exactly, and with it the units that the flow bought. The NAV is
    the twin's, and the hour says that something of it is unexplained. All together are off as far as their members are.
    """
    found = attempt.figures(three.hour)
    for account in lost:
        row, truth = found.get(account, {}), three.twin[three.hour][account]
        if {name for name in truth if row.get(name) != truth[name]} - set(AFTER_FLOWS):
            return False
        if account != COMBINED and not (_is_marked(whole := attempt.row(account, three.hour)) or whole["residual"]):
            return False
    return lost != [COMBINED]


def _judge_run(three: Three, attempt: Attempt, ran: Ran, lost: list[int]) -> list[str]:
    wrong = []
    statuses = {account: row["status"] for account, row in attempt.figures(three.hour).items()}
    unvalued = [account for account, status in statuses.items() if status != "COMPLETE"]
    if ran.code == COMPLETE and not _wait_for_income(three, attempt, lost):
        wrong.append(f"exit code 0, and the hours of {lost} are not the twin's")
    if ran.code == CRASHED and ran.row["hour"] == three.hour and not ran.row["message"]:  # else it never began
        wrong.append(f"exit code 70, and the run's row says {ran.row['outcome']} without a reason")
    is_partial = len(statuses) == len(EVERYBODY) and COMBINED in unvalued and len(unvalued) <= 2
    if ran.code == INCOMPLETE and not (is_partial and ran.row["outcome"] == "partial"):
        wrong.append(f"exit code 1, run {ran.row['outcome']}, and {statuses}")
    if ran.code in (FAILED, CRASHED) and ran.row["outcome"] not in ("failed", *OVER):
        wrong.append(f"exit code {ran.code}, and the run's row says {ran.row['outcome']}")
    if ran.code not in (COMPLETE, INCOMPLETE, FAILED, CRASHED):
        wrong.append(f"exit code {ran.code}: {ran.said[-300:]}")
    if ran.code == INCOMPLETE and len(set(lost) - {COMBINED}) > 1:
        wrong.append(f"the hours of {lost} are not the twin's")
    return wrong


def list_paths(three: Three) -> list[str]:
    """What is asked in a run with the attacked account's key, and of the market."""
    exchange: Any = three.here.exchange
    heard = exchange.heard
    heard.clear()
    with three.attempt() as attempt:
        attempt.run(three.here)
    return sorted(heard[KEYS[VICTIM]] | heard[""])


def mutate_answers(three: Three, paths: list[str], seed: int) -> tuple[Mutation, Verdict]:
    """Mutate the attacked account's answers in a run as the seed says, and go on with a calm hour."""
    exchange: Any = three.here.exchange
    mutation = draw(seed, paths, KEYS[VICTIM])
    with three.attempt() as attempt:
        exchange.mutate(mutation)
        ran = attempt.run(three.here)
        struck = exchange.struck
        exchange.mutate(None)
        lost = _find_lost(three, attempt, three.hour)
        is_paused = bool(attempt.worker.rows("select 1 from exchange_pauses"))
        wrong = [f"exit code {ran.code}: {ran.said[-300:]}"] if ran.code not in (COMPLETE, INCOMPLETE) else []
        if not is_paused and set(lost) & set(OTHERS):
            wrong.append(f"the hours of {lost} are not the twin's")
        row = attempt.row(ATTACKED, three.hour)
        leeway = OTHER_PAIR if mutation.path in (PRICES, KLINES) else Decimal(0)
        wrong += _judge_nav(three, attempt, three.hour, leeway)
        attempt.run(three.later)
        if not is_paused:
            wrong += [
                f"the next hour of {n} is not the twin's"
                for n in _find_lost(three, attempt, three.next_hour)
                if n in OTHERS
            ]
            wrong += _judge_nav(three, attempt, three.next_hour, leeway)
        wrong += [f"verify: {difference}" for difference in attempt.differences()]
    outcome = "paused, as the answer asked" if is_paused else _name(row, lost, struck=struck)
    return mutation, Verdict(outcome=outcome, wrong=tuple(wrong))


def _judge_nav(three: Three, attempt: Attempt, hour: datetime, leeway: Decimal) -> list[str]:
    """A complete hour without any mark has the twin's figures, within a `leeway` as a share of them.

    Its unit price may be off by what the hour of the flows says is unexplained, for the units of its flows depend on
    what was held then; where that hour says that it is an estimate; and as far as a flow counts from its request because
    the exchange says no time of completion.
    """
    row, truth = attempt.row(ATTACKED, hour), three.twin[hour][ATTACKED]
    if row["status"] != "COMPLETE" or _is_marked(row):
        return []
    with_flows = attempt.row(ATTACKED, three.hour)
    leeways = {"nav": leeway, "unit_price": leeway + (with_flows["unexplained"] or 0) / truth["nav"]}
    if attempt.lacks_completion(ATTACKED) or with_flows["estimated"]:
        del leeways["unit_price"]
    return [
        f"{name} is {row[name]}, not {truth[name]}"
        for name, most in leeways.items()
        if abs(row[name] - truth[name]) > most * truth[name]
    ]


def _is_marked(row: dict[str, Any]) -> bool:
    return bool(row["estimated"] or row["reason"] or row["state"] != "explained")


def _name(row: dict[str, Any], lost: list[int], *, struck: int) -> str:
    if not struck:
        return "not asked"
    if row["status"] != "COMPLETE":
        return str(row["status"])
    if _is_marked(row):
        return "COMPLETE, marked " + ("unexplained" if row["state"] != "explained" else "as an estimate")
    return "COMPLETE, the twin's" if ATTACKED not in lost else "COMPLETE, NAV the twin's"
