"""Wallets: one of each coin, with money or without; a balance that is set is a flow, within limits."""

from typing import Any

import pytest

from paper.engine.changes import Deposited
from paper.users.records import AuditEntry
from tests.paper.api.site import Site
from tests.paper.api.test_settings import RANGE, Owner
from tests.paper.api.test_trading_keys import ORDER

PATH = "/api/wallets"


@pytest.fixture
def owner(site: Site, request: pytest.FixtureRequest) -> Owner:
    """Somebody new."""
    return Owner(site, f"{abs(hash(request.node.name))}@wallets.com")


def wallet(owner: Owner, asset: str) -> dict[str, Any]:
    status, told = owner.ask("POST", PATH, {"type": "spot", "asset": asset})
    assert status == 200, told
    return dict(told)


def test_a_wallet_shows_what_is_free_and_locked(owner: Owner) -> None:
    owner.bot.ask("POST", "/api/v3/order", **ORDER)
    told = {"free": "9800.00000000", "locked": "200.00000000", "balance": "10000.00000000"}
    usdt = wallet(owner, "USDT")
    assert usdt == {"walletId": usdt["walletId"], "userId": str(owner.user.id), "type": "spot", "asset": "USDT"} | told
    assert owner.ask("GET", PATH) == (200, {"wallets": [usdt], "next": None})
    empty = wallet(owner, "BTC")
    assert owner.ask("GET", f"{PATH}?asset=BTC")[1]["wallets"] == [empty] and empty["balance"] == "0.00000000"
    assert owner.site.ask("DELETE", f"{PATH}/{empty['walletId']}", token=owner.token).status_code == 204
    assert owner.ask("DELETE", f"{PATH}/{usdt['walletId']}")[0] == 409
    assert owner.ask("POST", PATH, {"type": "spot", "asset": "NOPE"})[0] == 400
    assert owner.ask("POST", PATH, {"type": "futures", "asset": "USDT"})[0] == 409


def test_a_balance_that_is_set_is_a_flow(owner: Owner) -> None:
    path = f"{PATH}/{wallet(owner, 'BTC')['walletId']}"
    owner.site.journal.written.clear()
    status, told = owner.ask("PUT", path, {"balance": "0.5", "reason": "a gift"})
    assert (status, told["free"]) == (200, "0.50000000")
    (whole,) = owner.site.journal.written
    assert [type(one) for one in whole.records] == [Deposited, AuditEntry]
    assert whole.entry and (whole.entry.kind, whole.entry.reason) == ("deposit", "a gift")
    assert owner.ask("PUT", path, {"balance": 0})[1]["balance"] == "0.00000000"
    sent = owner.bot.ask("GET", "/sapi/v1/capital/withdraw/history").json()
    assert [(row["coin"], row["amount"]) for row in sent] == [("BTC", "0.50000000")]
    assert not any(owner.site.venue.ledger.totals().values())


def test_limits_and_what_orders_hold(owner: Owner) -> None:
    usdt, btc = (f"{PATH}/{wallet(owner, asset)['walletId']}" for asset in ("USDT", "BTC"))
    assert owner.ask("PUT", usdt, {"balance": 9}) == (400, RANGE)
    refused = owner.ask("PUT", btc, {"balance": 100})[1]
    assert refused["error"].startswith("Balance must be between 0 and $1,000,000 worth")
    assert owner.ask("PUT", btc, {"balance": -1})[0] == 400
    owner.bot.ask("POST", "/api/v3/order", **ORDER)
    refusal = {"error": "Balance must be at least the 200.00000000 USDT held by open orders"}
    assert owner.ask("PUT", usdt, {"balance": 100}) == (409, refusal)
    assert owner.ask("PUT", usdt, {"balance": 300})[1]["free"] == "100.00000000"
    assert owner.ask("GET", "/api/settings/paper-balance/spot")[1]["paper_balance_usdt"] == "300.00000000"


def test_wallets_are_listed_by_name_and_in_parts(owner: Owner) -> None:
    for asset in ("ETH", "BTC"):
        owner.ask("PUT", f"{PATH}/{wallet(owner, asset)['walletId']}", {"balance": "0.1"})
    first = owner.ask("GET", f"{PATH}?limit=2")[1]
    rest = owner.ask("GET", f"{PATH}?limit=2&before={first['next']}")[1]
    assert [[one["asset"] for one in part["wallets"]] for part in (first, rest)] == [["BTC", "ETH"], ["USDT"]]
    assert rest["next"] is None
