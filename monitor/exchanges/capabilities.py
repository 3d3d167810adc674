"""What an exchange can say of an account: of the whole of it or pair by pair, and how far back; in values and in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum

MONTH = timedelta(days=30)


class Scope(StrEnum):
    """Of how much of an account something is given."""

    WHOLE = "whole account"
    PER_PAIR = "per pair"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing that an exchange shows, or does not."""

    scope: Scope = Scope.WHOLE
    back: timedelta | None = None  # how far back it reaches, which is how long it is kept; None: for ever
    but: str = ""  # what has to be said of it beside that


WHOLE, PER_PAIR, NONE = Capability(), Capability(scope=Scope.PER_PAIR), Capability(scope=Scope.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an exchange shows of an account."""

    flows: Capability = WHOLE
    ledger: Capability = WHOLE
    fills: Capability = WHOLE
    orders: Capability = WHOLE
    open_orders: Capability = WHOLE
    positions: Capability = WHOLE
    totals: Capability = WHOLE
    read_only_proof: Capability = WHOLE

    def describe(self, exchange: str, unseen: tuple[str, ...]) -> tuple[str, ...]:
        """Sentences on what `exchange`, by the name people know, does not show in full, and on `unseen`."""
        nouns: dict[Capability, list[str]] = {}
        for one in fields(self):
            nouns.setdefault(getattr(self, one.name), []).append(NOUNS[one.name])
        limited = (_describe(exchange, named, given) for given, named in nouns.items() if given != WHOLE)
        hidden = f"Money in {_join(unseen, 'and')} can't be seen: {exchange} lets no program read it." if unseen else ""
        return tuple(sentence for sentence in (*limited, hidden) if sentence)


NOUNS = {
    "flows": "deposits and withdrawals",
    "ledger": "a ledger of everything that moved",
    "fills": "trades",
    "orders": "orders",
    "open_orders": "open orders",
    "positions": "positions",
    "totals": "a total of its own to compare with",
    "read_only_proof": "what a key may do",
}


def _describe(exchange: str, nouns: Sequence[str], given: Capability) -> str:
    if given.scope is Scope.NONE:
        return f"{exchange} does not show {_join(nouns, 'or')}."
    back = f" of the past {_describe_span(given.back)} only" if given.back else ""
    pairs = " pair by pair" if given.scope is Scope.PER_PAIR else ""
    but = f"; {given.but}" if given.but else ""
    return f"{exchange} shows {_join(nouns, 'and')}{back}{',' if back and pairs else ''}{pairs}{but}."


def _join(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _describe_span(span: timedelta) -> str:
    return "month" if span == MONTH else f"{span.days} days"
