"""Commands of how a user trades with play money: the balance that he sets, the mode that he switches, a beginning anew."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from paper.users.audit import Origin, note
from paper.users.directory import Directory
from paper.users.joining import FIRST_BALANCE
from paper.users.records import Record, TradingConfig, TradingType, User
from paper.users.refusals import Conflict, Unfit

LEAST_BALANCE, MOST_BALANCE = Decimal(10), Decimal(1_000_000)  # USDT


def read_type(text: str) -> TradingType:
    """What is traded, by its name in a path. Raises Unfit."""
    try:
        return TradingType(text)
    except ValueError:
        raise Unfit("Invalid trading type. Must be 'spot' or 'futures'") from None


def config_of(directory: Directory, user: User, type: TradingType) -> TradingConfig:
    """How a user trades. Raises Conflict where there is nothing of that type to be traded."""
    found = directory.config_of(user.id, type)
    if found is None:
        raise Conflict(f"This platform has no {type.value} accounts yet.", "Trade in spot.")
    return found


def check_balance(balance: Decimal) -> None:
    """Raise Unfit for a balance that can't be set."""
    if not LEAST_BALANCE <= balance <= MOST_BALANCE:
        raise Unfit("Balance must be between $10 and $1,000,000")


def set_balance(before: TradingConfig, balance: Decimal, origin: Origin, now: datetime) -> tuple[Record, ...]:
    """What is written beside the money when a user sets his balance."""
    return _change("set_balance", before, replace(before, paper_balance_usdt=balance, updated_at=now), origin, now)


def begin_anew(before: TradingConfig, origin: Origin, now: datetime) -> tuple[Record, ...]:
    """What is written beside the money when a user has what he began with again."""
    return _change("reset", before, replace(before, paper_balance_usdt=FIRST_BALANCE, updated_at=now), origin, now)


def switch(before: TradingConfig, origin: Origin, now: datetime, *, is_on: bool) -> tuple[Record, ...]:
    """What is written when new orders are taken from now on, or are not; nothing, if that is so already."""
    if before.dry_run_mode == is_on:
        return ()
    return _change("switch", before, replace(before, dry_run_mode=is_on, updated_at=now), origin, now)


def _change(
    action: str, before: TradingConfig, after: TradingConfig, origin: Origin, now: datetime
) -> tuple[Record, ...]:
    return after, note(action, before, after, origin, now)
