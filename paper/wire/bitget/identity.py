"""Whose key it is, what it may do, and which system the account is of."""

from typing import Any

from paper.histories.accounts import Account
from paper.wire.bitget.request import Asked, stamp
from paper.wire.bitget.signing import WRITES, list_rights

LISTED = "192.0.2.1"  # the address that the key is bound to


def account_info(asked: Asked) -> Any:
    """GET /api/v2/spot/account/info"""
    return _who(asked) | {"authorities": list_rights(asked.account), "traderType": "not_trader"}


def unified_info(asked: Asked) -> Any:
    """GET /api/v3/account/info: no right is needed"""
    account = asked.account
    may_write = account.permissions.get(WRITES, False) or account.permissions.get("withdraw", False)
    kind = "read-and-write" if may_write else "read-only"
    return _who(asked) | {"permType": kind, "permissions": list_rights(account)}


def _who(asked: Asked) -> dict[str, Any]:
    return {
        "userId": str(asked.account.uid),
        "inviterId": "",
        "parentId": _master(asked),
        "channelCode": "",
        "channel": "",
        "ips": LISTED,
        "regisTime": stamp(asked.account.created_at),
    }


def _master(asked: Asked) -> str:
    """The number of the account's master; its own without one on a classic account, nothing on a unified one."""
    account: Account | None = asked.venue.accounts.get(asked.account.master)
    if account:
        return str(account.uid)
    return "" if asked.account.is_unified else str(asked.account.uid)


def settings(asked: Asked) -> Any:
    """GET /api/v3/account/settings"""
    return {
        "uid": str(asked.account.uid),
        "accountMode": asked.account.system,
        "assetMode": "multi_assets",
        "accountLevel": "advanced",
        "holdMode": "hedge_mode" if asked.account.is_hedged else "one_way_mode",
        "stpMode": "none",
        "symbolConfigList": [],
        "coinConfigList": [],
    }
