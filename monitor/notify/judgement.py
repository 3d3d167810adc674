"""What a rule says: nothing, that something begins, or that it goes on; and the words for its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, exact
from finance.prices import VALUATION_ASSET
from monitor.alert_settings import Rule
from monitor.notify.facts import COMBINED

LONGEST_QUOTE = 300
# An episode is over when only this share of the limit is left: a value that hovers at the limit is sent once.
RELIEF = Decimal("0.8")


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
        if account_id == COMBINED:
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
