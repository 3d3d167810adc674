"""People by the API: they join, log in, go on, change themselves, and leave."""

import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from paper.engine.changes import AccountOpened, Deposited
from paper.users.fields import fold_email
from paper.users.profiles import update
from paper.users.records import AuditEntry, Role, TradingConfig, User
from paper.users.signed_tokens import Type
from tests.paper.api.site import PASSWORD, START, Site, call
from tests.paper.users.people import ORIGIN

UNKNOWN = {"error": "Authentication required"}
WRONG = UNKNOWN | {"details": "The e-mail address or the password is wrong."}
LOGIN, REFRESH, PROFILE = "/api/users/login", "/api/users/refresh_token", "/api/users/profile"


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that were checked."""
    found: list[str] = []
    check = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, kept, word: found.append(kept) or check(self, kept, word)
    )
    return found


def test_a_registration_is_a_user_with_an_account_and_a_deposit(site: Site, ann: User) -> None:
    account, name = site.venue.accounts[str(ann.id)], str(ann.id)
    (deposit,) = account.deposits

    assert (deposit.asset, deposit.amount, deposit.status) == ("USDT", Decimal(10_000), "credited")
    assert dict(site.venue.ledger.holdings(name, "spot")) == {"USDT": Decimal(10_000)}
    assert not any(site.venue.ledger.totals().values())
    assert [row.change for row in site.venue.books.wallet(name, ["spot"])] == [Decimal(10_000)]
    assert site.ask("GET", PROFILE, token=site.sign_in(ann).access).json() == {
        "id": name,
        "email": "ann@example.com",
        "name": "Ann",
        "date_of_birth": None,
        "role": "user",
        "is_verified": False,
        "created_at": START.isoformat(),
        "configured_exchanges": [],
    }


def test_a_registration_is_one_command() -> None:
    site = Site()
    assert (
        site.ask("POST", "/api/users", {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"}).status_code
        == 201
    )
    (whole,) = site.journal.written
    site.close()

    assert [type(one) for one in whole.records] == [AccountOpened, Deposited, User, TradingConfig, AuditEntry]
    assert whole.entry and [one.amount for one in whole.entry.movements] == [Decimal(10_000)]


def test_what_a_registration_lacks_is_said_field_by_field(site: Site, ann: User) -> None:
    answer = site.ask(
        "POST", "/api/users", {"email": "x", "password": "short", "date_of_birth": "yesterday", "admin": True}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid input")
    assert set(answer.json()["details"]) == {"email", "password", "name", "date_of_birth", "admin"}
    taken = {"email": "ANN@Example.com", "password": PASSWORD, "name": "Ann"}
    assert site.ask("POST", "/api/users/register", taken).status_code == 409
    future = taken | {"email": "x@example.com", "date_of_birth": "2026-03-02"}
    assert site.ask("POST", "/api/users/register", future).json()["details"] == {"date_of_birth": "is in the future"}


def test_two_who_join_with_one_address_at_once_are_one(site: Site) -> None:
    told = {"email": "two@example.com", "password": PASSWORD, "name": "Two"}
    answers = site.together([lambda client: call(client, "POST", "/api/users", told)] * 2)

    user = site.directory.user_of_email(told["email"])

    assert sorted(one.status_code for one in answers) == [201, 409]
    assert user and len(site.venue.accounts[str(user.id)].deposits) == 1
    assert {
        one.id for one in map(site.directory.user, map(UUID, site.venue.accounts)) if one and one.name == "Two"
    } == {user.id}


def test_a_login_and_what_its_tokens_open(site: Site, ann: User) -> None:
    answer = site.ask("POST", LOGIN, {"email": "ANN@example.com", "password": PASSWORD})
    told = answer.json()
    assert answer.status_code == 200
    assert (told["expires_in"], told["refresh_expires_in"]) == (3_600, 604_800)
    good = site.ask("POST", "/api/users/validate", {"token": told["access_token"]}).json()
    ends = (START + timedelta(hours=1)).isoformat()
    assert good == {"valid": True, "user_id": str(ann.id), "role": "user", "expires_at": ends}
    assert site.ask("POST", "/api/users/validate", {"token": told["refresh_token"]}).json() == {"valid": False}
    assert site.ask("GET", PROFILE, token=told["refresh_token"]).json() == UNKNOWN
    assert site.ask("POST", "/api/users/logout", token=told["access_token"]).status_code == 204
    assert site.ask("GET", PROFILE, token=told["access_token"]).json() == UNKNOWN
    assert site.ask("POST", REFRESH, {"refresh_token": told["refresh_token"]}).json() == UNKNOWN


def test_nobody_learns_whether_an_address_is_known(site: Site, ann: User, verified: list[str]) -> None:
    tries = [("ann@example.com", "wrong password"), ("nobody@example.com", "wrong password")]
    answers = [site.ask("POST", LOGIN, {"email": email, "password": word}) for email, word in tries]

    assert [(one.status_code, one.json()) for one in answers] == [(401, WRONG)] * 2
    assert len(verified) == 2 and len(set(verified)) == 2
    assert answers[0].headers.items() == answers[1].headers.items()


def test_of_twenty_who_refresh_at_once_one_goes_on(site: Site) -> None:
    user = site.join("twenty@example.com")
    shown = {"refresh_token": site.sign_in(user).refresh}
    answers = site.together([lambda client: call(client, "POST", REFRESH, shown)] * 20)

    assert sorted(one.status_code for one in answers) == [200, *[401] * 19]
    (told,) = [one.json() for one in answers if one.status_code == 200]
    assert site.ask("GET", PROFILE, token=told["access_token"]).status_code == 200
    assert site.ask("POST", REFRESH, {"refresh_token": told["refresh_token"]}).status_code == 200


def test_a_stolen_token_ends_its_session_and_the_trail_says_so() -> None:
    site = Site()
    user = site.join("stolen@example.com")
    first, other = site.sign_in(user), site.sign_in(user)
    second = site.ask("POST", REFRESH, {"refresh_token": first.refresh}).json()
    site.advance(seconds=11)
    assert site.ask("POST", REFRESH, {"refresh_token": first.refresh}).json() == UNKNOWN
    assert site.ask("POST", REFRESH, {"refresh_token": second["refresh_token"]}).json() == UNKNOWN
    assert site.ask("GET", PROFILE, token=second["access_token"]).json() == UNKNOWN
    told = site.ask("POST", REFRESH, {"refresh_token": other.refresh}).json()  # another session goes on
    trail = site.ask("GET", "/api/audit-logs", token=told["access_token"]).json()["audit_logs"]
    assert trail[0]["action"] == "reuse" and first.refresh not in str(trail)
    site.close()


def test_a_password_ends_all_sessions_and_asks_for_the_present_one() -> None:
    site = Site()
    new = "another password"
    told = {"email": "bob@example.com", "password": PASSWORD, "name": "Bob"}
    assert site.ask("POST", "/api/users", told).status_code == 201
    user = site.directory.user_of_email(told["email"])
    assert user
    first, second = site.sign_in(user), site.sign_in(user)

    def change(**more: object) -> tuple[int, str]:
        answer = site.ask("PUT", PROFILE, more, token=first.access)
        return answer.status_code, answer.json().get("error", "")

    assert change(password=new) == (400, "Invalid input")
    assert change(password=new, current_password="wrong") == (403, "The present password is wrong.")
    assert change(email="rob@example.com", current_password="wrong")[0] == 403
    assert change(name="Rob") == (200, "")
    assert change(password=new, current_password=PASSWORD) == (200, "")
    assert [site.ask("GET", PROFILE, token=one.access).status_code for one in (first, second)] == [401, 401]
    assert [site.ask("POST", REFRESH, {"refresh_token": one.refresh}).status_code for one in (first, second)] == [
        401,
        401,
    ]
    logins = [
        site.ask("POST", LOGIN, {"email": told["email"], "password": word}).status_code for word in (PASSWORD, new)
    ]
    assert logins == [401, 200]
    site.close()


def test_who_leaves_is_gone_and_his_ledger_stays() -> None:
    site = Site()
    told = {"email": "eve@example.com", "password": PASSWORD, "name": "Eve"}
    name = site.ask("POST", "/api/users", told).json()["id"]
    user = site.directory.user_of_email(told["email"])
    assert user
    token = site.sign_in(user)
    assert site.ask("DELETE", PROFILE, token=token.access).json()["details"] == {
        "current_password": "is needed for this"
    }
    assert site.ask("DELETE", PROFILE, {"current_password": PASSWORD}, token.access).status_code == 204
    assert site.ask("GET", PROFILE, token=token.access).json() == UNKNOWN
    assert site.ask("POST", LOGIN, {"email": told["email"], "password": PASSWORD}).json() == WRONG
    assert dict(site.venue.ledger.holdings(name, "spot")) == {"USDT": Decimal(10_000)}
    assert site.ask("POST", "/api/users", told).json()["id"] != name
    site.close()


def test_ten_wrong_passwords_of_an_account_from_an_address(verified: list[str]) -> None:
    site = Site()
    told = {"email": "ann@example.com", "password": "wrong password"}
    answers = [site.ask("POST", LOGIN, told) for _ in range(11)]

    assert [one.status_code for one in answers] == [401] * 10 + [429] and len(verified) == 10
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert site.ask("POST", LOGIN, told | {"email": "ANN@example.com"}).status_code == 429
    assert site.ask("POST", LOGIN, told, headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 429
    (elsewhere,) = site.together([lambda client: call(client, "POST", LOGIN, told)], peer="203.0.113.7")
    assert elsewhere.status_code == 401
    site.advance(minutes=15)
    assert site.ask("POST", LOGIN, told).status_code == 401
    site.close()


def test_an_address_may_not_ask_without_end() -> None:
    site = Site()
    shown = {"token": "none"}
    answers = site.together([lambda client: call(client, "POST", "/api/users/validate", shown)] * 125)
    assert [one.status_code for one in answers].count(429) == 5
    user = site.join("calm@example.com")
    assert site.ask("GET", PROFILE, token=site.sign_in(user).access).status_code == 200
    site.advance(minutes=1)
    assert site.ask("POST", "/api/users/validate", shown).json() == {"valid": False}
    site.close()


def test_a_login_makes_an_outdated_hash_anew() -> None:
    site = Site()
    user = site.join("old@example.com")
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    site.directory.apply([replace(user, password=old)])
    assert site.ask("POST", LOGIN, {"email": user.email, "password": PASSWORD}).status_code == 200
    known = site.directory.user(user.id)
    assert known and known.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    site.close()


def test_by_invitation() -> None:
    site = Site(is_open=False)
    told = {"email": "Ann@example.com", "password": PASSWORD, "name": "Ann"}
    assert site.ask("POST", "/api/users", told).status_code == 403
    invitation = site.signer.sign(Type.INVITATION, fold_email(told["email"]), START)
    other = told | {"email": "bob@example.com", "invitation": invitation}
    assert site.ask("POST", "/api/users", other).json()["error"] == "Registration is by invitation."
    assert site.ask("POST", "/api/users", told | {"invitation": invitation}).status_code == 201
    assert site.ask("POST", "/api/users", told | {"invitation": invitation}).status_code == 409
    site.close()


def test_roles_are_an_admins_to_grant_and_the_operators(site: Site) -> None:
    user, other = site.join("user@example.com"), site.join("other@example.com")
    mine = site.sign_in(user).access
    asked = {"email": other.email, "role": "admin"}
    assert site.ask("POST", "/api/users/roles", asked, mine).status_code == 403
    operator = site.signer.sign(Type.OPERATOR, "operator", site.membership.now())
    assert site.ask("GET", PROFILE, token=operator).json() == UNKNOWN
    assert (
        site.ask("POST", "/api/users/roles", {"email": user.email, "role": "admin"}, operator).json()["role"] == "admin"
    )
    assert site.ask("POST", "/api/users/roles", asked, mine).json()["role"] == "admin"
    assert site.ask("POST", "/api/users/roles", asked | {"role": "owner"}, mine).status_code == 400
    assert site.ask("POST", "/api/users/roles", asked | {"email": "nobody@example.com"}, mine).status_code == 404
    known = site.directory.user(other.id)
    assert known and known.role is Role.ADMIN


def fault() -> None:
    """A fault of ours."""
    raise ZeroDivisionError


def test_a_fault_of_ours_has_a_reference_and_says_no_more(caplog: pytest.LogCaptureFixture) -> None:
    site = Site()
    token = site.sign_in(site.join("ann@example.com")).access
    site.venue.journal.require_room = fault  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR):
        answer = site.ask("GET", PROFILE, token=token)
    assert (answer.status_code, answer.json()["error"]) == (500, "Internal error")
    assert answer.json()["reference"] in caplog.text and "ZeroDivision" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    site.close()


def test_what_changes_while_a_password_is_checked_counts() -> None:
    site = Site()
    user = site.join("busy@example.com")
    checked = site.membership.passwords.fits

    async def fits_late(hashed: str | None, password: str) -> bool:
        await checked(None, password)
        known = site.directory.user(user.id)
        if known:
            site.membership.write(update(site.directory, known, {}, f"{known.password}!", ORIGIN, START)[1])
        return True

    site.membership.passwords.fits = fits_late  # type: ignore[method-assign]
    site.membership.passwords.is_outdated = lambda hashed: False  # type: ignore[method-assign]
    assert site.ask("POST", LOGIN, {"email": user.email, "password": PASSWORD}).json() == WRONG
    token = site.sign_in(user).access
    change = {"email": "other@example.com", "current_password": PASSWORD}
    assert site.ask("PUT", PROFILE, change, token).json() == UNKNOWN
    token = site.sign_in(user).access
    assert site.ask("DELETE", PROFILE, {"current_password": PASSWORD}, token).json() == UNKNOWN
    known = site.directory.user(user.id)
    assert known and known.email == user.email
    site.close()
