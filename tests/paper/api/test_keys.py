"""API keys by the API: what is told of one once, and never again."""

import json
from collections.abc import AsyncIterator

import pytest

from paper.users.key_commands import open_secret
from paper.users.sessions import authenticate, log_out
from tests.paper.api.site import Site

PATH = "/api/users/api-keys"
PUBLIC = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"


def test_a_secret_is_told_once(site: Site) -> None:
    user = site.join("once@example.com")
    token = site.sign_in(user).access
    answer = site.ask(
        "POST", PATH, {"label": "bot", "permissions": ["read"], "kind": "hmac", "addresses": ["203.0.113.7"]}, token
    )
    told, kept = answer.json(), site.directory.key(answer.json()["key"])
    assert kept and answer.status_code == 201

    assert open_secret(site.membership.vault, kept).value == told.pop("secret")
    assert told == {
        "key": kept.key,
        "label": "bot",
        "kind": "hmac",
        "permissions": ["read"],
        "addresses": ["203.0.113.7/32"],
        "public_key": None,
        "created_at": site.membership.now().isoformat(),
        "last_used": None,
    }
    assert site.ask("GET", PATH, token=token).json() == {"api_keys": [told], "next": None}
    assert site.ask("DELETE", f"{PATH}/{kept.key}", token=token).status_code == 204
    assert site.ask("DELETE", f"{PATH}/{kept.key}", token=token).status_code == 404
    assert site.ask("GET", PATH, token=token).json() == {"api_keys": [], "next": None}


def test_an_ed25519_key_has_no_secret(site: Site) -> None:
    token = site.sign_in(site.join("public@example.com")).access
    told = site.ask(
        "POST", PATH, {"label": "bot", "permissions": ["read", "trade"], "kind": "ed25519", "public_key": PUBLIC}, token
    ).json()

    assert (told["public_key"], told["permissions"], "secret" in told) == (PUBLIC, ["read", "trade"], False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"permissions": ["read", "withdraw"]}, "permissions"),
        ({"permissions": []}, "permissions"),
        ({"kind": "rsa"}, "kind"),
        ({"kind": "ed25519"}, "public_key"),
        ({"public_key": PUBLIC}, "public_key"),
        ({"public_key": "x"}, "public_key"),
        ({"addresses": ["x"]}, "addresses"),
        ({"label": ""}, "label"),
        ({"secret": "mine"}, "secret"),
        ({"user": "another"}, "user"),
    ],
)
def test_what_is_no_key(site: Site, wrong: dict[str, object], field: str) -> None:
    user = site.directory.user_of_email("wrong@example.com") or site.join("wrong@example.com")
    asked = {"label": "bot", "permissions": ["read"], "kind": "hmac"} | wrong
    answer = site.ask("POST", PATH, asked, site.sign_in(user).access)

    assert answer.status_code == 400 and list(answer.json()["details"]) == [field]


def test_nobody_has_more_than_twenty(site: Site) -> None:
    token = site.sign_in(site.join("many@example.com")).access
    asked = {"label": "bot", "permissions": ["read"], "kind": "hmac"}
    answers = [site.ask("POST", PATH, asked, token) for _ in range(21)]

    assert [one.status_code for one in answers] == [201] * 20 + [409]
    assert "20 keys" in answers[-1].json()["error"] and answers[-1].json()["action_required"]


def test_a_session_that_ends_while_its_body_comes_makes_no_key(site: Site) -> None:
    """Who holds a body back can't outlive a logout, or a new password, with a token that was good when he began."""
    user, members = site.join("slow@example.com"), site.membership
    token = site.sign_in(user).access
    body = json.dumps({"label": "bot", "permissions": ["read", "trade"], "kind": "hmac"}).encode()

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:9]
        now = members.now()
        members.write(log_out(members.directory, authenticate(members.directory, members.signer, token, now), now))
        yield body[9:]

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    (answer,) = site.together([lambda client: client.post(PATH, content=slowly(), headers=headers)])
    assert answer.status_code == 401
    assert site.directory.keys_of(user.id) == []
