"""What an order was given for: to enter a trade, to take a profit, to stop a loss; and how that is known."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from finance.records import OrderRole

NAME = re.compile(r"(ENTRY|SL|MANUAL|TP)([1-9]\d?)?", re.IGNORECASE)
HIGHEST = "TP99"


class RoleSource(StrEnum):
    """How an order's role is known; the first that says something counts."""

    NOTE = "note"  # the owner said it of this order
    EXCHANGE = "exchange"  # its fills, its own kind, or what it is linked with there
    CLIENT_ID = "client_id"  # the name that whoever gave it gave it, by the owner's rule
    PLAN = "plan"
    LEGACY = "legacy"  # an older system said it
    INFERRED = "inferred"  # from where its price lies: it may be wrong
    UNKNOWN = "unknown"  # nothing says more than that it closed something


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role; prices at which a profit is taken are numbered, 1 the nearest."""

    kind: OrderRole
    level: int | None = None

    @property
    def name(self) -> str:
        """As people call it: ENTRY, TP1, SL, MANUAL."""
        return f"{self.kind.upper()}{self.level or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOrders:
    """The owner's rule which role orders have whose names, given with them, are alike."""

    pattern: str  # with * for anything
    role: Role


def parse_role(name: str) -> Role:
    """The role of a name. Raises ValueError for what is none."""
    found = NAME.fullmatch(name.strip())
    if not found or (found[2] and found[1].upper() != "TP"):
        raise ValueError(f"'{name}' is no role: use ENTRY, TP1 to {HIGHEST}, TP, SL or MANUAL")
    return Role(kind=OrderRole(found[1].lower()), level=int(found[2]) if found[2] else None)


def parse_order_names(text: str) -> tuple[NamedOrders, ...]:
    """Rules like `tp1-*=TP1 sl-*=SL`, the first that fits counts. Raises ValueError for what is none."""
    rules = []
    for word in text.split():
        pattern, equals, name = word.rpartition("=")
        if not equals or not pattern.strip("*?"):
            raise ValueError(f"'{word}' is no rule: write it as NAME*=ROLE, like tp1-*=TP1")
        rules.append(NamedOrders(pattern=pattern, role=parse_role(name)))
    return tuple(rules)


def write_order_names(rules: Iterable[NamedOrders]) -> str:
    """Rules as `parse_order_names` takes them."""
    return " ".join(f"{rule.pattern}={rule.role.name}" for rule in rules)


def find_by_name(client_id: str, rules: Iterable[NamedOrders]) -> Role | None:
    """The role of an order that was given with this name; None where no rule is about it."""
    return next((rule.role for rule in rules if client_id and fnmatchcase(client_id, rule.pattern)), None)


def pick_roles(known: Iterable[tuple[str, OrderRole]]) -> dict[str, OrderRole]:
    """Roles by the numbers of their orders; an entry stands back for another order of its number.

    Of a number that orders of several roles have, at other accounts or in other pairs, none is said.
    """
    roles: dict[str, set[OrderRole]] = {}
    for number, role in known:
        roles.setdefault(number, set()).add(role)
    exits = {number: found - {OrderRole.ENTRY} or found for number, found in roles.items()}
    return {number: next(iter(found)) for number, found in exits.items() if len(found) == 1}


def list_names(place: str, number: str) -> tuple[str, ...]:
    """What an order is called: its number, and, where its account and pair are known, by these, as no other order is."""
    return (number, f"{number} of {place}") if place else (number,)


def find_role(roles: Mapping[str, OrderRole], place: str, number: str) -> OrderRole | None:
    """What an order was given for, out of what `pick_roles` says of all its names."""
    return next((roles[name] for name in reversed(list_names(place, number)) if name in roles), None)
