"""A key made over the API signs requests of the exchange's protocol at once, as far as it may, and no more when it is revoked."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from paper.users.api_keys import write_public_key
from paper.users.records import ApiKey, AuditEntry, RefreshToken, User
from tests.paper.api.site import PASSWORD, Site, call

PATH = "/api/users/api-keys"
REJECTED = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "20000",
}


class Client:
    """Somebody's program, with a key of either kind."""

    def __init__(self, site: Site, user: User, *permissions: str, signs: bool = False, addresses: Any = ()) -> None:
        self._site, self._private = site, Ed25519PrivateKey.generate() if signs else None
        asked: dict[str, Any] = {"label": "bot", "permissions": list(permissions), "addresses": list(addresses)}
        asked["kind"] = "ed25519" if signs else "hmac"
        if self._private:
            asked["public_key"] = write_public_key(self._private.public_key().public_bytes_raw())
        self.told = site.ask("POST", PATH, asked, site.sign_in(user).access).json()
        self.key, self._secret = self.told["key"], self.told.get("secret", "")

    def ask(self, method: str, path: str, peer: str = "127.0.0.1", **parameters: Any) -> httpx.Response:
        """A signed request."""
        now = int(self._site.membership.now().timestamp() * 1_000)
        query = urlencode(parameters | {"timestamp": now})
        signature = (
            base64.b64encode(self._private.sign(query.encode())).decode()
            if self._private
            else hmac.new(self._secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        )
        asked = f"{path}?{query}&signature={quote(signature, safe='')}"
        headers = {"X-MBX-APIKEY": self.key}
        (answer,) = self._site.together([lambda client: call(client, method, asked, headers=headers)], peer)
        return answer


@pytest.mark.parametrize("signs", [False, True], ids=["hmac", "ed25519"])
def test_a_key_trades_until_it_is_revoked(site: Site, signs: bool) -> None:
    user = site.join(f"trader-{signs}@example.com")
    client = Client(site, user, "read", "trade", signs=signs)
    placed = client.ask("POST", "/api/v3/order", **ORDER)
    assert placed.status_code == 200, placed.text
    account = client.ask("GET", "/api/v3/account").json()
    assert (account["balances"], account["canTrade"]) == (
        [{"asset": "USDT", "free": "9800.00000000", "locked": "200.00000000"}],
        True,
    )
    token = site.sign_in(user).access
    (shown,) = site.ask("GET", PATH, token=token).json()["api_keys"]
    assert shown["last_used"] == site.membership.now().isoformat()
    assert site.ask("DELETE", f"{PATH}/{client.key}", token=token).status_code == 204
    refused = client.ask("GET", "/api/v3/account")
    assert (refused.status_code, refused.json()) == (401, REJECTED)


def test_a_reading_key_reads_and_never_trades(site: Site) -> None:
    user = site.join("reader@example.com")
    client = Client(site, user, "read")
    assert client.ask("GET", "/api/v3/account").json()["canTrade"] is False
    assert client.ask("POST", "/api/v3/order", **ORDER).json() == REJECTED
    flags = client.ask("GET", "/sapi/v1/account/apiRestrictions").json()
    assert [name for name, is_set in flags.items() if is_set is True] == ["enableReading"]
    assert (
        Client(site, user, "read", "trade").ask("GET", "/sapi/v1/account/apiRestrictions").json()["enableWithdrawals"]
        is False
    )


def test_a_key_is_good_from_its_addresses_alone(site: Site) -> None:
    client = Client(site, site.join("bound@example.com"), "read", addresses=["203.0.113.0/24"])

    assert client.ask("GET", "/api/v3/account", peer="203.0.113.9").status_code == 200
    assert client.ask("GET", "/api/v3/account", peer="198.51.100.1").json() == REJECTED
    assert client.ask("GET", "/sapi/v1/account/apiRestrictions", peer="203.0.113.9").json()["ipRestrict"] is True


def test_a_key_opens_its_owners_account_alone(site: Site) -> None:
    one, two = site.join("one@keys.com"), site.join("two@keys.com")
    mine, theirs = Client(site, one, "read", "trade"), Client(site, two, "read", "trade")
    number = mine.ask("POST", "/api/v3/order", **ORDER).json()["orderId"]

    assert theirs.ask("GET", "/api/v3/order", symbol="BTCUSDT", orderId=number).json()["code"] == -2013
    assert theirs.ask("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=number).json()["code"] == -2011
    assert theirs.ask("GET", "/api/v3/openOrders").json() == []
    mine._secret = theirs._secret
    assert mine.ask("GET", "/api/v3/account").json()["code"] == -1022


def test_who_leaves_takes_his_orders_and_keys_along() -> None:
    site = Site()
    told = {"email": "eve@example.com", "password": PASSWORD, "name": "Eve"}
    name = site.ask("POST", "/api/users", told).json()["id"]
    user = site.directory.user_of_email(told["email"])
    assert user
    client = Client(site, user, "read", "trade")
    for symbol, price in (("BTCUSDT", "20000"), ("ETHUSDT", "1500"), ("BTCUSDT", "21000")):
        assert client.ask("POST", "/api/v3/order", **ORDER | {"symbol": symbol, "price": price}).status_code == 200
    token = site.sign_in(user).access
    site.journal.written.clear()
    assert site.ask("DELETE", "/api/users/profile", {"current_password": PASSWORD}, token).status_code == 204
    (whole,) = site.journal.written  # one command: nobody is half gone, whatever ends the platform
    assert len(whole.reports) == 3 and whole.entry
    assert {type(one) for one in whole.records} == {User, RefreshToken, ApiKey, AuditEntry}
    assert client.ask("GET", "/api/v3/account").json() == REJECTED
    assert dict(site.venue.ledger.holdings(name, "locked")) == {}
    assert dict(site.venue.ledger.holdings(name, "spot")) == {"USDT": 10_000}
    assert not any(site.venue.ledger.totals().values())
    site.close()
