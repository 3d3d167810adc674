"""Routes of how one trades with play money: the balance, whether new orders are taken, and a beginning anew."""

from typing import Any

from paper.api.amounts import SCHEMA, read_amount, write_amount
from paper.api.bodies import Field
from paper.api.operations import Answer, Asked, Operation
from paper.engine.paper_balance import total_of
from paper.ledger.balances import NotEnough
from paper.trading.funds import LOCKED
from paper.users import trading_configs
from paper.users.records import TradingConfig
from paper.users.refusals import Conflict
from paper.users.trading_configs import check_balance, config_of, read_type

PATH = "/api/settings"


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _config(asked: Asked) -> TradingConfig:
    return config_of(asked.membership.directory, asked.user, read_type(asked.path["type"]))


async def show(asked: Asked) -> Answer:
    """GET /api/settings/paper-balance/{type}: what there is now, and whether new orders are taken"""
    return 200, _describe(asked)


async def set_balance(asked: Asked) -> Answer:
    """PUT /api/settings/paper-balance/{type}: a deposit or a withdrawal of the difference"""
    before, balance = _config(asked), asked.values["balance"]
    check_balance(balance)
    records = trading_configs.set_balance(before, balance, asked.origin, asked.now)
    try:
        asked.membership.set_balance(asked.user, "USDT", balance, "paper balance", records)
    except NotEnough:
        locked = asked.membership.venue.ledger.balance((str(asked.user.id), LOCKED), "USDT")
        raise Conflict(f"Balance must be at least the {write_amount(locked)} USDT held by open orders") from None
    return 200, _told(asked, "Paper balance updated successfully")


async def switch(asked: Asked) -> Answer:
    """PUT /api/settings/dry-run-mode/{type}: while it is off, no new orders are taken; those that wait may be cancelled"""
    is_on = asked.values["dry_run_mode"]
    asked.membership.switch(
        asked.user, trading_configs.switch(_config(asked), asked.origin, asked.now, is_on=is_on), is_on=is_on
    )
    return 200, _describe(asked)


async def reset(asked: Asked) -> Answer:
    """POST /api/settings/reset/{type}: orders are cancelled, coins withdrawn, and there are 10,000 USDT again; the past stays"""
    asked.membership.begin_anew(asked.user, trading_configs.begin_anew(_config(asked), asked.origin, asked.now))
    return 200, _told(asked, "Paper account reset successfully")


def _describe(asked: Asked) -> dict[str, Any]:
    config = _config(asked)
    total = total_of(asked.membership.venue, str(asked.user.id), "USDT")
    return {
        "trading_type": config.trading_type.value,
        "paper_balance_usdt": write_amount(total),
        "dry_run_mode": config.dry_run_mode,
    }


def _told(asked: Asked, message: str) -> dict[str, Any]:
    told = _describe(asked)
    del told["dry_run_mode"]
    return told | {"message": message}


OPERATIONS = (
    Operation(method="GET", path=f"{PATH}/paper-balance/{{type}}", answer=show),
    Operation(
        method="PUT",
        path=f"{PATH}/paper-balance/{{type}}",
        answer=set_balance,
        body={"balance": Field(read=read_amount, schema=SCHEMA)},
    ),
    Operation(
        method="PUT",
        path=f"{PATH}/dry-run-mode/{{type}}",
        answer=switch,
        body={"dry_run_mode": Field(read=_read_flag, schema={"type": "boolean"})},
    ),
    Operation(method="POST", path=f"{PATH}/reset/{{type}}", answer=reset),
)
