"""The paper balance: shown, set, switched off, begun anew; each change of it is a deposit or a withdrawal of the same commit."""

from decimal import Decimal
from typing import Any

import pytest

from paper.engine.changes import Changes, Deposited, Withdrawn
from paper.users.records import AuditEntry, TradingConfig, User
from tests.paper.api.site import Site
from tests.paper.api.test_trading_keys import ORDER, Client

PATH = "/api/settings"
BALANCE = f"{PATH}/paper-balance/spot"
RANGE = {"error": "Balance must be between $10 and $1,000,000"}


class Owner:
    """A user with a key that trades."""

    def __init__(self, site: Site, email: str) -> None:
        self.site, self.user = site, site.join(email)
        self.token, self.bot = site.sign_in(self.user).access, Client(site, self.user, "read", "trade")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON."""
        answer = self.site.ask(method, path, body, self.token)
        return answer.status_code, answer.json()


@pytest.fixture
def owner(site: Site, request: pytest.FixtureRequest) -> Owner:
    """Somebody new."""
    return Owner(site, f"{abs(hash(request.node.name))}@example.com")


def told(balance: str, **more: object) -> dict[str, object]:
    return {"trading_type": "spot", "paper_balance_usdt": balance} | more


def set_to(balance: str) -> dict[str, object]:
    return told(balance, message="Paper balance updated successfully")


def test_a_balance_is_set_by_a_flow_of_the_same_commit(owner: Owner) -> None:
    assert owner.ask("GET", BALANCE) == (200, told("10000.00000000", dry_run_mode=True))
    owner.site.journal.written.clear()
    assert owner.ask("PUT", BALANCE, {"balance": 5000.50}) == (200, set_to("5000.50000000"))
    (whole,) = owner.site.journal.written
    assert [type(one) for one in whole.records] == [Withdrawn, TradingConfig, AuditEntry]
    assert whole.entry and (whole.entry.kind, whole.entry.reason, whole.entry.actor) == (
        "withdrawal",
        "paper balance",
        str(owner.user.id),
    )
    assert owner.ask("PUT", BALANCE, {"balance": "5000.50000001"}) == (200, set_to("5000.50000001"))
    assert owner.ask("PUT", BALANCE, {"balance": "5000.50000001"}) == (200, set_to("5000.50000001"))  # nothing moves
    sent = owner.bot.ask("GET", "/sapi/v1/capital/withdraw/history").json()
    came = owner.bot.ask("GET", "/sapi/v1/capital/deposit/hisrec").json()
    assert [(row["coin"], row["amount"], row["status"]) for row in sent] == [("USDT", "4999.50000000", 6)]
    assert [(row["amount"], row["status"]) for row in came] == [("0.00000001", 1), ("10000.00000000", 1)]
    assert not any(owner.site.venue.ledger.totals().values())
    trail = owner.ask("GET", "/api/audit-logs?limit=3")[1]["audit_logs"]
    assert [row["action"] for row in trail] == ["set_balance"] * 3
    assert (
        trail[2]["old_values"] == {"paper_balance_usdt": "10000"} and trail[2]["table_name"] == "user_trading_configs"
    )


def test_what_orders_hold_can_not_be_taken_and_a_trade_shows(owner: Owner) -> None:
    assert owner.bot.ask("POST", "/api/v3/order", **ORDER).status_code == 200
    before = owner.ask("GET", BALANCE)
    assert before == (200, told("10000.00000000", dry_run_mode=True))
    refusal = {"error": "Balance must be at least the 200.00000000 USDT held by open orders"}
    assert owner.ask("PUT", BALANCE, {"balance": 199.99}) == (409, refusal)
    assert owner.ask("GET", BALANCE) == before and not owner.site.venue.ledger.has_moved
    assert owner.ask("PUT", BALANCE, {"balance": 200}) == (200, set_to("200.00000000"))
    assert owner.ask("PUT", BALANCE, {"balance": 10000}) == (200, set_to("10000.00000000"))
    owner.bot.ask("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quoteOrderQty="1000")
    assert Decimal(owner.ask("GET", BALANCE)[1]["paper_balance_usdt"]) < 9_001


@pytest.mark.parametrize("balance", [9.99, 1_000_000.01, "9.99999999", -5000, 0, "1000000.00000001"])
def test_a_balance_outside_the_limits_is_refused(owner: Owner, balance: object) -> None:
    assert owner.ask("PUT", BALANCE, {"balance": balance}) == (400, RANGE)


@pytest.mark.parametrize("balance", [10, 1_000_000, "10.00000000"])
def test_the_limits_themselves_are_taken(owner: Owner, balance: object) -> None:
    assert owner.ask("PUT", BALANCE, {"balance": balance})[0] == 200


@pytest.mark.parametrize(
    "body",
    [b'{"balance": 1e999999999}', b'{"balance": 1e-999999999}', b'{"balance": true}', b'{"balance": null}', b'{"balance": "1e3"}', b'{"balance": "5,000"}',
     b'{"balance": " 50"}', b'{"balance": 50.000000001}', b'{"balance": "\\u0665\\u0660"}', b'{"balance": [50]}', b'{}', b'{"balance": 50, "x": 1}'],
)  # fmt: skip
def test_a_balance_that_is_no_amount_is_refused(owner: Owner, body: bytes) -> None:
    status, answer = owner.ask("PUT", BALANCE, body)
    assert status == 400 and answer["error"] == "Invalid input" and answer["details"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "paper-balance", None), ("PUT", "paper-balance", {"balance": 50}), ("PUT", "dry-run-mode", {"dry_run_mode": False}), ("POST", "reset", None)],
)  # fmt: skip
def test_types_that_there_are_not(owner: Owner, method: str, path: str, body: Any) -> None:
    wrong = {"error": "Invalid trading type. Must be 'spot' or 'futures'"}
    assert owner.ask(method, f"{PATH}/{path}/margin", body) == (400, wrong)
    status, answer = owner.ask(method, f"{PATH}/{path}/futures", body)
    assert (status, answer["error"]) == (409, "This platform has no futures accounts yet.")


def test_while_the_mode_is_off_orders_are_only_taken_back(owner: Owner) -> None:
    number = owner.bot.ask("POST", "/api/v3/order", **ORDER).json()["orderId"]
    mode = f"{PATH}/dry-run-mode/spot"
    assert owner.ask("PUT", mode, {"dry_run_mode": False}) == (200, told("10000.00000000", dry_run_mode=False))
    refused = owner.bot.ask("POST", "/api/v3/order", **ORDER | {"price": "20001"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"code": -2010, "msg": "This action is disabled on this account."},
    )
    replacing = ORDER | {"cancelReplaceMode": "STOP_ON_FAILURE", "cancelOrderId": number}
    assert owner.bot.ask("POST", "/api/v3/order/cancelReplace", **replacing).json()["code"] == -2021
    assert owner.bot.ask("GET", "/api/v3/openOrders").json() == []
    assert owner.bot.ask("GET", "/api/v3/account").json()["canTrade"] is False
    assert owner.ask("PUT", mode, {"dry_run_mode": "no"})[0] == 400
    assert owner.ask("PUT", mode, {"dry_run_mode": True})[1]["dry_run_mode"] is True
    assert owner.bot.ask("POST", "/api/v3/order", **ORDER | {"price": "20002"}).status_code == 200


def test_a_reset_is_one_command_and_the_past_stays(owner: Owner) -> None:
    owner.bot.ask("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quoteOrderQty="1000")
    for symbol, price in (("BTCUSDT", "20000"), ("ETHUSDT", "1500")):
        assert owner.bot.ask("POST", "/api/v3/order", **ORDER | {"symbol": symbol, "price": price}).status_code == 200
    owner.site.journal.written.clear()
    assert owner.ask("POST", f"{PATH}/reset/spot") == (
        200,
        told("10000.00000000", message="Paper account reset successfully"),
    )
    whole: Changes = owner.site.journal.written[-1]
    assert len(whole.reports) == 2 and whole.entry and whole.entry.kind == "reset"
    assert [type(one) for one in whole.records] == [Withdrawn, Deposited, TradingConfig, AuditEntry]
    assert owner.bot.ask("GET", "/api/v3/account").json()["balances"] == [
        {"asset": "USDT", "free": "10000.00000000", "locked": "0.00000000"}
    ]
    assert len(owner.bot.ask("GET", "/api/v3/myTrades", symbol="BTCUSDT").json()) >= 1
    assert len(owner.bot.ask("GET", "/sapi/v1/capital/deposit/hisrec").json()) == 2


def test_anothers_balance_stays(owner: Owner, ann: User) -> None:
    assert owner.ask("PUT", BALANCE, {"balance": 50})[0] == 200
    token = owner.site.sign_in(ann).access
    assert owner.site.ask("GET", BALANCE, token=token).json()["paper_balance_usdt"] == "10000.00000000"
