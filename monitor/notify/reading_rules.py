"""Rules about the measurement itself: hours, explanations, cross-checks, the key, and whether anybody measures."""

from collections.abc import Callable
from datetime import datetime, timedelta
from shlex import quote as quote_shell

from finance.attribution.causes import name_account
from finance.exchanges import NAMES
from finance.moments import HOUR
from finance.portfolios import ALL_ACCOUNTS
from monitor.alert_settings import Rule, Thresholds
from monitor.notify.judgement import (
    Finding,
    Freshness,
    Judgement,
    Pages,
    Reading,
    format_hour,
    format_money,
    quote,
)

MOST_NAMED = 3
MEGABYTE = 1_000_000


def judge_reading(reading: Reading, limits: Thresholds, pages: Pages, now: datetime) -> list[Judgement]:
    """What the rules that are on say of a tracked account."""
    found: dict[Rule, Callable[[], tuple[Finding | None, str]]] = {
        Rule.INCOMPLETE: lambda: judge_incomplete(reading, limits, pages),
        Rule.UNEXPLAINED: lambda: judge_unexplained(reading, pages),
        Rule.REFUSED: lambda: judge_refused(reading, pages),
        Rule.DIFFERENCE: lambda: judge_difference(reading, pages),
        Rule.TRANSFERS: lambda: judge_transfers(reading),
        Rule.SWITCHED: lambda: judge_switch(reading, pages),
        Rule.KEY_EXPIRY: lambda: judge_key_expiry(reading, limits, now),
        Rule.KEY_RIGHTS: lambda: judge_key_rights(reading),
    }
    return [_judge(rule, reading.account_id, *judge()) for rule, judge in found.items() if limits.watches(rule)]


def judge_incomplete(reading: Reading, limits: Thresholds, pages: Pages) -> tuple[Finding | None, str]:
    """Whether too many hours in a row have no figure."""
    hours = reading.hours_without
    if hours < (limits.incomplete or 0) or reading.newest is None:
        return None, "The newest hour has a figure." if not hours else f"{hours} hours in a row have no figure."
    finding = Finding(
        title=f"{reading.label}: no figure for {hours} hours in a row",
        body=f"The hours from {format_hour(reading.newest - (hours - 1) * HOUR)} on could not be read completely: "
        f"{quote(reading.reason)}. Every run tries again; what is in the way: "
        f"{pages.link('/status', reading.account_id)}",
    )
    return finding, ""


def judge_unexplained(reading: Reading, pages: Pages) -> tuple[Finding | None, str]:
    """Whether an hour of the last day changed NAV by what nothing explains."""
    hours = reading.unexplained
    if not hours:
        return None, "No hour of the last 24 is unexplained."
    largest = max(hours, key=lambda one: abs(one.residual))
    others = f" {len(hours) - 1} more of the last 24 hours are unexplained." if len(hours) > 1 else ""
    cause = f" Likely: {quote(name_account(largest.cause, reading.label))}." if largest.cause else ""
    finding = Finding(
        title=f"{reading.label}: {format_money(largest.residual, '+')} unexplained",
        body=f"In the hour of {format_hour(largest.hour)} NAV changed by {format_money(largest.residual, '+')} more than "
        f"prices, trades, deposits and withdrawals explain.{cause}{others} If you did not do it, look at the exchange's login and order "
        f"history now. In parts: python -m monitor explain --account {quote_shell(reading.label)}, or "
        f"{pages.link('/status', reading.account_id)}",
    )
    return finding, ""


def judge_refused(reading: Reading, pages: Pages) -> tuple[Finding | None, str]:
    """Whether the exchange refuses to report something that may be lacking."""
    if not reading.refused:
        return None, "Nothing is refused any more that may be lacking."
    names = ", ".join(reading.refused)
    finding = Finding(
        title=f"{reading.label}: the exchange refuses {names}",
        body=f"{quote(reading.reason)}. Figures are estimates meanwhile; an hour in which money moves there gets none. "
        f"What is read and what is not: "
        f"{pages.link('/holdings', reading.account_id)}",
    )
    return finding, ""


def judge_difference(reading: Reading, pages: Pages) -> tuple[Finding | None, str]:
    """Whether our figures differ from the exchange's own."""
    found = sorted(reading.differences, key=lambda one: -abs(one.difference))
    if not found:
        return None, "Our figures agree with the exchange's own."
    named = [f"{one.kind.replace('_', ' ')} {one.subject} {format_money(one.difference, '+')}" for one in found]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    finding = Finding(
        title=f"{reading.label}: differs from the exchange by {format_money(found[0].difference, '+')}",
        body=f"Ours minus the exchange's: {', '.join(named[:MOST_NAMED])}{more}. Compare these wallets with the "
        f"exchange's page; a wallet we do not see is the usual cause: {pages.link('/status', reading.account_id)}",
    )
    return finding, ""


def judge_transfers(reading: Reading) -> tuple[Finding | None, str]:
    """Whether something that was sent may be one of several deposits of other accounts."""
    if not reading.unclear_transfers:
        return None, "Every transfer between your accounts is matched, or is none."
    first = reading.unclear_transfers[0]
    more = (
        f" {len(reading.unclear_transfers) - 1} more pairs are unclear." if len(reading.unclear_transfers) > 1 else ""
    )
    finding = Finding(
        title=f"{reading.label}: which deposit is the {first.amount:f} {first.asset} that was sent?",
        body=f"Flow {first.out_id} of {format_hour(first.occurred_at)} and flow {first.in_id} may be one transfer between "
        f"your accounts, and others fit as well.{more} Until you say so they count as a withdrawal and a deposit. See: "
        f"python -m monitor flow list. Then: python -m monitor flow match {first.out_id} {first.in_id} "
        f'--note "...", or python -m monitor flow separate {first.out_id} --note "..."',
    )
    return finding, ""


def judge_switch(reading: Reading, pages: Pages) -> tuple[Finding | None, str]:
    """Whether the exchange keeps the account in another way since less than a day."""
    if reading.switch is None:
        return None, "The account is kept as it was a day ago."
    switch = reading.switch
    finding = Finding(
        subject=f"{switch.at:%Y-%m-%dT%H:%M:%SZ}",
        title=f"{reading.label}: switched at {NAMES[switch.exchange]} from {switch.before} to {switch.now}",
        body=f"Noticed at {format_hour(switch.at)}. Its wallets are others from that hour on, what they hold together is not. "
        "If you did it, nothing has to be done; if you did not, look at the exchange's login history now. A key of the other "
        f"system may have to be replaced: python -m monitor account rekey {quote_shell(reading.label)}. What is read now: "
        f"{pages.link('/holdings', reading.account_id)}",
    )
    return finding, ""


def judge_key_expiry(reading: Reading, limits: Thresholds, now: datetime) -> tuple[Finding | None, str]:
    """Whether the key ends soon."""
    ends = reading.key_expires_at
    if ends is None or ends - now > timedelta(days=limits.key_expiry or 0):
        return None, f"The key is good until {format_hour(ends)}." if ends else "The key has no end that we know of."
    finding = Finding(
        title=f"{reading.label}: the API key {'has expired' if ends <= now else f'expires on {ends:%Y-%m-%d}'}",
        body=f"The exchange ends the key at {format_hour(ends)}; the account can't be read from then on. Make a new key "
        f"that may only read, then: python -m monitor account rekey {quote_shell(reading.label)}",
    )
    return finding, ""


def judge_key_rights(reading: Reading) -> tuple[Finding | None, str]:
    """Whether the key may do more than read."""
    if not reading.is_overpowered:
        return None, "The key may read and nothing else."
    may = f": {', '.join(reading.key_dangers)}" if reading.key_dangers else ""
    finding = Finding(
        title=f"{reading.label}: the API key may do more than read",
        body=f"Anyone who gets hold of this machine could do the same{may}. Make one at the exchange that "
        f"may only read, delete this one there, then: python -m monitor account rekey {quote_shell(reading.label)}",
    )
    return finding, ""


def judge_freshness(freshness: Freshness, limits: Thresholds, pages: Pages, now: datetime) -> Judgement | None:
    """Whether the monitor itself stands still; None where the rule is off."""
    if limits.stale is None:
        return None
    missing = (now - freshness.newest) // HOUR
    last = f"The last one is {format_hour(freshness.newest)}." if freshness.has_hours else "There has never been one."
    if missing < limits.stale:
        return _judge(Rule.STALE, ALL_ACCOUNTS, None, f"Hours are recorded again. {last}")
    finding = Finding(
        title=f"No hour recorded for {missing} hours",
        body=f"The worker has not recorded an hour of any account. {last} Look at the output of run_forever.py (screen "
        f"-r, or journalctl), and at the disk's free space; try: python -m monitor run. {pages.link('/status', ALL_ACCOUNTS)}",
    )
    return _judge(Rule.STALE, ALL_ACCOUNTS, finding, "")


def judge_disk(free_bytes: int, limits: Thresholds) -> Judgement | None:
    """Whether the disk is nearly full; None where the rule is off. With a full one no hour can be recorded."""
    if limits.disk is None:
        return None
    left = f"{free_bytes // MEGABYTE:,} MB are left on the disk of DATA_DIR."
    if free_bytes >= limits.disk * MEGABYTE:
        return _judge(Rule.DISK, ALL_ACCOUNTS, None, left)
    finding = Finding(
        title=f"The disk is nearly full: {free_bytes // MEGABYTE:,} MB left",
        body=f"{left} When it is full no hour can be recorded any more; nothing that was recorded is lost. Free space, or "
        "move DATA_DIR to a larger disk (deploy/README.md).",
    )
    return _judge(Rule.DISK, ALL_ACCOUNTS, finding, "")


def _judge(rule: Rule, account_id: int, finding: Finding | None, relief: str) -> Judgement:
    return Judgement(rule=rule, account_id=account_id, findings=(finding,) if finding else (), relief=relief)
