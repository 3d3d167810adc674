"""Episodes: from the first finding of a rule to the last. Pure.

An episode is sent when it begins and when it is over, whatever lies between. A rule that can't judge (a figure is
unknown this hour) neither begins nor ends one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.alert_settings import Rule
from monitor.notify.judgement import Finding, Judgement

Watched = tuple[int, Rule]  # an account and a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An open episode."""

    id: int
    account_id: int
    rule: Rule
    subject: str
    title: str
    began_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A finding that opens an episode."""

    account_id: int
    rule: Rule
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An episode that ends, and how things stand now."""

    episode: Episode
    relief: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """What a look changed."""

    begun: tuple[Begun, ...]
    ended: tuple[Ended, ...]
    unwatched: tuple[Episode, ...]  # its rule was switched off or its account left: ended without a word


def follow_episodes(
    episodes: Iterable[Episode], judgements: Iterable[Judgement], watched: Collection[Watched]
) -> Turns:
    """What the judgements begin and end, given the open `episodes` and all that is `watched`, judged now or not."""
    episodes = [*episodes]
    judged = {(one.account_id, one.rule): one for one in judgements}
    known = {(one.account_id, one.rule, one.subject) for one in episodes}
    begun = tuple(
        Begun(account_id=account_id, rule=rule, finding=finding)
        for (account_id, rule), judgement in judged.items()
        for finding in judgement.findings
        if finding.begins and (account_id, rule, finding.subject) not in known
    )
    ended = tuple(
        Ended(episode=episode, relief=judgement.relief)
        for episode in episodes
        if (judgement := judged.get((episode.account_id, episode.rule)))
        and episode.subject not in {finding.subject for finding in judgement.findings}
    )
    unwatched = tuple(one for one in episodes if (one.account_id, one.rule) not in watched)
    return Turns(begun=begun, ended=ended, unwatched=unwatched)
