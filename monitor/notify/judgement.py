"""What rules judge: stored facts of one moment; and what they say of it: nothing, that something begins, or that it goes
on, and the words for its end. Pure.

From the first finding of a rule to the last is an episode. It is sent when it begins and when it is over, whatever lies
between. A rule that can't judge (a figure is unknown this hour) neither begins nor ends one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.portfolios import ALL_ACCOUNTS
from finance.prices import VALUATION_ASSET
from monitor.alert_settings import Rule
from monitor.ledger.store.transfers_by_amount import UnclearTransfer

LONGEST_QUOTE = 300
# An episode is over when only this share of the limit is left: a value that hovers at the limit is sent once.
RELIEF = Decimal("0.8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """An account and its usual benchmark at one valued hour."""

    hour: datetime
    nav: Decimal
    unit_price: Decimal
    benchmark_unit_price: Decimal | None  # None: the benchmark has no such hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Where an invested account, or one that lost everything, stands in its present episode, and where it came from."""

    level: Level
    benchmark: str
    period_start: Level  # the first valued hour of the period it is compared over
    day_start: Level  # of the last 24 hours
    day_flows: Decimal  # paid in (+) and out (-) since `day_start`
    peak: Level  # the highest unit price of a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an account's present hour says; `performance` is None where nothing is invested and nothing was lost."""

    account_id: int
    label: str
    performance: Performance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedHour:
    """A change of NAV that no record of the exchange explains."""

    hour: datetime
    residual: Decimal  # in the valuation asset
    cause: str  # the likely one


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One of our figures that differs from the exchange's own."""

    kind: str
    subject: str
    difference: Decimal  # ours minus theirs, in the valuation asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """An account that its exchange keeps in another way than before."""

    at: datetime  # when that was noticed
    exchange: str
    before: str  # as the exchange calls it
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the reading of a tracked account goes, and what its key is."""

    account_id: int
    label: str
    newest: datetime | None  # its newest hour, whatever its status
    hours_without: int  # hours in a row up to `newest` without a figure
    reason: str  # of `newest`
    unexplained: tuple[UnexplainedHour, ...]  # of the last day
    refused: tuple[str, ...]  # what the exchange refuses to report, and `newest` may lack therefore
    differences: tuple[Difference, ...]  # of the last check of each kind
    unclear_transfers: tuple[UnclearTransfer, ...]  # of what it sent
    switch: Switch | None  # the last one, of the last day
    key_dangers: tuple[str, ...]
    is_overpowered: bool
    key_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The newest hour that was measured of any tracked account, or the one in which the first was added."""

    newest: datetime
    has_hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something the owner should hear of."""

    subject: str = ""  # distinguishes findings of one rule and account
    title: str
    body: str  # what happened, with figures, and what to do
    begins: bool = True  # False: too little to begin an episode, enough to keep one open


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One rule's word about one account. A rule that can't judge gives none, and its episodes stay as they are."""

    rule: Rule
    account_id: int
    findings: tuple[Finding, ...]
    relief: str  # how things stand, for an episode that is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where the dashboard's pages are."""

    address: str
    portfolios: Mapping[int, str] = field(default_factory=dict)  # keys by number

    def link(self, path: str, account_id: int) -> str:
        """The page of an account or portfolio; all accounts are the page's own choice, and hidden where there is one."""
        if account_id == ALL_ACCOUNTS:
            return f"{self.address}{path}"
        key = self.portfolios.get(account_id)
        return f"{self.address}{path}" + (f"?portfolio={key}" if key else f"?account={account_id}")


def format_hour(moment: datetime) -> str:
    """A moment for a message."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def format_money(value: Decimal, sign: str = "") -> str:
    """An amount of the valuation asset; `sign` is "+" to show one always."""
    return f"{value:{sign},.2f} {VALUATION_ASSET}"


def format_percent(share: Decimal) -> str:
    """A fraction in percent, with its sign."""
    return f"{share * 100:+.2f} %"


def quote(text: str) -> str:
    """A foreign text on one line, cut where it is too long for a message."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]} …"


@exact
def growth(start: Decimal, end: Decimal) -> Decimal:
    """The return between two unit prices, as a fraction; of nothing nothing is made."""
    return end / start - 1 if start else ZERO


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
