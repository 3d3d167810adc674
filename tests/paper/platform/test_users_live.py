"""The platform's users over HTTP: a key made by its owner trades at once, outlives SIGKILL, and stops at once when revoked."""

import json
import signal
import urllib.error
import urllib.request
from typing import Any

from paper.storage.laws import list_breaches
from sql.connect import connect
from sql.rows import load_values
from tests.paper.platform.served import Client, Served
from tests.paper.platform.test_restarts import SYMBOLS

PERSON = {"email": "ann@example.com", "password": "correct horse battery"}
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "20000",
}


def ask(served: Served, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> tuple[int, Any]:
    """Status and JSON of an answer under /api."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    sent |= {"Content-Type": "application/json"} if body is not None else {}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{served.url}/api/{path}", data=data, method=method, headers=sent | headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.loads(response.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_a_user_registers_trades_is_killed_and_goes_on(served: Served) -> None:
    served.start()
    status, profile = ask(served, "POST", "users/register", PERSON | {"name": "Ann"})
    assert status == 201
    tokens = ask(served, "POST", "users/login", PERSON)[1]
    wanted = {"label": "bot", "permissions": ["read", "trade"], "kind": "hmac"}
    made = ask(served, "POST", "users/api-keys", wanted, tokens["access_token"])[1]
    bot = Client(url=served.url, key=made["key"], secret=made["secret"])
    number = bot.ask("POST", "/api/v3/order", **ORDER)["orderId"]
    held = bot.ask("GET", "/api/v3/account")["balances"]
    assert held == [{"asset": "USDT", "free": "9800.00000000", "locked": "200.00000000"}]
    assert ask(served, "PUT", "settings/paper-balance/spot", {"balance": 5000}, tokens["access_token"])[0] == 200
    assert ask(served, "PUT", "settings/dry-run-mode/spot", {"dry_run_mode": False}, tokens["access_token"])[0] == 200
    held = [{"asset": "USDT", "free": "4800.00000000", "locked": "200.00000000"}]
    assert "ann@example.com is admin now" in served.run("user", "grant", "ANN@example.com", "--url", served.url)

    served.end(signal.SIGKILL)
    bot.url = served.start().url
    assert bot.ask("GET", "/api/v3/account")["balances"] == held
    assert [one["orderId"] for one in bot.ask("GET", "/api/v3/openOrders")] == [number]
    (deposit,) = bot.ask("GET", "/sapi/v1/capital/deposit/hisrec")
    assert (deposit["coin"], deposit["amount"]) == ("USDT", "10000.00000000")
    (withdrawal,) = bot.ask("GET", "/sapi/v1/capital/withdraw/history")
    assert (withdrawal["coin"], withdrawal["amount"], withdrawal["status"]) == ("USDT", "5000.00000000", 6)
    config = {"trading_type": "spot", "paper_balance_usdt": "5000.00000000", "dry_run_mode": False}
    assert ask(served, "GET", "settings/paper-balance/spot", token=tokens["access_token"]) == (200, config)
    assert bot.refusal("POST", "/api/v3/order", **ORDER) == (400, -2010)
    access = tokens["access_token"]
    assert ask(served, "PUT", "settings/dry-run-mode/spot", {"dry_run_mode": True}, access)[0] == 200
    wanted = {"type": "buy", "symbol": "BTC", "quantity": "0.01", "price": "20000", "clientOrderId": "mine"}
    status, order = ask(served, "POST", "orders", wanted, access)
    assert (status, order["status"]) == (201, "pending") and ask(served, "POST", "orders", wanted, access)[1] == order
    status, order = ask(served, "DELETE", f"orders/{order['orderId']}", token=access)
    assert (status, order["status"]) == (200, "cancelled")
    assert ask(served, "POST", "orders", wanted, access) == (201, order)  # it was given once
    listed = ask(served, "GET", "orders?symbol=BTC&limit=1&status=cancelled", token=access)
    assert listed == (200, {"orders": [order], "next": None})
    assert [one["orderId"] for one in ask(served, "GET", "orders", token=access)[1]["orders"]] == [
        order["orderId"],
        number,
    ]
    assert ask(served, "GET", f"orders/{number}", token=access)[1]["filledQuantity"] == "0.00000000"
    assert ask(served, "GET", "orders?since=2026-01-01T00:00:00%2B23:59", token=access)[0] == 200
    bought = ask(served, "POST", "orders", {"type": "buy", "symbol": "BTC", "quantity": "0.001"}, access)[1]
    (trade, *_), _ = ask(served, "GET", "trades?symbol=BTC", token=access)[1].values()
    assert trade["orderId"] == bought["orderId"]
    assert ask(served, "GET", f"trades/{trade['tradeId']}", token=access) == (200, trade)
    assert ask(served, "GET", "users/profile", token=tokens["access_token"]) == (200, profile | {"role": "admin"})
    trail = ask(served, "GET", "audit-logs", token=tokens["access_token"])[1]["audit_logs"]
    assert [one["action"] for one in trail] == ["switch", "grant", "switch", "set_balance", "make_key", "register"]
    assert made["secret"] not in json.dumps(trail)

    status, tokens = ask(served, "POST", "users/refresh_token", {"refresh_token": tokens["refresh_token"]})
    assert status == 200
    assert ask(served, "DELETE", f"users/api-keys/{made['key']}", token=tokens["access_token"]) == (204, None)
    assert bot.refusal("GET", "/api/v3/account") == (401, -2015)
    served.end(signal.SIGKILL)
    bot.url = served.start().url
    assert bot.refusal("GET", "/api/v3/account") == (401, -2015)
    leaving = {"current_password": PERSON["password"]}
    assert ask(served, "DELETE", "users/profile", leaving, tokens["access_token"]) == (204, None)
    assert ask(served, "POST", "users/login", PERSON)[0] == 401
    assert ask(served, "POST", "users", PERSON | {"name": "Ann"})[0] == 201

    guess = {"email": "nobody@example.com", "password": "wrong password"}
    told = [ask(served, "POST", "users/login", guess, **{"X-Forwarded-For": f"203.0.113.{n}"})[0] for n in range(11)]
    assert told == [401] * 10 + [429]  # nobody is a proxy whose word counts

    assert served.end(signal.SIGTERM)[0] == 0
    with connect(served.database.paper_url, name="test", schema="paper") as db:
        assert list_breaches(db, SYMBOLS) == []
        assert load_values(db, "select status from orders order by id") == ["canceled", "canceled", "filled"]
        secrets = [made["secret"], PERSON["password"], tokens["refresh_token"], tokens["access_token"]]
        for table in ("users", "refreshtokens", "api_keys", "audit_logs"):
            rows = str(db.execute(f"select * from {table}").fetchall())
            assert not any(secret in rows for secret in secrets)
