"""/api/portfolio/accounts: the accounts of what is shown side by side, as Overview has them."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboard.api.queries import Chosen
from dashboard.api.replies import may_say, reply_framed, require_history
from dashboard.fields import Moment, Number, Shape
from dashboard.frame import Frame
from dashboard.history.rates import USDT
from dashboard.standings import Member, load_side_by_side
from sql.rows import Db

router = APIRouter()
NO_HOUR = "It has no valued hour yet."
NOT_KNOWN = "Not known of an account's first hour, nor of an hour without a NAV."
NOT_TRADED = "Nothing was traded so against USDT in the last 30 days."


class LargeAsset(Shape):
    """An asset and its share of what the account holds."""

    asset: str
    share: Number


class MemberAccount(Shape):
    """An account at its last valued hour; `realized_today` is since the last hour of the day before, UTC.

    `maker_paid` and `taker_paid` are what trades against USDT have cost in the last 30 days, as a fraction of what was traded.
    """

    account_id: int
    label: str
    exchange: str
    key_may: str
    hour: Moment | None
    nav: Number | None
    realized_today: Number | None
    unrealized: Number | None
    maker_paid: Number | None
    taker_paid: Number | None
    largest: list[LargeAsset]
    reasons: dict[str, str]


class MemberAccounts(Shape):
    """The accounts of a portfolio, or the one that is asked for; amounts in USDT."""

    accounts: list[MemberAccount]


@router.get("/portfolio/accounts", responses=may_say(MemberAccounts), summary="Accounts side by side")
def side_by_side(request: Request, asked: Annotated[Chosen, Query()]) -> Response:
    """What each account is worth, what its key may do, what trading has cost, what it holds most, and the day's gains."""
    return reply_framed(request, asked, asked.view, lambda db, frame: _answer(db, require_history(frame)))


def _answer(db: Db, frame: Frame) -> MemberAccounts:
    members = load_side_by_side(db, frame, frame.shown.last, currency=USDT)
    return MemberAccounts(accounts=[_describe(member) for member in members])


def _describe(member: Member) -> MemberAccount:
    account, standing = member.account, member.standing
    missing = NOT_KNOWN if standing else NO_HOUR
    known: dict[str, tuple[Decimal | None, str]] = {
        "nav": (standing and standing.nav, NO_HOUR),
        "realized_today": (standing and standing.realised, missing),
        "unrealized": (standing and standing.unrealised, missing),
        "maker_paid": (member.maker, NOT_TRADED),
        "taker_paid": (member.taker, NOT_TRADED),
    }
    return MemberAccount(
        account_id=account.account_id,
        label=account.label,
        exchange=account.exchange,
        key_may=member.rights,
        hour=standing and standing.hour,
        **{name: value for name, (value, _) in known.items()},
        largest=[LargeAsset(asset=one.asset, share=one.share) for one in member.largest],
        reasons={name: reason for name, (value, reason) in known.items() if value is None},
    )
