"""The accounts of what is shown side by side: worth, key, what trading costs, what is held most, the day's gains."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from dashboard.frame import Frame
from dashboard.history.accounts import Account
from dashboard.history.standings import Paid, Share, Standing, load_largest, load_paid, load_standings
from finance.decimals import CONTEXT
from sql.rows import Db

MOST_ASSETS = 3
PAID_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An account of what is shown; `standing` is None while it has no valued hour."""

    account: Account
    standing: Standing | None
    maker: Decimal | None  # what orders against USDT have cost of late, as a fraction; None: there was none
    taker: Decimal | None
    largest: list[Share]

    @property
    def rights(self) -> str:
        """What the key may do, in words."""
        account = self.account
        if account.key_dangers:
            return f"more than read: {', '.join(account.key_dangers)}"
        if account.overpowered:
            return "more than read"
        if account.key_state == "rejected":
            return "refused"
        return "read only" if account.key_checked_at else "not checked yet"


def load_side_by_side(db: Db, frame: Frame, last: datetime, *, currency: str) -> list[Member]:
    """The members of what is shown now, an account's own alone, in the order of accounts; commissions up to the hour `last`."""
    standings = {one.account_id: one for one in load_standings(db, frame.account_id, currency)}
    paid = {
        (one.account_id, one.liquidity): one for one in load_paid(db, frame.account_id, last - timedelta(PAID_DAYS))
    }
    largest: dict[int, list[Share]] = {}
    for share in load_largest(db, frame.account_id, MOST_ASSETS):
        largest.setdefault(share.account_id, []).append(share)
    return [
        Member(
            account=account,
            standing=standings.get(number),
            maker=_rate(paid, number, "maker"),
            taker=_rate(paid, number, "taker"),
            largest=largest.get(number, []),
        )
        for account in frame.accounts
        if (number := account.account_id) in standings or number in largest
    ]


def _rate(paid: Mapping[tuple[int, str], Paid], account: int, liquidity: str) -> Decimal | None:
    found = paid.get((account, liquidity))
    return CONTEXT.divide(found.fees, found.traded) if found else None
