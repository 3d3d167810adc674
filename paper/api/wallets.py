"""Routes of one's own wallets: one of each coin that is traded here. What an owner sets is a deposit or a withdrawal."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid5

from paper.api.amounts import SCHEMA, read_amount, write_amount
from paper.api.bodies import Field
from paper.api.operations import Answer, Asked, Operation
from paper.api.order_fields import one_of, read_symbol
from paper.api.pages import LIMIT, choose
from paper.engine.paper_balance import total_of
from paper.ledger.balances import NotEnough
from paper.trading.funds import LOCKED, SPOT
from paper.users import trading_configs
from paper.users.audit import note_amount
from paper.users.fields import read_text
from paper.users.records import Record, TradingType
from paper.users.refusals import Absent, Conflict, Unfit
from paper.users.trading_configs import MOST_BALANCE, check_balance, config_of

PATH = "/api/wallets"
LONGEST_REASON = 200
ASSET = {"type": "string", "pattern": "^[A-Z0-9]{1,20}$"}


def _read_reason(value: Any) -> str:
    return read_text(value, LONGEST_REASON)


async def open_wallet(asked: Asked) -> Answer:
    """POST /api/wallets: one of a coin, which is there already, with or without money"""
    config_of(asked.membership.directory, asked.user, TradingType(asked.values["type"]))
    asset = asked.values["asset"]
    if asset not in _assets(asked):
        raise Unfit(f"There is no coin {asset} here.")
    return 200, _describe(asked, asset)


async def list_wallets(asked: Asked) -> Answer:
    """GET /api/wallets: those with money, by the names of their coins"""
    values = dict(asked.values)
    chosen = values.pop("asset", "")
    venue, owner = asked.membership.venue, str(asked.user.id)
    found = [asset for asset in _assets(asked) if chosen == asset or (not chosen and total_of(venue, owner, asset))]
    rows = list(enumerate(sorted(found, reverse=True), start=1))[::-1]
    part, following = choose(rows, values)
    return 200, {"wallets": [_describe(asked, asset) for _, asset in part], "next": following}


async def show(asked: Asked) -> Answer:
    """GET /api/wallets/{id}"""
    return 200, _describe(asked, _find(asked))


async def set_balance(asked: Asked) -> Answer:
    """PUT /api/wallets/{id}: a deposit or a withdrawal of the difference"""
    asset, balance = _find(asked), asked.values["balance"]
    records = _check(asked, asset, balance)
    reason = asked.values.get("reason", "wallet")
    try:
        asked.membership.set_balance(asked.user, asset, balance, reason, records)
    except NotEnough:
        locked = asked.membership.venue.ledger.balance((str(asked.user.id), LOCKED), asset)
        raise Conflict(f"Balance must be at least the {write_amount(locked)} {asset} held by open orders") from None
    return 200, _describe(asked, asset)


async def close(asked: Asked) -> Answer:
    """DELETE /api/wallets/{id}: an empty one, which is not listed until something comes into it"""
    asset = _find(asked)
    if total := total_of(asked.membership.venue, str(asked.user.id), asset):
        raise Conflict(f"There are {write_amount(total)} {asset} in this wallet.", "Empty it first.")
    return 204, None


def _check(asked: Asked, asset: str, balance: Decimal) -> tuple[Record, ...]:
    """What is written beside the money of a new balance. Raises Unfit for one outside its limits."""
    if asset == "USDT":
        check_balance(balance)
        config = config_of(asked.membership.directory, asked.user, TradingType.SPOT)
        return trading_configs.set_balance(config, balance, asked.origin, asked.now)
    venue = asked.membership.venue
    try:
        price = venue.price_in_usdt(asset, venue.clock.now())
    except LookupError:
        raise Unfit(f"What {asset} is worth is not known now: no balance of it can be set.") from None
    if balance < 0 or balance * price > MOST_BALANCE:
        raise Unfit(f"Balance must be between 0 and ${MOST_BALANCE:,} worth of {asset}")
    before = write_amount(total_of(venue, str(asked.user.id), asset))
    return (note_amount(asked.user, _number(asked, asset), before, write_amount(balance), asked.origin, asked.now),)


def _assets(asked: Asked) -> Iterable[str]:
    """The coins that are traded here, by their names."""
    return sorted({asset for one in asked.membership.venue.market.symbols.values() for asset in (one.base, one.quote)})


def _number(asked: Asked, asset: str) -> str:
    """The id of a wallet: its user's and its coin's, and nobody else's."""
    return str(uuid5(asked.user.id, f"{SPOT} {asset}"))


def _find(asked: Asked) -> str:
    """The coin of one's own wallet. Raises Absent."""
    for asset in _assets(asked):
        if _number(asked, asset) == asked.path["id"]:
            return asset
    raise Absent


def _describe(asked: Asked, asset: str) -> dict[str, Any]:
    owner, ledger = str(asked.user.id), asked.membership.venue.ledger
    free, locked = ledger.balance((owner, SPOT), asset), ledger.balance((owner, LOCKED), asset)
    return {
        "walletId": _number(asked, asset),
        "userId": owner,
        "type": SPOT,
        "asset": asset,
        "free": write_amount(free),
        "locked": write_amount(locked),
        "balance": write_amount(free + locked),
    }


COIN = Field(read=read_symbol, schema=ASSET)
OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        answer=open_wallet,
        body={"type": one_of("spot", "futures", is_needed=True), "asset": COIN},
    ),
    Operation(
        method="GET",
        path=PATH,
        answer=list_wallets,
        query=LIMIT | {"asset": Field(read=read_symbol, is_needed=False, schema=ASSET)},
    ),
    Operation(method="GET", path=f"{PATH}/{{id}}", answer=show),
    Operation(
        method="PUT",
        path=f"{PATH}/{{id}}",
        answer=set_balance,
        body={"balance": Field(read=read_amount, schema=SCHEMA), "reason": Field(read=_read_reason, is_needed=False)},
    ),
    Operation(method="DELETE", path=f"{PATH}/{{id}}", answer=close, status=204),
)
