"""Alarms: vanished coins, unexplained gains, old figures, a refused key, a wallet that can't be read. Pure.

One sentence and one command for each, and which figures it touches.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from shlex import quote

from dashboard.history.alarms import AlarmFact
from finance.exchanges import NAMES
from look import figures

HOUR = timedelta(hours=1)
STALE_AFTER = timedelta(hours=2)  # since the last hour with figures began
ORDER = ("key", "vanished", "stale", "unread", "appeared", "refused")
UNEXPLAINED = ("vanished", "appeared")
STANDING_STILL = ("key", "stale", "unread")  # nothing newer is known, not even of the benchmark

ADVICE = re.compile(r"[^.;]*?(python -m monitor [^;,]*)")
ONE_COIN = re.compile(r"[+-](\S+) (\S+)")
LONGEST_REASON = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What the reader must not overlook."""

    kind: str
    accounts: frozenset[int]
    sentence: str
    command: str
    since: datetime
    acknowledged_at: datetime | None
    hours: tuple[tuple[int, datetime], ...] = ()  # the hours that are unexplained, with their account
    is_shown: bool  # it is of an account that the page shows

    def touches(self, start: datetime, end: datetime, last: datetime) -> bool:
        """Whether the figures from `start` to `end` are wrong or old by it; `last` is the last hour with figures."""
        if self.kind in UNEXPLAINED:
            return any(start < hour <= end for _, hour in self.hours)
        return end == last


def judge_alarms(facts: Sequence[AlarmFact], now: datetime) -> list[Alarm]:
    """The alarms that stand at `now`, the gravest first."""
    standing = [fact for fact in facts if fact.kind != "stale" or now - fact.since > STALE_AFTER - HOUR]
    late = [fact for fact in standing if fact.kind == "stale"]
    is_everything = len({fact.account_id for fact in late}) == len({fact.account_id for fact in facts}) > 1
    found = [_describe_stillness(late, now)] if is_everything else []
    rest = [fact for fact in standing if fact.kind != "stale" or not is_everything]
    rest.sort(key=lambda fact: (ORDER.index(fact.kind), fact.account_id, fact.acknowledged_at is not None))
    groups = groupby(rest, key=lambda fact: (fact.kind, fact.account_id, fact.acknowledged_at is not None))
    found += [_describe(list(group), now) for _, group in groups]
    return sorted(found, key=lambda alarm: ORDER.index(alarm.kind))


def _describe(facts: Sequence[AlarmFact], now: datetime) -> Alarm:
    """One alarm of one account; `facts` are of one kind, the newest first."""
    newest = facts[0]
    say = {
        "key": _say_key,
        "unread": _say_unread,
        "refused": _say_refused,
        "stale": _say_stale,
    }
    sentence, command = say[newest.kind](facts, now) if newest.kind in say else _say_unexplained(facts, now)
    return Alarm(
        kind=newest.kind,
        accounts=frozenset({newest.account_id}),
        sentence=f"{newest.label}: {sentence}",
        command=command,
        since=facts[-1].since,
        acknowledged_at=newest.acknowledged_at,
        hours=tuple((fact.account_id, fact.since) for fact in facts) if newest.kind in UNEXPLAINED else (),
        is_shown=newest.is_shown,
    )


def _say_unexplained(facts: Sequence[AlarmFact], now: datetime) -> tuple[str, str]:
    newest, account = facts[0], quote(facts[0].label)
    total = sum((fact.value or Decimal(0) for fact in facts), Decimal(0))
    value = figures.signed_money(total)
    is_gone = newest.kind == "vanished"
    if len(facts) > 1:
        sentence = (
            f"{figures.abs_money(total)} USDT {'left' if is_gone else 'came'} in {len(facts)} different hours, the last one up "
            f"to {figures.weekday(newest.since, now)}, and no record says {_where(is_gone)}."
        )
        first = min(fact.since for fact in facts)
        return sentence, f"python -m monitor explain --account {account} --from {first - timedelta(days=1):%Y-%m-%d}"
    one = ONE_COIN.fullmatch(newest.what)
    sentence = (
        f"{_name_coins(newest, one, value)} {'left' if is_gone else 'came'} in the hour up to "
        f"{figures.weekday(newest.since, now)}, and no record says {_where(is_gone)}. If it was you, record it."
    )
    if one is None:
        day = newest.since - timedelta(days=1)
        return sentence, f"python -m monitor explain --account {account} --from {day:%Y-%m-%d}"
    at = newest.since - timedelta(minutes=1)
    way = "out" if is_gone else "in"
    return sentence, (
        f"python -m monitor flow add --account {account} --{way} {one[1]} {one[2]} --at {at:%Y-%m-%dT%H:%MZ} "
        '--note "..."'
    )


def _name_coins(fact: AlarmFact, one: re.Match[str] | None, value: str) -> str:
    """What came or went, and what it is worth where that is not the same."""
    if one is None:
        return f"{fact.what.replace('-', figures.MINUS) or 'Something'} ({value} USDT)"
    quantity = f"{figures.quantity(Decimal(one[1]))} {one[2]}"
    return quantity if one[2] == "USDT" else f"{quantity} ({value} USDT)"


def _where(is_gone: bool) -> str:
    return "where to" if is_gone else "where from"


def _say_key(facts: Sequence[AlarmFact], now: datetime) -> tuple[str, str]:
    newest = facts[0]
    sentence = (
        f"{_name(newest)} refuses the API key: it has expired, was deleted, or may not be used from this machine's "
        f"address. Nothing was read since {figures.weekday(newest.since, now)}. Give the account a new key."
    )
    return sentence, f"python -m monitor account rekey {quote(newest.key_label)}"


def _say_unread(facts: Sequence[AlarmFact], now: datetime) -> tuple[str, str]:
    """Why the newest hour has no figures; where the reason has a command, that one."""
    newest = facts[0]
    advice = ADVICE.search(newest.what)
    reason = figures.short(ADVICE.sub("", newest.what).strip(" ;:.") or "no reason was stored", LONGEST_REASON)
    sentence = f"no figures since {figures.weekday(newest.since, now)}: {reason}{'' if reason.endswith('…') else '.'}"
    usual = f"python -m monitor account check {quote(newest.label)}"
    return sentence, advice[1].strip(" .") if advice else usual


def _say_refused(facts: Sequence[AlarmFact], now: datetime) -> tuple[str, str]:
    names = ", ".join(figures.words(fact.what) for fact in facts)
    sentence = (
        f"{_name(facts[0])} has refused to show {names} since {figures.weekday(facts[-1].since, now)}. Money in there is "
        "missing from the figures, and a deposit or withdrawal in there looks like a gain or a loss."
    )
    return sentence, f"python -m monitor account check {quote(facts[0].label)}"


def _say_stale(facts: Sequence[AlarmFact], now: datetime) -> tuple[str, str]:
    last = facts[0].since - HOUR
    return (
        f"the newest figures are {figures.span(now - last)} old, of {figures.weekday(last, now)}: the monitor is not running, "
        "or it can't reach the exchange or its database. One run says which.",
        "python -m monitor run",
    )


def _describe_stillness(facts: Sequence[AlarmFact], now: datetime) -> Alarm:
    """Every account is late: one sentence for all of them."""
    newest = max(facts, key=lambda fact: fact.since)
    sentence, command = _say_stale([newest], now)
    known = [fact.acknowledged_at for fact in facts]
    return Alarm(
        kind="stale",
        accounts=frozenset(fact.account_id for fact in facts),
        sentence=f"Every account: {sentence}",
        command=command,
        since=newest.since,
        acknowledged_at=None if None in known else max(at for at in known if at),
        is_shown=any(fact.is_shown for fact in facts),
    )


def _name(fact: AlarmFact) -> str:
    return NAMES.get(fact.exchange, fact.exchange)
